import { isObject, type Json, type JsonObject } from '../../object/index.ts'
import { at, formed, items, text } from './check.ts'
import { containerClaimCauses } from './check-claims.ts'
import { resourceCauses, valueCauses } from './check-container.ts'
import { forbidden, invalid, notSupported } from './field-error.ts'
import { qualifiedName } from './names.ts'
import { nanosOf, requestsOf } from './pod-requests.ts'
import type { Cause } from './refusal.ts'

/**
 * The resources that a pod asks for as a whole.
 * @see k8s.io/kubernetes pkg/apis/core/validation/validation.go validatePodResources (v1.36.3)
 */
export function podResourceCauses(
  spec: JsonObject,
  path: string,
  known: ReadonlySet<string>,
): Cause[] {
  const { resources, os } = spec
  if (!isObject(resources)) return []
  if (isObject(os) && text(os, 'name') === 'windows')
    return [forbidden(path, 'may not be set for a windows pod')]
  const claims = resources['claims'] ?? null
  return [
    ...(claims === null
      ? []
      : [forbidden(`${path}.claims`, 'claims may not be set for Resources at pod-level')]),
    ...resourceCauses(resources, path, podAmount),
    ...containerClaimCauses(resources, path, known),
    ...sumCauses(spec, resources, path),
  ]
}

const STANDARD = ['cpu', 'memory', 'ephemeral-storage', 'storage', 'pods', 'services', 'secrets']

function podAmount(name: string, value: Json, path: string): Cause[] {
  const isHuge = name.startsWith('hugepages-')
  const wrong = formed(name, qualifiedName, path)
  if (wrong.length === 0 && !name.includes('/') && !isHuge && !STANDARD.includes(name))
    wrong.push(invalid(path, name, 'must be a standard resource type or fully qualified'))
  if (wrong.length === 0 && !isHuge && name !== 'cpu' && name !== 'memory')
    wrong.push(notSupported(path, name, ['cpu', 'hugepages-', 'memory']))
  return [...wrong, ...valueCauses(name, value, path)]
}

/** A pod may not ask for less than its containers, and they for no more than it may have. */
function sumCauses(spec: JsonObject, resources: JsonObject, path: string): Cause[] {
  const causes: Cause[] = []
  for (const [name, value] of Object.entries(at(resources, 'requests'))) {
    const sum = requestsOf(spec, name)
    if (sum === undefined || sum.nanos <= nanosOf(value)) continue
    const why = `must be greater than or equal to aggregate container requests of ${sum.text}`
    causes.push(invalid(`${path}.requests[${name}]`, value, why))
  }
  const limits = at(resources, 'limits')
  for (const [i, container] of items(spec, 'containers').entries())
    for (const [name, value] of Object.entries(at(at(container, 'resources'), 'limits'))) {
      const most = limits[name]
      if (most === undefined || nanosOf(value) <= nanosOf(most)) continue
      const why = `must be less than or equal to pod limits of ${String(most)}`
      causes.push(invalid(`${path}.containers[${i}][${name}].limits`, value, why))
    }
  return causes
}
