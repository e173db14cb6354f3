import type { AzureCredentials, CloudCredentials, WorkloadIdentity } from './keys.ts'
import type { RegistryUser } from './ports.ts'
import type { TokenUse } from './token-use.ts'

/** As whom a cloud is asked: a service account of the cluster; absent, the controller itself. */
export interface CloudSubject {
  readonly identity?: WorkloadIdentity
  readonly use?: TokenUse
}

/** What is asked of AWS. */
export interface AwsLoginRequest extends CloudSubject {
  /** `''`: that of the controller's environment. */
  readonly region: string
  /** In place of the region's own security token service. */
  readonly stsEndpoint?: string
}

/** Keys of AWS. */
export type AwsLogin = NonNullable<CloudCredentials['aws']>

/** What is asked of Azure. */
export interface AzureLoginRequest extends CloudSubject {
  /** What the token is for, `https://storage.azure.com`. */
  readonly resource: string
  /** Of a Secret; they come before any identity. */
  readonly credentials?: AzureCredentials
}

/** What is asked of Google. */
export interface GoogleLoginRequest extends CloudSubject {
  /** The JSON of a service account's key, of a Secret. */
  readonly serviceAccount?: Uint8Array
}

/**
 * Logs in to clouds. Tokens are kept until shortly before they end. What fails is a Fault in Flux's
 * words, with no credential in it.
 */
export interface CloudLogins {
  aws(request: AwsLoginRequest): Promise<AwsLogin>
  /** An access token. */
  azure(request: AzureLoginRequest): Promise<string>
  /** An access token. */
  google(request: GoogleLoginRequest): Promise<string>
  /** As whom a registry of a cloud is pulled from; `repository` is `host/path`. */
  registry(
    provider: 'aws' | 'azure' | 'gcp',
    request: CloudSubject & { readonly repository: string },
  ): Promise<RegistryUser>
}
