import type { Json } from '../../object/index.ts'
import { parseQuantity } from '../../schema/index.ts'
import { type Draft, draftAt, draftsAt } from './mutable.ts'

/** The class of service of a pod: by what it, or else its containers, ask for and may take. */
export function qosClass(pod: Draft): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const spec = draftAt(pod, 'spec')
  const isWhole = spec !== undefined && draftAt(spec, 'resources') !== undefined
  const containers = isWhole
    ? [spec]
    : [...draftsAt(spec, 'containers'), ...draftsAt(spec, 'initContainers')]
  let hasAny = false
  let isGuaranteed = true
  for (const container of containers) {
    const resources = draftAt(container, 'resources')
    const limits = draftAt(resources, 'limits')
    const requests = draftAt(resources, 'requests')
    for (const name of ['cpu', 'memory']) {
      const limit = amount(limits?.[name])
      const request = amount(requests?.[name])
      if (limit > 0n || request > 0n) hasAny = true
      if (limit === 0n || limit !== request) isGuaranteed = false
    }
  }
  if (!hasAny) return 'BestEffort'
  return isGuaranteed ? 'Guaranteed' : 'Burstable'
}

function amount(value: Json | undefined): bigint {
  return parseQuantity(String(value ?? '0'))?.nanos ?? 0n
}
