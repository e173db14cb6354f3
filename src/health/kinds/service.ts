import { current, inProgress, type Rule, textAt } from '../status.ts'

/**
 * Health of a Service: a LoadBalancer waits for its cluster IP (not for the balancer).
 * @see fluxcd/cli-utils v1.2.2 kstatus core.go serviceConditions
 */
export const service: Rule = (object) => {
  const type = textAt(object, ['spec', 'type'], 'ClusterIP')
  return type === 'LoadBalancer' && textAt(object, ['spec', 'clusterIP'], '') === ''
    ? inProgress('ClusterIP not set. Service type: LoadBalancer')
    : current('Service is ready')
}
