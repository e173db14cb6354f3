/** Data of a Secret, decoded. */
export type SecretData = Readonly<Record<string, Uint8Array>>
