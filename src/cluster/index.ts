/**
 * A Kubernetes API server over the network: requests, watches, discovery, kubeconfig.
 * Invariant: what the server refuses leaves here as an ApiFault, and a watch never misses an object.
 */
export { createCluster } from './cluster.ts'
export { fencedTransport } from './fence.ts'
export type { HttpOptions } from './http-options.ts'
export { type HttpTransport, httpTransport } from './http-transport.ts'
export {
  type Kubeconfig,
  type KubeconfigSource,
  kubeconfigFiles,
  loadKubeconfig,
} from './kubeconfig.ts'
export type { KubeconfigCode } from './kubeconfig-parts.ts'
export {
  acquireLease,
  type ElectionDeps,
  type ElectionOptions,
  type HeldLease,
  leaseName,
} from './lease.ts'
export type { ClusterDeps } from './session.ts'
