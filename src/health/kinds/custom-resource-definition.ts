import { conditionsOf, current, failed, inProgress, type Rule } from '../status.ts'

/**
 * Health of a CustomResourceDefinition.
 * @see fluxcd/cli-utils v1.2.2 kstatus core.go crdConditions
 */
export const customResourceDefinition: Rule = (object) => {
  for (const condition of conditionsOf(object)) {
    if (condition.type === 'NamesAccepted' && condition.status === 'False')
      return failed(condition.message)
    if (condition.type !== 'Established') continue
    if (condition.status === 'False' && condition.reason !== 'Installing')
      return failed(condition.message)
    if (condition.status === 'True') return current('CRD is established')
  }
  return inProgress('Install in progress')
}
