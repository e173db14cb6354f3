import {
  type Cluster,
  type GroupKind,
  idOf,
  idText,
  isApiFault,
  type KubeObject,
} from '../object/index.ts'
import { fluxControllers, isStopped, putBack } from './flux-beside.ts'
import { EXIT, type Io } from './io.ts'
import { isShared, OWN_LABEL, readManifests } from './manifests.ts'
import { OPERATE_OPTIONS, type OperateDeps, operateOptions, waitFor } from './operate.ts'
import { helpText, type OptionTable, parseOptions } from './options.ts'

const OPTIONS: OptionTable = {
  ...OPERATE_OPTIONS,
  crds: {
    type: 'boolean',
    help: 'remove the definitions, too, and with them every source and Kustomization; what these applied stays',
  },
  'dry-run': { type: 'boolean', help: 'say what would be done, and do nothing' },
}

/** Flux's finalizer, on sources and Kustomizations. */
const FINALIZER = 'finalizers.fluxcd.io'

/** `tidegate uninstall`: the way back. Whatever Kustomizations applied is left alone. */
export async function runUninstall(
  argv: readonly string[],
  io: Io,
  deps: OperateDeps,
): Promise<number> {
  const parsed = parseOptions(argv, OPTIONS, 0)
  if (parsed.values['help'] === true) {
    const about = "Removes Tidegate; Flux's controllers that it took over go back to work."
    io.out(helpText('tidegate uninstall [options]', about, OPTIONS))
    return EXIT.ok
  }
  const options = operateOptions(parsed)
  const { namespace } = options
  const dryRun = parsed.values['dry-run'] === true
  const sides = ['source', 'kustomize'] as const
  const objects = readManifests(deps.manifests(), { namespace, sides })
  const connection = await deps.connect(options)
  const { cluster } = connection
  const wait = { clock: deps.clock, io, timeoutMs: options.timeoutMs }
  const say = async (line: string, work: () => Promise<unknown>): Promise<void> => {
    io.out(`► ${line}\n`)
    if (!dryRun) await work()
  }
  try {
    const own = (await ownObjects(cluster, objects)).reverse()
    const isDeployment = (object: KubeObject): boolean => object.kind === 'Deployment'
    for (const object of own.filter(isDeployment)) {
      const at = { namespace, name: object.metadata.name ?? '' }
      await say(`${idText(idOf(object))} deleted`, async () => {
        await remove(cluster, object, 'Foreground')
        await waitFor({ ...wait, what: `${at.name} to stop` }, () => isStopped(cluster, at))
      })
    }
    for (const controller of await fluxControllers(cluster, namespace, sides))
      if (controller.replicasBefore !== undefined)
        await say(
          `Deployment/${namespace}/${controller.name} scaled back to ${controller.replicasBefore}`,
          () => putBack(cluster, controller),
        )
    for (const object of own.filter((each) => !isDeployment(each)))
      await say(`${idText(idOf(object))} deleted`, () => remove(cluster, object, 'Background'))
    if (parsed.values['crds'] === true) await removeCrds(cluster, objects, say)
    io.out(dryRun ? '' : '✔ uninstalled\n')
    return EXIT.ok
  } finally {
    connection.close()
  }
}

type Say = (line: string, work: () => Promise<unknown>) => Promise<void>

/** Our objects that are there, by the kinds of the manifests and our label. */
async function ownObjects(
  cluster: Cluster,
  manifests: readonly KubeObject[],
): Promise<KubeObject[]> {
  const kinds = new Map<string, GroupKind & { readonly namespace: string }>()
  for (const object of manifests.filter((each) => !isShared(each))) {
    const { group, kind, namespace } = idOf(object)
    kinds.set(`${group}/${kind}`, { group, kind, namespace })
  }
  const lists = await Promise.all(
    [...kinds.values()].map(({ group, kind, namespace }) =>
      cluster.list(
        { group, kind },
        { labelSelector: OWN_LABEL, ...(namespace === '' ? {} : { namespace }) },
      ),
    ),
  )
  return lists.flatMap((list) => list.items)
}

/** Frees every Flux object of its finalizer first: its deletion must prune nothing. */
async function removeCrds(
  cluster: Cluster,
  manifests: readonly KubeObject[],
  say: Say,
): Promise<void> {
  for (const crd of manifests.filter(({ kind }) => kind === 'CustomResourceDefinition')) {
    const { group = '', names = { kind: '' } } = crd['spec'] as {
      group?: string
      names?: { kind: string }
    }
    for (const object of await listOf(cluster, { group, kind: names.kind })) {
      const finalizers = object.metadata.finalizers ?? []
      if (!finalizers.includes(FINALIZER)) continue
      const kept = finalizers.filter((each) => each !== FINALIZER)
      await say(`${idText(idOf(object))} freed of its finalizer`, () =>
        cluster.patch(idOf(object), { type: 'merge', value: { metadata: { finalizers: kept } } }),
      )
    }
    await say(`${idText(idOf(crd))} deleted`, () => remove(cluster, crd, 'Background'))
  }
  cluster.forgetDiscovery()
}

async function listOf(cluster: Cluster, kind: GroupKind): Promise<readonly KubeObject[]> {
  try {
    return (await cluster.list(kind)).items
  } catch (error) {
    if (isApiFault(error, 'NO_MATCH', 'NOT_FOUND')) return []
    throw error
  }
}

async function remove(
  cluster: Cluster,
  object: KubeObject,
  propagation: 'Background' | 'Foreground',
): Promise<void> {
  try {
    await cluster.delete(idOf(object), { propagation })
  } catch (error) {
    if (!isApiFault(error, 'NOT_FOUND')) throw error
  }
}
