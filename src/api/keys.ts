import type { TokenUse } from './token-use.ts'

/** One of the keys that the data key of a SOPS file is encrypted with, as its metadata name it. */
export type MasterKey =
  | { readonly kind: 'age'; readonly recipient: string; readonly enc: string }
  | { readonly kind: 'pgp'; readonly fingerprint: string; readonly enc: string }
  | {
      readonly kind: 'kms'
      readonly arn: string
      readonly role?: string
      readonly context?: Readonly<Record<string, string>>
      readonly profile?: string
      readonly enc: string
    }
  | { readonly kind: 'gcp_kms'; readonly resourceId: string; readonly enc: string }
  | {
      readonly kind: 'azure_kv'
      readonly vaultUrl: string
      readonly name: string
      readonly version: string
      readonly enc: string
    }
  | {
      readonly kind: 'hc_vault'
      readonly address: string
      readonly enginePath: string
      readonly keyName: string
      readonly enc: string
    }
  | { readonly kind: 'hckms'; readonly keyId: string; readonly enc: string }

/** Decrypts data keys. */
export interface KeyService {
  /**
   * The data key, or the part of it, that the master key holds; undefined when this service is not
   * for such a key.
   * @throws Fault when it is and cannot: no fitting key, refused, unreachable
   */
  decrypt(key: MasterKey): Promise<Uint8Array | undefined>
}

/** Credentials of clouds, as a decryption Secret holds them. Those that are absent are not there. */
export interface CloudCredentials {
  readonly vaultToken?: string
  readonly aws?: {
    readonly accessKeyId: string
    readonly secretAccessKey: string
    readonly sessionToken?: string
  }
  readonly azure?: AzureCredentials
  /** The JSON of a service account. */
  readonly gcp?: {
    readonly clientEmail: string
    readonly privateKey: string
    readonly tokenUri: string
  }
}

/** How to log in to Azure. */
export interface AzureCredentials {
  readonly tenantId?: string
  readonly clientId?: string
  readonly clientSecret?: string
  /** PEM: certificate and private key. */
  readonly clientCertificate?: string
  readonly sendChain?: boolean
  readonly authorityHost?: string
}

/** A service account of the cluster whose tokens stand for it elsewhere. */
export interface WorkloadIdentity {
  readonly namespace: string
  readonly name: string
  readonly annotations: Readonly<Record<string, string>>
  /** A token of the service account for these audiences; for the cluster's own when there is none. */
  token(...audiences: readonly string[]): Promise<string>
}

/** What keys across the network are opened with, for one Kustomization. */
export interface CloudKeyRequest {
  /** Of the decryption Secret. */
  readonly credentials: CloudCredentials
  readonly identity?: WorkloadIdentity
  /** Login paths by address of Vault: the servers that a service account may log in to. */
  readonly vaultLogins?: Readonly<Record<string, string>>
  readonly use?: TokenUse
}

/** How a cluster is found and asked that no kubeconfig opens, as a ConfigMap says it. */
export interface CloudClusterRequest {
  /** `generic`: a cluster that trusts the tokens of this one. */
  readonly provider: 'aws' | 'azure' | 'gcp' | 'generic'
  /** The cloud's own name of the cluster; `''` where address and certificate are given. */
  readonly cluster: string
  readonly address: string
  /** PEM; `''` is none. */
  readonly ca: string
  /** In place of the provider's own. */
  readonly audiences: readonly string[]
  /** Absent: the process's own credentials. */
  readonly identity?: WorkloadIdentity
  readonly use?: TokenUse
}

/** Where a cluster is, and what opens it. */
export interface ClusterAccess {
  readonly server: string
  /** PEM; absent: the authorities that this machine trusts. */
  readonly ca?: string
  /** A token that is good at this moment. */
  readonly token: () => Promise<string>
}

/** Finds a cluster in a cloud, and what opens it. Tokens are kept. @throws Fault in Flux's words */
export type CloudClusters = (request: CloudClusterRequest) => Promise<ClusterAccess>

/** Makes the service of keys across the network. */
export type CloudKeys = (request: CloudKeyRequest) => KeyService
