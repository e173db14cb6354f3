import { current, inProgress, type Rule, textAt } from '../status.ts'

/**
 * Health of a PersistentVolumeClaim: bound or not.
 * @see fluxcd/cli-utils v1.2.2 kstatus core.go pvcConditions
 */
export const persistentVolumeClaim: Rule = (object) => {
  const phase = textAt(object, ['status', 'phase'], 'unknown')
  return phase === 'Bound'
    ? current('PVC is Bound')
    : inProgress(`PVC is not Bound. phase: ${phase}`)
}
