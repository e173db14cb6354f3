import { type KubeObject, valueAt } from '../object/index.ts'
import type { Cause } from './builtin/index.ts'
import type { CustomKind } from './kind.ts'
import { wrongAt } from './scale.ts'

const REPLICAS_MAX = 2147483647

/**
 * What is wrong with what a custom object has to scale, whoever writes it; a write of the status
 * can only get that wrong.
 * @see k8s.io/apiextensions-apiserver pkg/registry/customresource/validator.go (v0.36.3)
 */
export function scaleCauses(custom: CustomKind, object: KubeObject, subresource: string): Cause[] {
  const { scale } = custom
  if (scale === undefined) return []
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = scale
  return [
    ...(subresource === 'status' ? [] : replicasCauses(object, specReplicasPath)),
    ...replicasCauses(object, statusReplicasPath),
    ...(labelSelectorPath === undefined ? [] : selectorCauses(object, labelSelectorPath)),
  ]
}

function replicasCauses(object: KubeObject, path: string): Cause[] {
  const wrong = wrongAt(object as never, path, 'int64')
  if (wrong !== undefined) return [cause(path, '0', wrong)]
  const value = valueAt(object as never, ...path.replace(/^\./, '').split('.')) ?? 0
  if (typeof value !== 'number') return []
  if (value < 0) return [cause(path, String(value), 'should be a non-negative integer')]
  if (value <= REPLICAS_MAX) return []
  return [cause(path, String(value), `should be less than or equal to ${REPLICAS_MAX}`)]
}

function selectorCauses(object: KubeObject, path: string): Cause[] {
  const wrong = wrongAt(object as never, path, 'string')
  return wrong === undefined ? [] : [cause(path, '""', wrong)]
}

function cause(field: string, value: string, detail: string): Cause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${value}: ${detail}`, field }
}
