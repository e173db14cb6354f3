/**
 * What is outside and what we publish: Git hosts, the store of artifacts, its HTTP face and reader.
 * Invariant: nothing that a host sends can cost more than its named maximum, reach outside its tree
 * or see a credential that was given for another host.
 */
export {
  type ArtifactBucket,
  type ArtifactBucketOptions,
  openArtifactBucket,
} from './artifact/artifact-bucket.ts'
export { type BucketStoreOptions, storeInBucket } from './artifact/bucket-store.ts'
export {
  type ArtifactCode,
  type ArtifactReaderOptions,
  createArtifactReader,
  downloadArtifact,
} from './artifact/reader.ts'
export {
  type ArtifactServerOptions,
  type RunningServer,
  serveArtifacts,
} from './artifact/server.ts'
export {
  type ArtifactStoreOptions,
  createArtifactStore,
  type DigestAlgorithm,
  type LocalArtifactStore,
} from './artifact/store.ts'
export { type BucketsOptions, createBuckets } from './bucket/buckets.ts'
export { createFetcher, type FetcherDeps, type FetcherLimits } from './fetcher.ts'
export {
  type DirectoryServer,
  type DirectoryServerOptions,
  serveDirectory,
} from './git/directory-server.ts'
export type { GitCode } from './git/fault.ts'
export {
  type CommitInput,
  type FileContent,
  MemoryRepository,
  type Repository,
} from './git/memory-repository.ts'
export { type GitServerOptions, serveGit } from './git/server.ts'
export type { SshAlgorithms } from './git/smart-ssh.ts'
export { type HookServerOptions, serveHooks } from './hook-server.ts'
export {
  createHttpClient,
  type HttpAnswer,
  type HttpClient,
  type HttpRequest,
  readBody,
} from './http-client.ts'
export type { OciCode } from './oci/fault.ts'
export { createRegistryWriter } from './oci/push.ts'
export { createRegistry, type RegistryOptions } from './oci/registry.ts'
export { directoryIgnores } from './tree/ignore-rules.ts'
