import {
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  parseApiVersion,
} from '../../object/index.ts'
import { parseSelectorObject } from '../controllers/label-selector.ts'
import { converted } from '../convert/convert.ts'
import type { Core } from '../core.ts'
import { type Kind, keyOf } from '../kind.ts'
import { ADMISSION_GROUP, type Attributes } from './attributes.ts'
import { constrainedTo } from './matching.ts'

/** The spec of a policy or binding. */
export function specIn(object: KubeObject): JsonObject {
  return isObject(object['spec']) ? object['spec'] : {}
}

/** One policy with one of its bindings, and the parameters that the binding gives it. */
export interface Invocation {
  readonly policy: KubeObject
  /** The kind that the policy knows the object by. */
  readonly as: Kind
  /** Absent where the policy itself can not be used. */
  readonly binding?: KubeObject
  readonly params?: KubeObject
  /** Why the policy can not be asked. */
  readonly error?: string
}

/**
 * Which policies are to be asked about a request: those with a binding that selects it, once for
 * each of its parameters.
 * @see k8s.io/apiserver pkg/admission/plugin/policy/generic/policy_dispatcher.go (v0.36.3)
 */
export function invocationsFor(
  core: Core,
  attributes: Attributes,
  which: 'mutating' | 'validating',
): Invocation[] {
  const table = `${which}admissionpolicies.${ADMISSION_GROUP}`
  if (core.store.count(table) === 0 || attributes.kind.group === ADMISSION_GROUP) return []
  const bindings = core.store.list(`${which}admissionpolicybindings.${ADMISSION_GROUP}`)
  return core.store.list(table).flatMap((policy) => {
    const own = bindings.filter((each) => specIn(each)['policyName'] === policy.metadata.name)
    const { matchConstraints, paramKind } = specIn(policy)
    const as = own.length === 0 ? undefined : constrainedTo(core, attributes, matchConstraints)
    if (as === undefined) return []
    const kind = kindOfParams(core, paramKind)
    if (isObject(paramKind) && kind === undefined) {
      const gvk = `${String(paramKind['apiVersion'])}, Kind=${String(paramKind['kind'])}`
      return [{ policy, as, error: `failed to find resource referenced by paramKind: '${gvk}'` }]
    }
    return own
      .filter(
        (each) => constrainedTo(core, attributes, specIn(each)['matchResources']) !== undefined,
      )
      .flatMap((binding) => withParams(core, { policy, as, binding, kind }, attributes.namespace))
  })
}

function kindOfParams(core: Core, paramKind: Json | undefined): Kind | undefined {
  if (!isObject(paramKind)) return undefined
  const { group, version } = parseApiVersion(String(paramKind['apiVersion']))
  return core.registry.byKind(group, String(paramKind['kind']), version)
}

function withParams(
  core: Core,
  {
    policy,
    as,
    binding,
    kind,
  }: {
    readonly policy: KubeObject
    readonly as: Kind
    readonly binding: KubeObject
    readonly kind: Kind | undefined
  },
  namespace: string,
): Invocation[] {
  const { paramRef } = specIn(binding)
  if (kind === undefined || !isObject(paramRef)) return [{ policy, as, binding }]
  const found = paramsOf(core, kind, paramRef, namespace)
  if (typeof found === 'string') return [{ policy, as, binding, error: found }]
  if (found.length === 0 && paramRef['parameterNotFoundAction'] === 'Deny')
    return [
      {
        policy,
        as,
        binding,
        error: 'no params found for policy binding with `Deny` parameterNotFoundAction',
      },
    ]
  return found.map((params) => ({ policy, as, binding, params }))
}

function paramsOf(
  core: Core,
  kind: Kind,
  paramRef: JsonObject,
  requested: string,
): readonly KubeObject[] | string {
  const given = typeof paramRef['namespace'] === 'string' ? paramRef['namespace'] : ''
  const namespace = given === '' ? requested : given
  if (kind.namespaced && namespace === '')
    return 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources'
  if (!kind.namespaced && given !== '')
    return 'paramRef.namespace must not be provided for a cluster-scoped `paramKind`'
  const { name, selector } = paramRef
  if (typeof name === 'string' && name !== '') {
    const stored = core.store.get(kind.table, keyOf(kind, namespace, name))
    return stored === undefined ? [] : [converted(stored, kind)]
  }
  const matches = isObject(selector) ? parseSelectorObject(selector) : () => true
  return core.store
    .list(kind.table, kind.namespaced ? `${namespace}/` : '')
    .filter((each) => matches(each.metadata.labels))
    .map((each) => converted(each, kind))
}

/** What a policy sees of a request that it knows by another kind. */
export function attributesAs(attributes: Attributes, as: Kind): Attributes {
  const { object, old, kind, speaks } = attributes
  if (as === kind || speaks !== undefined) return attributes
  return { ...attributes, object: object && converted(object, as), old: old && converted(old, as) }
}
