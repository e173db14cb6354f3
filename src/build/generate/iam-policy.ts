import type { JsonObject } from '../../object/index.ts'
import { fail } from '../fault.ts'
import { makeResource, type Resource } from '../model/resource.ts'
import { nodeOfValue } from '../model/value.ts'

/**
 * The service account for GKE workload identity.
 * @see sigs.k8s.io/kustomize/api v0.21.1 filters/iampolicygenerator
 */
export function iamPolicy(config: JsonObject): Resource {
  if (config['cloud'] !== 'gke')
    fail(`cloud provider ${String(config['cloud'] ?? '')} not supported yet`)
  const own = (config['kubernetesService'] ?? {}) as JsonObject
  const account = (config['serviceAccount'] ?? {}) as JsonObject
  const name = `${String(account['name'] ?? '')}@${String(account['projectId'] ?? '')}`
  const namespace = String(own['namespace'] ?? '')
  const node = nodeOfValue({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      annotations: { 'iam.gke.io/gcp-service-account': `${name}.iam.gserviceaccount.com` },
      name: String(own['name'] ?? ''),
      ...(namespace === '' ? {} : { namespace }),
    },
  })
  return makeResource(node, '')
}
