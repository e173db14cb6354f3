import { type Clock, pool } from '../base/index.ts'
import {
  ApiFault,
  apiVersionOf,
  type GroupKind,
  isApiFault,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  parseApiVersion,
  type Resource,
  stringAt,
  valueAt,
} from '../object/index.ts'

/** Asks one path and answers the JSON; undefined on 404. */
export type Ask = (path: string, accept: string) => Promise<JsonObject | undefined>

/** A kind, with or without the version to speak. */
export type KindRef = GroupKind & { readonly version?: string }

/** Where kinds live. */
export interface Discovery {
  /** @throws ApiFault NO_MATCH */
  resource(kind: KindRef): Promise<Resource>
  forget(): void
  /** Forgets one kind, whose path turned out to be unknown. */
  drop(kind: GroupKind): void
}

const AGGREGATED =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,' +
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json'
const PLAIN = 'application/json'

/** Asking again for kinds that were not found: so many at once, then so many a second. */
const REASK_BURST = 20
const REASKS_PER_SECOND = 5
const LEGACY_PARALLEL = 8

/**
 * Discovery, cached. Aggregated discovery is asked first (two requests for all), the group versions
 * one by one where a server knows no better. A kind that is not in the cache is asked for once more
 * before it is given up: its group version alone where the version is known, else everything.
 */
export function createDiscovery(ask: Ask, clock: Clock): Discovery {
  /** `group/Kind` to its resources, preferred version first. */
  let known: Map<string, Resource[]> | undefined
  /** Group versions whose server did not answer: what they serve is not known. */
  let broken: readonly GroupVersion[] = []
  let loading: Promise<Map<string, Resource[]>> | undefined
  const asking = new Map<string, Promise<void>>()
  const mayReask = bucket(clock)

  const load = (): Promise<Map<string, Resource[]>> => {
    loading ??= discoverAll(ask)
      .then((found) => {
        known = index(found.resources)
        broken = found.broken
        return known
      })
      .finally(() => {
        loading = undefined
      })
    return loading
  }
  const reask = async (kind: KindRef): Promise<void> => {
    if (kind.version === undefined) {
      await load()
      return
    }
    const gv = { group: kind.group, version: kind.version }
    const found = await groupVersion(ask, gv)
    known = index(
      [...(known?.values() ?? [])]
        .flat()
        .filter((r) => !sameGv(r, gv))
        .concat(found),
    )
  }
  const reaskOnce = (kind: KindRef): Promise<void> => {
    const key = kind.version === undefined ? '' : apiVersionOf({ ...kind, version: kind.version })
    const running = asking.get(key)
    if (running !== undefined) return running
    if (!mayReask()) return Promise.resolve()
    const started = reask(kind).finally(() => asking.delete(key))
    asking.set(key, started)
    return started
  }

  return {
    resource: async (kind) => {
      const cached = pick(known, kind)
      if (cached !== undefined) return cached
      const fresh = known === undefined
      if (fresh) {
        const found = pick(await load(), kind)
        if (found !== undefined) return found
      }
      // Aggregated discovery lags behind a CRD that was established just now; its group version
      // itself does not.
      if (!fresh || kind.version !== undefined) await reaskOnce(kind)
      const again = pick(known, kind)
      if (again !== undefined) return again
      const silent = broken.find(
        ({ group, version }) => group === kind.group && version === (kind.version ?? version),
      )
      throw silent === undefined ? noMatch(kind) : stale(silent)
    },
    forget: () => {
      known = undefined
    },
    drop: (kind) => {
      known?.delete(kindKey(kind))
    },
  }
}

/** Says yes so many times at once, and so many times a second. */
function bucket(clock: Clock): () => boolean {
  let tokens = REASK_BURST
  let refilledMs = clock.now()
  return () => {
    const nowMs = clock.now()
    tokens = Math.min(REASK_BURST, tokens + ((nowMs - refilledMs) / 1000) * REASKS_PER_SECOND)
    refilledMs = nowMs
    if (tokens < 1) return false
    tokens -= 1
    return true
  }
}

/** The fault for a kind that nobody can tell of now: it is not gone for that. */
function stale(gv: GroupVersion): ApiFault {
  const name = apiVersionOf(gv)
  return new ApiFault({
    code: 'SERVER_ERROR',
    message: `unable to retrieve the complete list of server APIs: ${name}: stale GroupVersion discovery: ${name}`,
    status: 503,
  })
}

/** The fault for a kind that the server does not serve, in the words of Kubernetes' REST mapper. */
export function noMatch(kind: KindRef): ApiFault {
  const where =
    kind.version === undefined
      ? `group "${kind.group}"`
      : `version "${apiVersionOf({ ...kind, version: kind.version })}"`
  return new ApiFault({
    code: 'NO_MATCH',
    message: `no matches for kind "${kind.kind}" in ${where}`,
    status: 0,
  })
}

