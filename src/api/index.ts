/**
 * The kinds that we own, as Flux 2.9.4 defines them, and the ports that serve them.
 * Invariant: the schemas here are the single source of `crds/`.
 */
export type {
  AwsLogin,
  AwsLoginRequest,
  AzureLoginRequest,
  CloudLogins,
  CloudSubject,
  GoogleLoginRequest,
} from './clouds.ts'
export type { Condition } from './condition.ts'
export type { HookCall, HookHandler, IssuerKey, IssuerKeys } from './hook.ts'
export type {
  AzureCredentials,
  CloudClusterRequest,
  CloudClusters,
  CloudCredentials,
  CloudKeyRequest,
  CloudKeys,
  ClusterAccess,
  KeyService,
  MasterKey,
  WorkloadIdentity,
} from './keys.ts'
export {
  type Dependency,
  type HealthCheckExpr,
  type HealthCheckRef,
  type HistoryEntry,
  type InventoryEntry,
  KUSTOMIZE_GROUP,
  type Kustomization,
  type KustomizationSpec,
  type KustomizationStatus,
  type Selector,
  type SourceRef,
  type SubstituteReference,
} from './kustomization.ts'
export type {
  Bucket,
  BucketSpec,
  BucketStatus,
  ExternalArtifact,
  ExternalArtifactSpec,
  LayerSelector,
  OciRepository,
  OciRepositorySpec,
  OciRepositoryStatus,
  SourceStatus,
} from './other-sources.ts'
export type {
  ArtifactInclude,
  ArtifactInput,
  ArtifactOwner,
  ArtifactReader,
  ArtifactStore,
  BucketContent,
  BucketLogin,
  BucketRequest,
  Buckets,
  Fetcher,
  FilePieces,
  GitCheckout,
  GitRequest,
  GitTag,
  OciArtifact,
  OciPolicy,
  OciPull,
  OciPushed,
  OciPushRequest,
  OciRequest,
  Registry,
  RegistryUser,
  RegistryWriter,
  Signed,
  SourceTree,
} from './ports.ts'
export { REASONS, type ReasonText } from './reasons.ts'
export {
  NOTIFICATION_GROUP,
  type OidcProvider,
  type Receiver,
  type ReceiverResource,
  type ReceiverSpec,
  type ReceiverStatus,
} from './receiver.ts'
export type { ShareFollower, Shares } from './shares.ts'
export {
  type Artifact,
  type GitInclude,
  type GitRef,
  type GitRepository,
  type GitRepositorySpec,
  type GitRepositoryStatus,
  SOURCE_GROUP,
} from './source.ts'
export { TOKEN_CACHE_EVENT_TYPES, TOKEN_CACHE_EVENTS, type TokenUse } from './token-use.ts'
