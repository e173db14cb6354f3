/**
 * SOPS: its files, its cipher, its keys, and the places where Flux decrypts.
 * Invariant: pure but for the key service; plain text goes into the answer and nowhere else: no
 * fault quotes a value, decrypted or not.
 */
export { type DecryptOptions, decryptFile, verifyFile } from './decrypt-file.ts'
export { decryptObjects, isEncryptedSecret } from './decrypt-objects.ts'
export { decryptSources } from './decrypt-sources.ts'
export { type Decryption, type DecryptionDeps, openDecryption } from './decryption.ts'
export type { DecryptCode } from './faults.ts'
export { type Format, formatForPath, isEncrypted } from './formats.ts'
export { type KeySecret, localKeys, readKeySecret } from './key-secret.ts'
export { type PgpSigned, verifyPgpSignature } from './pgp-signature.ts'
