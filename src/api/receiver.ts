import type { KubeObject } from '../object/index.ts'
import type { Condition } from './condition.ts'

/** The group of Flux's notification-controller. */
export const NOTIFICATION_GROUP = 'notification.toolkit.fluxcd.io'

/** Who may call a webhook, and how the caller is known. */
export const RECEIVER_TYPES = [
  'generic',
  'generic-hmac',
  'generic-oidc',
  'github',
  'gitlab',
  'bitbucket',
  'harbor',
  'dockerhub',
  'quay',
  'gcr',
  'nexus',
  'acr',
  'cdevents',
] as const

/** Kinds that a webhook may wake. */
export const RECEIVER_KINDS = [
  'Bucket',
  'GitRepository',
  'Kustomization',
  'HelmRelease',
  'HelmChart',
  'HelmRepository',
  'ImageRepository',
  'ImagePolicy',
  'ImageUpdateAutomation',
  'OCIRepository',
  'ArtifactGenerator',
  'ExternalArtifact',
] as const

/** One of `spec.resources` of a Receiver. */
export interface ReceiverResource {
  readonly apiVersion?: string
  readonly kind: (typeof RECEIVER_KINDS)[number]
  /** `*` for all that have the labels. */
  readonly name: string
  readonly namespace?: string
  readonly matchLabels?: Readonly<Record<string, string>>
  /** CEL over `res`, `req` and `claims`. */
  readonly filter?: string
}

/** One of `spec.oidcProviders` of a Receiver. */
export interface OidcProvider {
  readonly issuerURL: string
  readonly audience?: string
  readonly variables?: readonly { readonly name: string; readonly expression: string }[]
  readonly validations: readonly { readonly expression: string; readonly message: string }[]
}

/** `spec` of a Receiver. */
export interface ReceiverSpec {
  readonly type: (typeof RECEIVER_TYPES)[number]
  readonly interval?: string
  readonly events?: readonly string[]
  readonly resources: readonly ReceiverResource[]
  readonly resourceFilter?: string
  readonly secretRef?: { readonly name: string }
  readonly oidcProviders?: readonly OidcProvider[]
  readonly suspend?: boolean
}

/** `status` of a Receiver. */
export interface ReceiverStatus {
  readonly observedGeneration?: number
  readonly lastHandledReconcileAt?: string
  readonly conditions?: readonly Condition[]
  /** `/hook/` and the SHA-256 of token, name and namespace. */
  readonly webhookPath?: string
}

/** A Receiver object. */
export interface Receiver extends KubeObject {
  readonly spec: ReceiverSpec
  readonly status?: ReceiverStatus
}
