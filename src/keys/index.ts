/**
 * Keys across the network: AWS KMS, GCP KMS, Azure Key Vault, Vault and OpenBao, by signed REST.
 * Invariant: a credential goes to the host that it is for and to no other; what a server answered
 * is never quoted in a fault.
 */
export { cloudClusters } from './cloud-clusters.ts'
export { cloudKeys } from './cloud-keys.ts'
export { type CloudLoginOptions, cloudLogins } from './cloud-logins.ts'
export { fetchHttp, type Http, type HttpAnswer, type HttpRequest } from './http.ts'
export { issuerKeys } from './issuer-keys.ts'
export type { CloudKeyOptions, Endpoints } from './options.ts'
export { ownCredentials } from './own-credentials.ts'
export { presignV4, type SigningKey, signV4 } from './sigv4.ts'
export { createTokenCache, type TokenCache, type TokenCacheOptions } from './token-cache.ts'
