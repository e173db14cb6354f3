/**
 * A Kubernetes API server in this process: a Transport, and the same on HTTP.
 * Invariant: it learns kinds from its generated table and from CRD objects, never from api/; all
 * time comes from the clock handed in; objects in the store are replaced, never changed.
 */
export type { Peer } from './auth/authenticate.ts'
export type { Admission, User } from './core.ts'
export type { Secured } from './keys.ts'
export type { Lifecycle, LifecycleCondition, Wanted } from './lifecycles/lifecycle.ts'
export { type LifecycleCode, readLifecycles } from './lifecycles/read.ts'
export {
  type ApiServer,
  type ApiServerDeps,
  type ApiServerOptions,
  createApiServer,
} from './server.ts'
export type { Journal, SavedChange } from './store/journal.ts'
export type { KeyPair } from './tls/index.ts'
export { type Served, type ServeOptions, serve } from './wire/http.ts'
export type { SecureOptions } from './wire/secure.ts'
