import {
  type Defaulter,
  type Draft,
  draftAt,
  draftsAt,
  fill,
  fillEmpty,
  madeAt,
} from './mutable.ts'

const EXTERNAL = ['NodePort', 'LoadBalancer']

/** Services, ingresses and network policies. */
export const serviceDefaulters: Readonly<Record<string, Defaulter>> = {
  'core.v1.Service': (draft) => {
    const spec = madeAt(draft, 'spec')
    fillEmpty(spec, { sessionAffinity: 'None', type: 'ClusterIP' })
    fillAffinity(spec)
    for (const port of draftsAt(spec, 'ports')) {
      fillEmpty(port, { protocol: 'TCP' })
      fillEmpty(port, { targetPort: port['port'] ?? 0 })
    }
    fillTraffic(spec)
    if (spec['type'] !== 'LoadBalancer') return
    fill(spec, { allocateLoadBalancerNodePorts: true })
    const balancer = draftAt(draftAt(draft, 'status'), 'loadBalancer')
    for (const ingress of draftsAt(balancer, 'ingress'))
      if (ingress['ip']) fill(ingress, { ipMode: 'VIP' })
  },
  'core.v1.Endpoints': (draft) => {
    for (const subset of draftsAt(draft, 'subsets'))
      for (const port of draftsAt(subset, 'ports')) fillEmpty(port, { protocol: 'TCP' })
  },
  'discovery.v1.EndpointPort': (draft) => fill(draft, { name: '', protocol: 'TCP' }),
  'networking.v1.NetworkPolicyPort': (draft) => fill(draft, { protocol: 'TCP' }),
  'networking.v1.NetworkPolicy': (draft) => {
    const spec = madeAt(draft, 'spec')
    const types = spec['policyTypes']
    if (Array.isArray(types) && types.length > 0) return
    const egress = spec['egress']
    const hasEgress = Array.isArray(egress) && egress.length > 0
    spec['policyTypes'] = hasEgress ? ['Ingress', 'Egress'] : ['Ingress']
  },
  'networking.v1.IngressClass': (draft) => {
    const parameters = draftAt(draftAt(draft, 'spec'), 'parameters')
    if (parameters !== undefined) fill(parameters, { scope: 'Cluster' })
  },
}

function fillAffinity(spec: Draft): void {
  if (spec['sessionAffinity'] === 'None') delete spec['sessionAffinityConfig']
  if (spec['sessionAffinity'] !== 'ClientIP') return
  const client = draftAt(draftAt(spec, 'sessionAffinityConfig'), 'clientIP')
  if (client?.['timeoutSeconds'] === undefined)
    spec['sessionAffinityConfig'] = { clientIP: { timeoutSeconds: 10_800 } }
}

function fillTraffic(spec: Draft): void {
  const type = String(spec['type'])
  const ips = spec['externalIPs']
  const hasIps = type === 'ClusterIP' && Array.isArray(ips) && ips.length > 0
  if (EXTERNAL.includes(type) || hasIps) fillEmpty(spec, { externalTrafficPolicy: 'Cluster' })
  if ([...EXTERNAL, 'ClusterIP'].includes(type)) fill(spec, { internalTrafficPolicy: 'Cluster' })
}
