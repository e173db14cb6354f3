import type { Shares } from '../api/index.ts'
import { KUSTOMIZE_GROUP, SOURCE_GROUP } from '../api/index.ts'
import { type Log, messageOf } from '../base/index.ts'
import type { ControllerFlags } from '../cli/controller-flags.ts'
import {
  type Cluster,
  isApiFault,
  type KubeObject,
  printYaml,
  type Transport,
} from '../object/index.ts'
import { reportOf } from '../telemetry/index.ts'
import { programVersion, systemClock } from './system.ts'

/** What writes the report, and for whom. */
export interface ReportDeps {
  readonly flags: ControllerFlags
  /** Fenced: of several replicas one writes. */
  readonly cluster: Cluster
  readonly transport: Transport
  readonly log: Log
  readonly shares?: Shares
  readonly replicas?: () => number
}

const EVERY_MS = 60_000
const FIRST_MS = 2_000
/** Kinds that are counted; those of Flux's other controllers are theirs to report on. */
const KINDS: readonly { readonly group: string; readonly kind: string }[] = [
  { group: KUSTOMIZE_GROUP, kind: 'Kustomization' },
  { group: SOURCE_GROUP, kind: 'GitRepository' },
  { group: SOURCE_GROUP, kind: 'OCIRepository' },
  { group: SOURCE_GROUP, kind: 'Bucket' },
]

/** Keeps the report up to date until the signal ends it; writes when something in it has changed. */
export async function keepReport(deps: ReportDeps, signal: AbortSignal): Promise<void> {
  const { flags, log, shares } = deps
  const id = `ConfigMap/${flags.runtimeNamespace}/${flags.reportConfigMap}`
  if (flags.reportConfigMap === '') return
  let last = ''
  for (let waitMs = FIRST_MS; !signal.aborted; waitMs = EVERY_MS) {
    await systemClock.sleep(waitMs, signal).catch(() => undefined)
    if (signal.aborted) return
    if (shares?.owns(id) === false) {
      last = ''
      continue
    }
    try {
      const text = printYaml(reportOf(await gather(deps, signal)))
      if (text !== last) await write(deps, text, signal)
      last = text
    } catch (error) {
      if (!signal.aborted) log.error('unable to write the report', { error: messageOf(error) })
    }
  }
}

async function gather(deps: ReportDeps, signal: AbortSignal) {
  const { cluster, flags } = deps
  const namespace = flags.watchNamespace === undefined ? {} : { namespace: flags.watchNamespace }
  const objects = new Map<string, { apiVersion: string; items: readonly KubeObject[] }>()
  for (const { group, kind } of KINDS) {
    try {
      const { items } = await cluster.list({ group, version: 'v1', kind }, { ...namespace, signal })
      objects.set(kind, { apiVersion: `${group}/v1`, items })
    } catch (error) {
      if (!isApiFault(error, 'NO_MATCH', 'FORBIDDEN')) throw error
    }
  }
  const answer = await deps.transport.request({ method: 'GET', path: '/version', signal })
  const { gitVersion = '', platform = '' } = JSON.parse(await answer.text()) as {
    gitVersion?: string
    platform?: string
  }
  return {
    objects,
    version: programVersion(),
    kubernetes: gitVersion,
    platform,
    controllers: flags.controllers,
    replicas: deps.replicas?.() ?? 1,
  }
}

async function write(deps: ReportDeps, text: string, signal: AbortSignal): Promise<void> {
  const { runtimeNamespace: namespace, reportConfigMap: name } = deps.flags
  const labels = { 'app.kubernetes.io/name': 'tidegate', 'app.kubernetes.io/part-of': 'flux' }
  await deps.cluster.patch(
    { group: '', version: 'v1', kind: 'ConfigMap', namespace, name },
    {
      type: 'apply',
      value: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { namespace, name, labels },
        data: { 'report.yaml': text },
      },
      force: true,
    },
    { fieldManager: 'tidegate', signal },
  )
}
