/** A call of a webhook. */
export interface HookCall {
  /** Path and query as they were sent. */
  readonly target: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Uint8Array
}

/** Answers a call of a webhook with an HTTP status. Never rejects. */
export type HookHandler = (call: HookCall) => Promise<number>

/** A public key of an issuer, as a JSON Web Key. */
export type IssuerKey = Readonly<Record<string, unknown>> & { readonly kid?: string }

/** Finds the keys of issuers of tokens (OpenID Connect discovery). */
export interface IssuerKeys {
  /**
   * The keys that an issuer signs with now. With `kid`, keys that are kept are asked for anew when none
   * has that name.
   * @throws Fault when the issuer cannot be asked, or answers with something else
   */
  keys(issuer: string, kid: string | undefined): Promise<readonly IssuerKey[]>
}
