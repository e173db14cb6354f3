import type { Json } from '../../object/index.ts'
import { batchDefaulters } from './defaulters-batch.ts'
import { clusterDefaulters } from './defaulters-cluster.ts'
import { podDefaulters } from './defaulters-pod.ts'
import { serviceDefaulters } from './defaulters-service.ts'
import { type Defaulter, draftAt, draftsAt, fill, fillEmpty, madeAt } from './mutable.ts'

const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation'

const appDefaulters: Readonly<Record<string, Defaulter>> = {
  'apps.v1.Deployment': (draft) => {
    const spec = madeAt(draft, 'spec')
    fill(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 })
    const strategy = madeAt(spec, 'strategy')
    fillEmpty(strategy, { type: 'RollingUpdate' })
    if (strategy['type'] === 'RollingUpdate')
      fill(madeAt(strategy, 'rollingUpdate'), { maxUnavailable: '25%', maxSurge: '25%' })
  },
  'apps.v1.DaemonSet': (draft) => {
    // A field of the internal version that v1 keeps in an annotation.
    fill(madeAt(madeAt(draft, 'metadata'), 'annotations'), { [TEMPLATE_GENERATION]: '0' })
    const spec = madeAt(draft, 'spec')
    fill(spec, { revisionHistoryLimit: 10 })
    const strategy = madeAt(spec, 'updateStrategy')
    fillEmpty(strategy, { type: 'RollingUpdate' })
    if (strategy['type'] === 'RollingUpdate')
      fill(madeAt(strategy, 'rollingUpdate'), { maxUnavailable: 1, maxSurge: 0 })
  },
  'apps.v1.StatefulSet': (draft) => {
    const spec = madeAt(draft, 'spec')
    fillEmpty(spec, { podManagementPolicy: 'OrderedReady' })
    const strategy = madeAt(spec, 'updateStrategy')
    if (!strategy['type']) {
      strategy['type'] = 'RollingUpdate'
      madeAt(strategy, 'rollingUpdate')
    }
    const rolling = draftAt(strategy, 'rollingUpdate')
    if (strategy['type'] === 'RollingUpdate' && rolling !== undefined)
      fill(rolling, { partition: 0 })
    fillEmpty(madeAt(spec, 'persistentVolumeClaimRetentionPolicy'), {
      whenDeleted: 'Retain',
      whenScaled: 'Retain',
    })
    fill(spec, { replicas: 1, revisionHistoryLimit: 10 })
    for (const claim of draftsAt(spec, 'volumeClaimTemplates')) {
      claim['kind'] = 'PersistentVolumeClaim'
      claim['apiVersion'] = 'v1'
    }
  },
  'apps.v1.ReplicaSet': (draft) => {
    fill(madeAt(draft, 'spec'), { replicas: 1 })
  },
  'core.v1.ReplicationController': (draft) => {
    const template = draftAt(draftAt(draft, 'spec'), 'template')
    const labels = draftAt(draftAt(template, 'metadata'), 'labels')
    if (labels === undefined) return
    const spec = madeAt(draft, 'spec')
    if (Object.keys(draftAt(spec, 'selector') ?? {}).length === 0)
      spec['selector'] = { ...labels } as Json
    const metadata = madeAt(draft, 'metadata')
    if (Object.keys(draftAt(metadata, 'labels') ?? {}).length === 0)
      metadata['labels'] = { ...labels } as Json
  },
}

/** What sets defaults, by the type that it sets them in. */
export const defaulters: Readonly<Record<string, Defaulter>> = {
  ...appDefaulters,
  ...batchDefaulters,
  ...clusterDefaulters,
  ...podDefaulters,
  ...serviceDefaulters,
}
