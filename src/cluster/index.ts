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
export { acquireLease, leaseName } from './lease.ts'
export type { ElectionDeps, ElectionOptions, HeldLease } from './lease-hold.ts'
export { ownerOf } from './rendezvous.ts'
export type { ClusterDeps } from './session.ts'
export {
  divideShares,
  SHARD_GROUP,
  SHARD_MEMBERS,
  type SharesDeps,
  type SharesOptions,
} from './shares.ts'
