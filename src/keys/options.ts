import type { CloudCredentials, TokenUse, WorkloadIdentity } from '../api/index.ts'
import type { Clock, Random } from '../base/index.ts'
import type { Http } from './http.ts'
import type { TokenCache } from './token-cache.ts'

/** Where the services are, instead of where they always are: for private clouds and tests. */
export interface Endpoints {
  /** In place of `https://kms.<region>.<suffix>`. */
  readonly awsKms?: string
  readonly awsSts?: string
  readonly awsEcr?: string
  readonly awsEks?: string
  readonly awsMetadata?: string
  readonly gcpKms?: string
  readonly gcpSts?: string
  readonly gcpIam?: string
  readonly gcpContainer?: string
  readonly gcpMetadata?: string
  /** Hosts beside Azure's own that a Key Vault may be at. */
  readonly azureVaultHosts?: readonly string[]
  readonly azureLogin?: string
  readonly azureManagement?: string
  readonly azureMetadata?: string
  readonly azureRegistry?: string
}

/** What key services across the network need. */
export interface CloudKeyOptions {
  /** Static credentials: of the Secret. They come before any identity. */
  readonly credentials: CloudCredentials
  /** The service account to be: of the Kustomization, or the default one. */
  readonly identity?: WorkloadIdentity
  /** The controller's own credentials, from its environment; used last. */
  readonly own?: CloudCredentials & {
    /** The only address that the controller's own Vault token is sent to. */
    readonly vaultAddress?: string
  }
  /** Login paths by address of Vault: where a service account may log in. */
  readonly vaultLogins?: Readonly<Record<string, string>>
  readonly endpoints?: Endpoints
  readonly http: Http
  readonly clock: Clock
  readonly random: Random
  /** Shared by all; absent: tokens are kept for these options alone. */
  readonly tokens?: TokenCache
  readonly use?: TokenUse
}
