import type { Json } from '../../object/index.ts'
import {
  type Defaulter,
  type Draft,
  draftAt,
  draftsAt,
  fill,
  fillEmpty,
  madeAt,
} from './mutable.ts'

/** Jobs and autoscalers. */
export const batchDefaulters: Readonly<Record<string, Defaulter>> = {
  'batch.v1.Job': (draft) => {
    const spec = madeAt(draft, 'spec')
    if (isAbsent(spec['completions']) && isAbsent(spec['parallelism']))
      fill(spec, { completions: 1 })
    fill(spec, {
      parallelism: 1,
      backoffLimit: isAbsent(spec['backoffLimitPerIndex']) ? 6 : 2_147_483_647,
      completionMode: 'NonIndexed',
      suspend: false,
      podReplacementPolicy: isAbsent(spec['podFailurePolicy']) ? 'TerminatingOrFailed' : 'Failed',
      manualSelector: false,
    })
    const labels = draftAt(draftAt(draftAt(spec, 'template'), 'metadata'), 'labels')
    const metadata = madeAt(draft, 'metadata')
    if (labels !== undefined && Object.keys(draftAt(metadata, 'labels') ?? {}).length === 0)
      // One and the same value, as upstream: what creation adds to the template's labels is added here.
      metadata['labels'] = labels as Json
  },
  'batch.v1.CronJob': (draft) => {
    const spec = madeAt(draft, 'spec')
    fillEmpty(spec, { concurrencyPolicy: 'Allow' })
    fill(spec, { suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 })
  },
  'batch.v1.PodFailurePolicyOnPodConditionsPattern': (draft) =>
    fillEmpty(draft, { status: 'True' }),
  'autoscaling.v1.HorizontalPodAutoscaler': (draft) =>
    fill(madeAt(draft, 'spec'), { minReplicas: 1 }),
  'autoscaling.v2.HorizontalPodAutoscaler': (draft) => {
    const spec = madeAt(draft, 'spec')
    fill(spec, { minReplicas: 1 })
    if (draftsAt(spec, 'metrics').length === 0) spec['metrics'] = [DEFAULT_METRIC]
    const behavior = draftAt(spec, 'behavior')
    if (behavior !== undefined) fillBehavior(behavior)
  },
}

const DEFAULT_METRIC: Json = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
}

function fillBehavior(behavior: Draft): void {
  fill(madeAt(behavior, 'scaleUp'), {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ],
  })
  fill(madeAt(behavior, 'scaleDown'), {
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
  })
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null
}
