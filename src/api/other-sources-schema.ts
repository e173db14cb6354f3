import { z } from 'zod'
import type {
  BucketSpec,
  BucketStatus,
  ExternalArtifactSpec,
  LayerSelector,
  OciRepositorySpec,
  OciRepositoryStatus,
  SourceStatus,
} from './other-sources.ts'
import {
  conditions,
  filled,
  flag,
  local,
  optional,
  ruled,
  statusShape,
  text,
  word,
} from './schema-parts.ts'
import { artifact, sourceShape } from './source-schema.ts'

const layerSelector = (description: string): z.ZodType<LayerSelector> =>
  z
    .object({
      mediaType: optional(text('Media type of the layer; the first layer when it is not set.')),
      operation: optional(
        word(['extract', 'copy'], 'extract unpacks the layer (the default), copy stores it as is.'),
      ),
    })
    .describe(description)

const certificates = local('Secret with the certificate authority and client certificate for TLS.')
const proxy = local('Secret with the address and credentials of a proxy.')

const ociVerify = z
  .object({
    matchOIDCIdentity: optional(
      z
        .array(
          z
            .object({
              issuer: text('Regular expression for the issuer.'),
              subject: text('Regular expression for the subject.'),
            })
            .describe('An identity that is trusted.'),
        )
        .describe('Identities that keyless signatures are matched with.'),
    ),
    provider: word(['cosign', 'notation'], 'What the signatures were made with.').meta({
      default: 'cosign',
    }),
    secretRef: optional(local('Secret with the public keys or certificates that are trusted.')),
    trustedRootSecretRef: optional(local('Secret with a Sigstore trusted root.')),
  })
  .describe('How signatures are verified.')

/** `spec` of an OCIRepository. */
export const ociRepositorySpec: z.ZodType<OciRepositorySpec> = z
  .object({
    ...sourceShape,
    certSecretRef: optional(certificates),
    insecure: optional(flag('Whether the registry is spoken to over plain HTTP.')),
    layerSelector: optional(layerSelector('Which layer of the artifact is taken, and how.')),
    provider: filled(
      word(['generic', 'aws', 'azure', 'gcp'], 'Who grants access to the registry.'),
      'generic',
    ),
    proxySecretRef: optional(proxy),
    ref: optional(
      z
        .object({
          digest: optional(text('Digest; it wins over semver.')),
          semver: optional(text('Range of versions that tags are matched with; it wins over tag.')),
          semverFilter: optional(text('Regular expression that tags must match for semver.')),
          tag: optional(text('Tag; latest when nothing is set.')),
        })
        .describe('What to pull.'),
    ),
    secretRef: optional(local('Secret with credentials for the registry.')),
    serviceAccountName: optional(text('Service account whose image pull secrets are used.')),
    url: z
      .string()
      .regex(/^oci:\/\/.*$/)
      .describe('Address of the repository in a registry, oci://host/path.'),
    verify: optional(ociVerify),
  })
  .describe('Which artifact is pulled, how often, and as whom.')

/** `status` of an OCIRepository. */
export const ociRepositoryStatus: z.ZodType<OciRepositoryStatus> = z
  .object({
    ...statusShape,
    artifact: optional(artifact),
    observedIgnore: optional(text('spec.ignore that the artifact was made with.')),
    observedLayerSelector: optional(layerSelector('spec.layerSelector that it was made with.')),
    url: optional(text('Where the newest artifact is served.')),
  })
  .describe('What was observed.')

const sts = z
  .object({
    certSecretRef: optional(certificates),
    endpoint: z
      .string()
      .regex(/^(http|https):\/\/.*$/)
      .describe('Address of the service.'),
    provider: word(['aws', 'ldap'], 'Kind of the service.'),
    secretRef: optional(local('Secret with credentials for the service.')),
  })
  .describe('A security token service that hands out temporary credentials.')

/** `spec` of a Bucket. */
export const bucketSpec: z.ZodType<BucketSpec> = ruled(
  z
    .object({
      ...sourceShape,
      bucketName: text('Name of the bucket.'),
      certSecretRef: optional(certificates),
      endpoint: text('Address of the object storage.'),
      insecure: optional(flag('Whether the storage is spoken to over plain HTTP.')),
      prefix: optional(text('Prefix of the keys that are fetched.')),
      provider: filled(
        word(['generic', 'aws', 'gcp', 'azure'], 'Who grants access to the storage.'),
        'generic',
      ),
      proxySecretRef: optional(proxy),
      region: optional(text('Region of the bucket.')),
      secretRef: optional(local('Secret with credentials for the storage.')),
      serviceAccountName: optional(
        text('Service account that authenticates with the cloud provider.'),
      ),
      sts: optional(sts),
    })
    .describe('Which bucket is fetched, how often, and as whom.'),
  [
    {
      message: "STS configuration is only supported for the 'aws' and 'generic' Bucket providers",
      rule: "self.provider == 'aws' || self.provider == 'generic' || !has(self.sts)",
    },
    {
      message: "'aws' is the only supported STS provider for the 'aws' Bucket provider",
      rule: "self.provider != 'aws' || !has(self.sts) || self.sts.provider == 'aws'",
    },
    {
      message: "'ldap' is the only supported STS provider for the 'generic' Bucket provider",
      rule: "self.provider != 'generic' || !has(self.sts) || self.sts.provider == 'ldap'",
    },
    {
      message: "spec.sts.secretRef is not required for the 'aws' STS provider",
      rule: "!has(self.sts) || self.sts.provider != 'aws' || !has(self.sts.secretRef)",
    },
    {
      message: "spec.sts.certSecretRef is not required for the 'aws' STS provider",
      rule: "!has(self.sts) || self.sts.provider != 'aws' || !has(self.sts.certSecretRef)",
    },
    {
      message: "ServiceAccountName is not supported for the 'generic' Bucket provider",
      rule: "self.provider != 'generic' || !has(self.serviceAccountName)",
    },
    {
      message: 'cannot set both .spec.secretRef and .spec.serviceAccountName',
      rule: '!has(self.secretRef) || !has(self.serviceAccountName)',
    },
  ],
)

/** `status` of a Bucket. */
export const bucketStatus: z.ZodType<BucketStatus> = z
  .object({
    ...statusShape,
    artifact: optional(artifact),
    observedIgnore: optional(text('spec.ignore that the artifact was made with.')),
    url: optional(text('Where the newest artifact is served.')),
  })
  .describe('What was observed.')

/** `spec` of an ExternalArtifact. */
export const externalArtifactSpec: z.ZodType<ExternalArtifactSpec> = z
  .object({
    sourceRef: optional(
      z
        .object({
          apiVersion: optional(text('API version of the referent.')),
          kind: text('Kind of the referent.'),
          name: text('Name of the referent.'),
          namespace: optional(text('Namespace of the referent.')),
        })
        .describe('What the artifact was made from.'),
    ),
  })
  .describe('Where the artifact comes from.')

/** `status` of an ExternalArtifact. */
export const externalArtifactStatus: z.ZodType<Pick<SourceStatus, 'artifact' | 'conditions'>> = z
  .object({ artifact: optional(artifact), conditions: optional(conditions) })
  .describe('What was observed.')
