import { Fault } from '../base/index.ts'
import {
  type Cluster,
  gvkOf,
  idOf,
  idText,
  isApiFault,
  isArray,
  type Json,
  type KubeObject,
  printYaml,
  valueAt,
} from '../object/index.ts'
import { type FluxController, fluxControllers, isStopped, takeOut } from './flux-beside.ts'
import { EXIT, type Io } from './io.ts'
import { isShared, readManifests } from './manifests.ts'
import {
  type Connection,
  OPERATE_OPTIONS,
  type OperateCode,
  type OperateDeps,
  type OperateOptions,
  operateOptions,
  sidesOption,
  waitFor,
} from './operate.ts'
import { helpText, type OptionTable, parseOptions } from './options.ts'

const OPTIONS: OptionTable = {
  ...OPERATE_OPTIONS,
  controllers: {
    type: 'string',
    value: 'LIST',
    help: 'what to run: source, kustomize or both (the default)',
  },
  takeover: {
    type: 'boolean',
    help: "take Flux's controllers out of work first: scaled to 0, and left so by what is in Git",
  },
  'dry-run': { type: 'boolean', help: 'say what would be done, and do nothing' },
  export: { type: 'boolean', help: 'print the manifests' },
  'no-wait': { type: 'boolean', help: 'do not wait until the controller is ready' },
}

/** Field manager of what the installer applies. */
const MANAGER = 'tidegate'
const VERSION_LABEL = 'app.kubernetes.io/version'

/** `tidegate install`. */
export async function runInstall(
  argv: readonly string[],
  io: Io,
  deps: OperateDeps,
): Promise<number> {
  const parsed = parseOptions(argv, OPTIONS, 0)
  if (parsed.values['help'] === true) {
    io.out(helpText('tidegate install [options]', 'Installs Tidegate on a cluster.', OPTIONS))
    return EXIT.ok
  }
  const options = operateOptions(parsed)
  const sides = sidesOption(parsed)
  const objects = readManifests(deps.manifests(), { namespace: options.namespace, sides })
  if (parsed.values['export'] === true) {
    io.out(objects.map((object) => `---\n${printYaml(object as unknown as Json)}`).join(''))
    return EXIT.ok
  }
  const connection = await deps.connect(options)
  try {
    const beside = await fluxControllers(connection.cluster, options.namespace, sides)
    const plan = await planInstall(connection, objects, beside, parsed.values['takeover'] === true)
    for (const line of planLines(plan)) io.out(`${line}\n`)
    if (parsed.values['dry-run'] === true) return EXIT.ok
    const isWaiting = parsed.values['no-wait'] !== true
    await carryOut(plan, { connection, io, deps, options, isWaiting })
    io.out('✔ installed\n')
    return EXIT.ok
  } finally {
    connection.close()
  }
}

/** What an installation does, in this order. */
export interface InstallPlan {
  readonly takeOut: readonly FluxController[]
  readonly apply: readonly KubeObject[]
  /** Already there, and left as they are. */
  readonly keep: readonly KubeObject[]
}

/** Decides what to do. @throws Fault FLUX_RUNS where Flux would work on the same objects */
export async function planInstall(
  connection: Pick<Connection, 'cluster'>,
  objects: readonly KubeObject[],
  beside: readonly FluxController[],
  takeover: boolean,
): Promise<InstallPlan> {
  const active = beside.filter(({ replicas }) => replicas > 0)
  const first = active[0]
  if (first !== undefined && !takeover)
    throw new Fault<OperateCode>({
      code: 'FLUX_RUNS',
      message: `Flux's ${active.map(({ name }) => name).join(' and ')} in ${first.namespace} work on the same objects: give --takeover to put Tidegate in their place, or --controllers for a side that Flux does not run`,
    })
  const present = await Promise.all(
    objects.map((object) => livingShared(connection.cluster, object)),
  )
  return {
    takeOut: active,
    apply: objects.filter((_, i) => present[i] === undefined),
    keep: objects.filter((_, i) => present[i] !== undefined),
  }
}

/**
 * A namespace, or a definition of this or a newer Flux, that is there already: Flux's bootstrap has
 * them in Git, and would put them back as they were.
 */
