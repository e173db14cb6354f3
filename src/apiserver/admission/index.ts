/**
 * Admission: what is done to an object, and what is refused, between a request and the store.
 * Invariant: what changes objects runs before validation and is owned by nobody; what checks them runs
 * after it and changes nothing.
 */
import type { KubeObject } from '../../object/index.ts'
import type { Core } from '../core.ts'
import { ADMISSION_GROUP, type Attributes } from './attributes.ts'
import { refuseByLimits } from './limit-ranges.ts'
import { mutatedByPolicies } from './mutating-policies.ts'
import { mutatedByPlugins, refuseByPlugins } from './plugins.ts'
import { refuseInsecurePods } from './pod-security.ts'
import { refuseByPolicy } from './validating-policies.ts'

export type { Attributes } from './attributes.ts'
export { policyProblems } from './check-policies.ts'
export { mutatedByPolicies } from './mutating-policies.ts'
export { expressionWarnings } from './policy-types.ts'
export { refuseByPolicy } from './validating-policies.ts'
export {
  callMutatingWebhooks,
  callValidatingWebhooks,
  hasWebhooks,
} from './webhooks.ts'

/**
 * An object as plugins and policies leave it.
 * @throws StatusFault
 */
export function mutated(core: Core, attributes: Attributes, object: KubeObject): KubeObject {
  const next = mutatedByPlugins(core, attributes, object)
  return mutatedByPolicies(core, attributes, next)
}

/**
 * Refuses what plugins and policies do not let pass.
 * @throws StatusFault
 */
export function refuseUnadmitted(core: Core, attributes: Attributes): void {
  refuseByLimits(core, attributes)
  refuseInsecurePods(core, attributes)
  refuseByPlugins(core, attributes)
  refuseByPolicy(core, attributes)
}

/** Whether any admission policy is bound: then even what changes nothing is looked at. */
export function hasPolicies(core: Core): boolean {
  return (
    core.store.count(`validatingadmissionpolicybindings.${ADMISSION_GROUP}`) +
      core.store.count(`mutatingadmissionpolicybindings.${ADMISSION_GROUP}`) >
    0
  )
}