function kindKey(kind: GroupKind): string {
  return `${kind.group}/${kind.kind}`
}

function sameGv(a: Resource, b: { readonly group: string; readonly version: string }): boolean {
  return a.group === b.group && a.version === b.version
}

function pick(known: Map<string, Resource[]> | undefined, kind: KindRef): Resource | undefined {
  const found = known?.get(kindKey(kind))
  if (found === undefined || kind.version === undefined) return found?.[0]
  return found.find((resource) => resource.version === kind.version)
}

function index(resources: readonly Resource[]): Map<string, Resource[]> {
  const map = new Map<string, Resource[]>()
  for (const resource of resources) {
    const key = kindKey(resource)
    const list = map.get(key)
    if (list === undefined) map.set(key, [resource])
    else list.push(resource)
  }
  return map
}

interface GroupVersion {
  readonly group: string
  readonly version: string
}

interface Discovered {
  readonly resources: readonly Resource[]
  readonly broken: readonly GroupVersion[]
}

async function discoverAll(ask: Ask): Promise<Discovered> {
  const [core, groups] = await Promise.all([ask('/api', AGGREGATED), ask('/apis', AGGREGATED)])
  if (!isAggregated(groups)) return discoverLegacy(ask, core, groups)
  const resources = [...aggregated(core), ...aggregated(groups)]
  const broken = items(groups, 'items').flatMap((group) =>
    items(group, 'versions')
      .filter((version) => version['freshness'] === 'Stale')
      .map((version) => ({
        group: stringAt(group, 'metadata', 'name') ?? '',
        version: stringAt(version, 'version') ?? '',
      })),
  )
  return { resources, broken }
}

function isAggregated(document: JsonObject | undefined): boolean {
  return document?.['kind'] === 'APIGroupDiscoveryList'
}

function aggregated(list: JsonObject | undefined): Resource[] {
  return items(list, 'items').flatMap((group) =>
    items(group, 'versions').flatMap((version) =>
      items(version, 'resources').flatMap((resource) => {
        const kind = stringAt(resource, 'responseKind', 'kind')
        const plural = stringAt(resource, 'resource')
        if (kind === undefined || kind === '' || plural === undefined) return []
        return {
          group: stringAt(group, 'metadata', 'name') ?? '',
          version: stringAt(version, 'version') ?? '',
          kind,
          plural,
          namespaced: stringAt(resource, 'scope') === 'Namespaced',
        }
      }),
    ),
  )
}

async function discoverLegacy(
  ask: Ask,
  core: JsonObject | undefined,
  groups: JsonObject | undefined,
): Promise<Discovered> {
  const versions = items(core, 'versions', true).map((version) => ({ group: '', version }))
  const named = items(groups, 'groups').flatMap((group) => {
    const preferred = stringAt(group, 'preferredVersion', 'groupVersion')
    const all = items(group, 'versions').map((each) => stringAt(each, 'groupVersion') ?? '')
    const ordered = [preferred ?? '', ...all.filter((each) => each !== preferred)]
    return ordered.filter((each) => each !== '').map(parseApiVersion)
  })
  const broken: GroupVersion[] = []
  const found = await pool([...versions, ...named], LEGACY_PARALLEL, async (gv) => {
    try {
      return await groupVersion(ask, gv)
    } catch (error) {
      // An aggregated API whose server is down takes no other kind with it.
      if (!isApiFault(error, 'SERVER_ERROR')) throw error
      broken.push(gv)
      return []
    }
  })
  return { resources: found.flat(), broken }
}

/** The resources of one group version; none when the server does not serve it. */
async function groupVersion(ask: Ask, gv: GroupVersion): Promise<Resource[]> {
  const root = gv.group === '' ? '/api' : `/apis/${encodeURIComponent(gv.group)}`
  const document = await ask(`${root}/${encodeURIComponent(gv.version)}`, PLAIN)
  return items(document, 'resources').flatMap((resource) => {
    const plural = stringAt(resource, 'name') ?? ''
    if (plural === '' || plural.includes('/')) return []
    return {
      ...gv,
      kind: stringAt(resource, 'kind') ?? '',
      plural,
      namespaced: resource['namespaced'] === true,
    }
  })
}

function items(value: Json | undefined, field: string): JsonObject[]
function items(value: Json | undefined, field: string, text: true): string[]
function items(value: Json | undefined, field: string, text?: true): (JsonObject | string)[] {
  const list = valueAt(value, field)
  if (!isArray(list)) return []
  return list.filter((item) => (text === true ? typeof item === 'string' : isObject(item))) as (
    | JsonObject
    | string
  )[]
}
