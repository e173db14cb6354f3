import { compareText } from '../base/index.ts'
import { fieldAt, isArray, type Json, type KubeObject, valueAt } from '../object/index.ts'

/** What a report is made of. */
export interface ReportInput {
  /** Lists of objects by `Kind`, as far as they could be read. */
  readonly objects: ReadonlyMap<
    string,
    { readonly apiVersion: string; readonly items: readonly KubeObject[] }
  >
  readonly version: string
  readonly kubernetes: string
  readonly platform: string
  readonly controllers: readonly string[]
  /** Replicas that work now: 1 without sharding. */
  readonly replicas: number
}

/** Objects of one kind by state. */
interface Counts {
  readonly running: number
  readonly failing: number
  readonly suspended: number
  /** Bytes of artifacts; sources alone. */
  readonly totalSize?: number
}

/**
 * What is in the cluster and how it is, in the form of the FluxReport of flux-operator: counts by kind
 * and state, versions. Says nothing about time, so that it changes only with what it is about.
 * @see flux-operator api/v1 FluxReportSpec
 */
export function reportOf(input: ReportInput): Json {
  const kinds = [...input.objects].sort(([a], [b]) => compareText(a, b))
  return {
    distribution: { entitlement: 'tidegate', version: `v${input.version}`, status: 'Installed' },
    cluster: { serverVersion: input.kubernetes, platform: input.platform },
    operator: {
      apiVersion: 'tidegate.dev/v1',
      version: `v${input.version}`,
      replicas: input.replicas,
    },
    components: input.controllers.map((name) => ({ name: `${name}-controller`, ready: true })),
    reconcilers: kinds.map(([kind, { apiVersion, items }]) => ({
      apiVersion,
      kind,
      stats: { ...countsOf(items) },
    })),
  }
}

function countsOf(items: readonly KubeObject[]): Counts {
  const suspended = items.filter((item) => fieldAt(item, 'spec', 'suspend') === true).length
  const failing = items.filter(isFailing).length
  const sizes = items.map((item) => fieldAt(item, 'status', 'artifact', 'size'))
  const isSource = sizes.some((size) => size !== undefined)
  const totalSize = sizes.reduce<number>(
    (sum, size) => sum + (typeof size === 'number' ? size : 0),
    0,
  )
  return {
    running: items.length - failing - suspended,
    failing,
    suspended,
    ...(isSource ? { totalSize } : {}),
  }
}

/** Suspended objects count as that, whatever their last state was. */
function isFailing(item: KubeObject): boolean {
  if (fieldAt(item, 'spec', 'suspend') === true) return false
  const conditions = fieldAt(item, 'status', 'conditions')
  return (
    isArray(conditions) &&
    conditions.some(
      (each) => valueAt(each, 'type') === 'Ready' && valueAt(each, 'status') === 'False',
    )
  )
}
