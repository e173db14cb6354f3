import { gvkOf, type JsonObject, type KubeObject } from '../../object/index.ts'
import { builtinKind } from '../../schema/index.ts'
import { at } from './check.ts'
import { statefulSetSpec } from './check-apps.ts'
import { finalizerNames, metaCauses, metaUpdateCauses } from './check-meta.ts'
import { statusCauses } from './check-status.ts'
import { invalid } from './field-error.ts'
import { type KindRules, RULES } from './kind-rules.ts'
import { dnsSubdomain, pathSegment } from './names.ts'
import type { Cause } from './refusal.ts'

/**
 * Everything that is wrong with an object of a built-in kind, with the API server's messages; with
 * `old`, what an update may not change, too. It covers the kinds that users write; of others the
 * metadata is checked. The object must have been defaulted before.
 * @see k8s.io/kubernetes pkg/apis (validation.go of each group, v1.36.3)
 */
export function validateBuiltin(
  object: KubeObject,
  old?: KubeObject,
  subresource = '',
): readonly Cause[] {
  const { group, version, kind } = gvkOf(object)
  const known = builtinKind({ group, version, kind })
  if (known === undefined) return []
  const rules = RULES[`${group}/${kind}`] ?? {}
  if (old !== undefined)
    return updateCauses(
      { group, kind, rules, namespaced: known.namespaced, subresource },
      object,
      old,
    )
  const causes = [
    ...wholeMeta(object, rules, known.namespaced),
    ...bodyCauses(object as unknown as JsonObject, kind, rules, false),
    ...(rules.first?.(object as unknown as JsonObject) ?? []),
  ]
  const name = object.metadata.name ?? ''
  if (kind === 'CronJob' && name.length > 52)
    causes.push(invalid('metadata.name', name, 'must be no more than 52 characters'))
  return causes
}

function wholeMeta(object: KubeObject, rules: KindRules, namespaced: boolean): Cause[] {
  const { anyFinalizer } = rules
  return metaCauses(object, {
    namespaced,
    name: rules.name ?? dnsSubdomain,
    ...(anyFinalizer === undefined ? {} : { custom: anyFinalizer }),
  })
}

/** The same is told as often as the real server finds it. */
function updateCauses(
  of: {
    readonly group: string
    readonly kind: string
    readonly rules: KindRules
    readonly namespaced: boolean
    readonly subresource: string
  },
  object: KubeObject,
  old: KubeObject,
): Cause[] {
  const { group, kind, rules, namespaced, subresource } = of
  const next = object as unknown as JsonObject
  const isStatus = subresource === 'status'
  const own = rules.parts?.[subresource]
  const [whole, change] = own?.meta ?? (isStatus ? [0, 1] : (rules.meta ?? [0, 1]))
  const causes = commonCauses(object, old, namespaced)
  for (let i = 0; i < change; i += 1) {
    causes.push(...metaUpdateCauses(object, old))
    if (rules.anyFinalizer !== true) causes.push(...finalizerNames(object))
  }
  for (let i = 0; i < whole; i += 1) causes.push(...wholeMeta(object, rules, namespaced))
  const before = old as unknown as JsonObject
  if (own !== undefined) return [...causes, ...own.check(next, before)]
  if (isStatus) return [...causes, ...statusCauses(next, before, `${group}/${kind}`)]
  for (let i = rules.again ?? 1; i > 0; i -= 1) causes.push(...bodyCauses(next, kind, rules, true))
  causes.push(...(rules.update?.(next, before) ?? []))
  return causes
}

/** What is asked of the metadata of every kind's update. */
function commonCauses(object: KubeObject, old: KubeObject, namespaced: boolean): Cause[] {
  return [
    ...metaCauses(object, { namespaced, name: pathSegment, custom: true }),
    ...metaUpdateCauses(object, old),
  ]
}

/**
 * Everything that is wrong with the metadata of an object of a custom kind; with `old`, what an
 * update may not change.
 */
export function validateMetadata(
  object: KubeObject,
  namespaced: boolean,
  old?: KubeObject,
): readonly Cause[] {
  return old === undefined
    ? metaCauses(object, { namespaced, name: dnsSubdomain, custom: true })
    : [...commonCauses(object, old, namespaced), ...metaUpdateCauses(object, old)]
}

function bodyCauses(
  object: JsonObject,
  kind: string,
  rules: KindRules,
  isUpdate: boolean,
): Cause[] {
  if (kind === 'StatefulSet') return statefulSetSpec(at(object, 'spec'), 'spec', isUpdate)
  return rules.create?.(object) ?? []
}