async function livingShared(cluster: Cluster, object: KubeObject): Promise<KubeObject | undefined> {
  if (!isShared(object)) return undefined
  try {
    const live = await cluster.get({ ...idOf(object), version: gvkOf(object).version })
    if (object.kind === 'Namespace' || !isOlder(versionOf(live), versionOf(object))) return live
    return undefined
  } catch (error) {
    if (isApiFault(error, 'NOT_FOUND')) return undefined
    throw error
  }
}

function versionOf(object: KubeObject): string {
  return object.metadata.labels?.[VERSION_LABEL] ?? ''
}

/** Compares `v2.9.4`s; what has no version is older. */
function isOlder(a: string, b: string): boolean {
  const numbers = (text: string): number[] => (text.match(/\d+/g) ?? []).slice(0, 3).map(Number)
  const [x, y] = [numbers(a), numbers(b)]
  for (let i = 0; i < 3; i += 1) {
    const difference = (x[i] ?? -1) - (y[i] ?? -1)
    if (difference !== 0) return difference < 0
  }
  return false
}

function planLines(plan: InstallPlan): string[] {
  return [
    ...plan.takeOut.map(
      ({ name, namespace, replicas, heldBy }) =>
        `► Deployment/${namespace}/${name} scaled from ${replicas} to 0, ${
          heldBy === undefined
            ? 'and left so by Kustomizations that hold it'
            : `and left so by Kustomization/${heldBy}, which holds it in Git: neither applied nor pruned until tidegate uninstall`
        }`,
    ),
    ...plan.keep.map((object) => `► ${idText(idOf(object))} kept`),
    ...plan.apply.map((object) => `► ${idText(idOf(object))} applied`),
  ]
}

interface Doing {
  readonly connection: Connection
  readonly io: Io
  readonly deps: OperateDeps
  readonly options: OperateOptions
  readonly isWaiting: boolean
}

async function carryOut(plan: InstallPlan, doing: Doing): Promise<void> {
  const { connection, io, deps, options } = doing
  const { cluster } = connection
  const wait = { clock: deps.clock, io, timeoutMs: options.timeoutMs }
  for (const controller of plan.takeOut) await takeOut(cluster, controller, deps.clock.now())
  for (const controller of plan.takeOut)
    await waitFor({ ...wait, what: `Deployment ${controller.name} to stop` }, () =>
      isStopped(cluster, controller),
    )
  for (const object of plan.apply) {
    await cluster.patch(
      { ...idOf(object), version: gvkOf(object).version },
      { type: 'apply', value: object, force: true },
      { fieldManager: MANAGER },
    )
    if (object.kind === 'CustomResourceDefinition')
      await waitFor({ ...wait, what: `${idText(idOf(object))} to be served` }, () =>
        isEstablished(cluster, object),
      )
  }
  cluster.forgetDiscovery()
  if (!doing.isWaiting) return
  for (const object of plan.apply.filter(({ kind }) => kind === 'Deployment'))
    await waitFor({ ...wait, what: `${idText(idOf(object))} to be ready` }, () =>
      isAvailable(cluster, object),
    )
}

async function isEstablished(cluster: Cluster, object: KubeObject): Promise<boolean> {
  return hasCondition(await cluster.get(idOf(object)), 'Established')
}

/** Says whether a Deployment has come to rest in its newest form. */
export async function isAvailable(cluster: Cluster, object: KubeObject): Promise<boolean> {
  const live = await cluster.get(idOf(object))
  const status = live['status'] as Json | undefined
  const wanted = valueAt(live['spec'] as Json, 'replicas') ?? 1
  return (
    valueAt(status, 'observedGeneration') === live.metadata.generation &&
    valueAt(status, 'updatedReplicas') === wanted &&
    hasCondition(live, 'Available')
  )
}

function hasCondition(object: KubeObject, type: string): boolean {
  const conditions = valueAt(object['status'] as Json, 'conditions')
  return (
    isArray(conditions) &&
    conditions.some((each) => valueAt(each, 'type') === type && valueAt(each, 'status') === 'True')
  )
}
