import { canStandIn, standInCrd } from '../cli/stand-in.ts'
import { type Cluster, type Gvk, idText, isApiFault, parseApiVersion } from '../object/index.ts'
import { apply } from './embedded.ts'

/** What decides about stand-ins. */
export interface StandInOptions {
  /** Says whether the repository brings the CRD of a kind by itself: then it is waited for. */
  readonly isBrought: (groupKind: string) => boolean
  readonly notice: (line: string) => void
}

/**
 * A cluster in which writing an object of a kind that nobody serves makes a stand-in CRD first.
 * Reads and watches make none: what is only looked for stays absent.
 */
export function withStandIns(inner: Cluster, options: StandInOptions): Cluster {
  const made = new Map<string, Promise<boolean>>()
  const standIn = (gvk: Gvk): Promise<boolean> => {
    const key = `${gvk.group}/${gvk.version}/${gvk.kind}`
    const known = made.get(key) ?? make(inner, gvk, options)
    made.set(key, known)
    return known
  }
  const wrap = (cluster: Cluster): Cluster => {
    const retried = async <T>(
      kind: Partial<Gvk> & { group: string; kind: string },
      work: () => Promise<T>,
    ): Promise<T> => {
      try {
        return await work()
      } catch (error) {
        if (!isApiFault(error, 'NO_MATCH') || kind.version === undefined) throw error
        if (!(await standIn({ ...kind, version: kind.version }))) throw error
        cluster.forgetDiscovery()
        return work()
      }
    }
    return {
      resource: (kind) => retried(kind, () => cluster.resource(kind)),
      get: (ref, more) => cluster.get(ref, more),
      list: (kind, more) => cluster.list(kind, more),
      watch: (kind, more) => cluster.watch(kind, more),
      create: (object, more) =>
        retried({ ...parseApiVersion(object.apiVersion), kind: object.kind }, () =>
          cluster.create(object, more),
        ),
      update: (object, more) => cluster.update(object, more),
      patch: (ref, body, more) =>
        body.type === 'apply'
          ? retried({ ...parseApiVersion(body.value.apiVersion), kind: ref.kind }, () =>
              cluster.patch(ref, body, more),
            )
          : cluster.patch(ref, body, more),
      delete: (ref, more) => cluster.delete(ref, more),
      serviceAccountToken: (account, audiences, more) =>
        cluster.serviceAccountToken(account, audiences, more),
      as: (who) => wrap(cluster.as(who)),
      forgetDiscovery: () => cluster.forgetDiscovery(),
    }
  }
  return wrap(inner)
}

async function make(cluster: Cluster, gvk: Gvk, options: StandInOptions): Promise<boolean> {
  if (!canStandIn(gvk) || options.isBrought(`${gvk.group}/${gvk.kind}`)) return false
  const crd = standInCrd(gvk)
  await apply(cluster, crd)
  options.notice(
    `${gvk.kind} (${gvk.group}) is not served here: a stand-in takes it in (${idText({ kind: 'CustomResourceDefinition', namespace: '', name: crd.metadata.name ?? '' })})`,
  )
  return true
}
