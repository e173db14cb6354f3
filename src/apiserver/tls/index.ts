/**
 * Certificates: an authority, and what it signs.
 * Invariant: nothing here knows of the server; keys never leave but in what is returned.
 */
export { createAuthority, type Holder, issue, type KeyPair, signRequest } from './certificates.ts'
export { type CertificateRequest, readRequest } from './requests.ts'
