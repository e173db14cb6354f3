/**
 * A Kubernetes API server over the network: requests, watches, discovery, kubeconfig.
 * Invariant: what the server refuses leaves here as an ApiFault, and a watch never misses an object.
 */
export { createCluster } from './cluster.ts'
export type { ClusterDeps } from './session.ts'
