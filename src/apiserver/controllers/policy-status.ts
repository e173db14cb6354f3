import { expressionWarnings } from '../admission/index.ts'
import { type Controller, type Hands, numberIn, statusOf } from './hands.ts'

const POLICIES = 'validatingadmissionpolicies.admissionregistration.k8s.io'

/**
 * Says in the status of a policy what its expressions get wrong about the kinds that it is for.
 * @see kubernetes pkg/controller/validatingadmissionpolicystatus/controller.go (v1.36.3)
 */
export function policyStatusController(hands: Hands): Controller {
  return {
    name: 'validatingadmissionpolicy-status',
    tables: [POLICIES],
    concerns: (event) => (event.table === POLICIES ? [event.key] : []),
    sync: (key) => {
      const policy = hands.core.store.get(POLICIES, key)
      if (policy === undefined) return undefined
      const { generation = 1 } = policy.metadata
      const status = statusOf(policy)
      if (generation <= numberIn(status, 'observedGeneration', 0)) return undefined
      const warnings = expressionWarnings(hands.core, policy)
      const kind = hands.kind('admissionregistration.k8s.io', 'ValidatingAdmissionPolicy')
      hands.setStatus(kind, policy, {
        ...status,
        observedGeneration: generation,
        typeChecking: warnings.length === 0 ? {} : { expressionWarnings: warnings },
      })
      return undefined
    },
  }
}
