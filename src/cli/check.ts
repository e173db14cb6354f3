import { messageOf } from '../base/index.ts'
import {
  type Cluster,
  isArray,
  type Json,
  type KubeObject,
  stringAt,
  valueAt,
} from '../object/index.ts'
import { isAvailable } from './install.ts'
import { EXIT, type Io } from './io.ts'
import {
  type Connection,
  OPERATE_OPTIONS,
  type OperateDeps,
  type OperateOptions,
  operateOptions,
} from './operate.ts'
import { helpText, type OptionTable, parseOptions } from './options.ts'

const OPTIONS: OptionTable = {
  ...OPERATE_OPTIONS,
  pre: { type: 'boolean', help: 'check only whether the cluster can be installed on' },
}

const PART_OF_FLUX = 'app.kubernetes.io/part-of=flux'
/** On the Lease of a replica that divides its work with others. */
const REPLICA = 'tidegate.dev/shard-group'
const KUBERNETES_MINOR_MIN = 33

/** One thing that was checked. */
interface Finding {
  readonly ok: boolean
  readonly text: string
}

/** `tidegate check`: what `flux check` looks at, and who holds the Leases. */
export async function runCheck(
  argv: readonly string[],
  io: Io,
  deps: OperateDeps,
): Promise<number> {
  const parsed = parseOptions(argv, OPTIONS, 0)
  if (parsed.values['help'] === true) {
    io.out(helpText('tidegate check [options]', 'Says whether all is well.', OPTIONS))
    return EXIT.ok
  }
  const options = operateOptions(parsed)
  const connection = await deps.connect(options)
  let failed = false
  const section = async (title: string, look: () => Promise<readonly Finding[]>): Promise<void> => {
    io.out(`► checking ${title}\n`)
    for (const { ok, text } of await look().catch(failure)) {
      failed ||= !ok
      io.out(`${ok ? '✔' : '✗'} ${text}\n`)
    }
  }
  try {
    await section('prerequisites', () => prerequisites(connection))
    if (parsed.values['pre'] !== true) {
      await section('controllers', () => controllers(connection.cluster, options))
      await section('leases', () => leases(connection.cluster, options))
      await section('crds', () => definitions(connection.cluster))
    }
    io.out(failed ? '✗ check failed\n' : '✔ all checks passed\n')
    return failed ? EXIT.failed : EXIT.ok
  } finally {
    connection.close()
  }
}

function failure(error: unknown): readonly Finding[] {
  return [{ ok: false, text: messageOf(error) }]
}

async function prerequisites(connection: Connection): Promise<readonly Finding[]> {
  const version = await connection.serverVersion()
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? []
  const ok = Number(major) > 1 || (Number(major) === 1 && Number(minor) >= KUBERNETES_MINOR_MIN)
  const relation = ok ? '>=' : '<'
  return [
    { ok, text: `Kubernetes ${version.replace(/^v/, '')} ${relation}1.${KUBERNETES_MINOR_MIN}` },
  ]
}

async function controllers(cluster: Cluster, options: OperateOptions): Promise<readonly Finding[]> {
  const { namespace } = options
  const deployments = await cluster.list(
    { group: 'apps', kind: 'Deployment' },
    { namespace, labelSelector: PART_OF_FLUX },
  )
  if (deployments.items.length === 0)
    return [{ ok: false, text: `no controllers found in the ${namespace} namespace` }]
  const found = await Promise.all(
    deployments.items.map(async (deployment) => {
      const ready = await isAvailable(cluster, deployment)
      const name = deployment.metadata.name ?? ''
      const head = { ok: ready, text: `${name}: deployment ${ready ? 'ready' : 'not ready'}` }
      return [head, ...imagesOf(deployment).map((text) => ({ ok: true, text }))]
    }),
  )
  return found.flat()
}

function imagesOf(deployment: KubeObject): string[] {
  const containers = valueAt(deployment['spec'] as Json, 'template', 'spec', 'containers')
  return isArray(containers) ? containers.map((each) => stringAt(each, 'image') ?? '') : []
}

async function leases(cluster: Cluster, options: OperateOptions): Promise<readonly Finding[]> {
  const { namespace } = options
  const list = await cluster.list({ group: 'coordination.k8s.io', kind: 'Lease' }, { namespace })
  return list.items
    .filter(
      ({ metadata }) =>
        /-controller-leader-election/.test(metadata.name ?? '') ||
        metadata.labels?.[REPLICA] !== undefined,
    )
    .map((lease) => {
      const holder = stringAt(lease['spec'] as Json, 'holderIdentity') ?? ''
      const text = holder === '' ? 'held by nobody' : `held by ${holder}`
      return { ok: true, text: `${lease.metadata.name}: ${text}` }
    })
}

async function definitions(cluster: Cluster): Promise<readonly Finding[]> {
  const list = await cluster.list(
    { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' },
    { labelSelector: PART_OF_FLUX },
  )
  if (list.items.length === 0) return [{ ok: false, text: 'no definitions of Flux found' }]
  return list.items.map((crd) => {
    const stored = valueAt(crd['status'] as Json, 'storedVersions')
    const last = isArray(stored) ? stored.at(-1) : undefined
    const name = crd.metadata.name ?? ''
    return typeof last === 'string'
      ? { ok: true, text: `${name}/${last}` }
      : { ok: false, text: `${name} has no stored version` }
  })
}
