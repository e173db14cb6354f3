import { z } from 'zod'
import type { KustomizationSpec, KustomizationStatus, Selector } from './kustomization.ts'
import {
  DURATION,
  filled,
  flag,
  integer,
  local,
  moment,
  optional,
  ruled,
  statusShape,
  text,
  texts,
  word,
} from './schema-parts.ts'

const NAMESPACE_OF_OWNER = 'Namespace of the referent; that of this object when it is not set.'

const duration = (description: string): z.ZodString => text(description).regex(DURATION)

const selector: z.ZodType<Selector> = z
  .object({
    group: optional(text('API group, as a regular expression.')),
    version: optional(text('API version, as a regular expression.')),
    kind: optional(text('Kind, as a regular expression.')),
    namespace: optional(text('Namespace, as a regular expression.')),
    name: optional(text('Name, as a regular expression.')),
    annotationSelector: optional(text('Label selector that is put to the annotations.')),
    labelSelector: optional(text('Label selector that is put to the labels.')),
  })
  .describe('Which resources are meant. An empty target means all.')

const dependsOn = z
  .array(
    z
      .object({
        name: text('Name of the referent.'),
        namespace: optional(text(NAMESPACE_OF_OWNER)),
        readyExpr: optional(
          text(
            'CEL expression over self and dep that says whether the dependency is ready. It stands ' +
              'in for the built-in check, unless the feature gate AdditiveCELDependencyCheck is on.',
          ),
        ),
      })
      .describe('A Kustomization that must be ready first.'),
  )
  .describe('Kustomizations that must be ready before this one is reconciled.')

const decryption = z
  .object({
    provider: word(['sops'], 'The decryption engine.'),
    secretRef: optional(
      local('Secret with the private keys, or with credentials of a key service.'),
    ),
    serviceAccountName: optional(
      text('Service account that authenticates with the key services of cloud providers.'),
    ),
  })
  .describe('How to decrypt Secrets before they are applied.')

const kubeConfig = ruled(
  z
    .object({
      configMapRef: optional(
        local('ConfigMap that describes the cluster and how to authenticate without a Secret.'),
      ),
      secretRef: optional(
        z
          .object({
            name: text('Name of the Secret.'),
            key: optional(text('Key in the Secret; value or value.yaml when it is not set.')),
          })
          .describe('Secret with a kubeconfig.'),
      ),
    })
    .describe('The remote cluster to apply to; this one when it is not set.'),
  [
    {
      message:
        'exactly one of spec.kubeConfig.configMapRef or spec.kubeConfig.secretRef must be specified',
      rule: 'has(self.configMapRef) || has(self.secretRef)',
    },
    {
      message:
        'exactly one of spec.kubeConfig.configMapRef or spec.kubeConfig.secretRef must be specified',
      rule: '!has(self.configMapRef) || !has(self.secretRef)',
    },
  ],
)

const postBuild = z
  .object({
    substitute: optional(texts('Variables and their values; these win over substituteFrom.')),
    substituteFrom: optional(
      z
        .array(
          z
            .object({
              kind: word(['Secret', 'ConfigMap'], 'Kind of the referent.'),
              name: z
                .string()
                .min(1)
                .max(253)
                .describe('Name of the referent, in the namespace of this object.'),
              optional: filled(flag('Whether the referent may be missing.'), false),
            })
            .describe('A Secret or ConfigMap whose keys are variables.'),
        )
        .describe('Secrets and ConfigMaps that hold variables; later ones win.'),
    ),
    substituteStrategy: optional(
      word(
        ['WithVariables', 'Always'],
        'WithVariables (the default) substitutes only when there is at least one variable; ' +
          'Always does so without any.',
      ),
    ),
  })
  .describe('What is done to the manifests after the build.')

const healthChecks = z
  .array(
    z
      .object({
        apiVersion: optional(text('API version of the referent.')),
        kind: text('Kind of the referent.'),
        name: text('Name of the referent.'),
        namespace: optional(text('Namespace of the referent.')),
      })
      .describe('A resource whose health counts.'),
  )
  .describe('Resources whose health is awaited after the apply.')

const healthCheckExprs = z
  .array(
    z
      .object({
        apiVersion: text('API version of the custom resource.'),
        kind: optional(text('Kind of the custom resource; all of the group when it is not set.')),
        current: text('CEL expression that is true once the resource is as desired.'),
        inProgress: optional(text('CEL expression that is true while it is on its way.')),
        failed: optional(text('CEL expression that is true when it will not get there.')),
      })
      .describe('How the health of a custom resource is told.'),
  )
  .describe('How the health of custom resources is told, for wait and healthChecks.')

const commonMetadata = z
  .object({
    annotations: optional(texts('Annotations for all resources.')),
    labels: optional(texts('Labels for all resources.')),
  })
  .describe('Labels and annotations that all resources get; they win over those in the manifests.')

const images = z
  .array(
    z
      .object({
        name: text('Image name without tag, as it stands in the manifests.'),
        newName: optional(text('Name to put in its place.')),
        newTag: optional(text('Tag to put in its place.')),
        digest: optional(text('Digest to put in place of the tag; it wins over newTag.')),
      })
      .describe('An image and what to put in its place.'),
  )
  .describe('Images to replace.')

const patches = z
  .array(
    z
      .object({
        patch: text('A strategic merge patch, or a JSON 6902 patch, as YAML or JSON.'),
        target: optional(selector),
      })
      .describe('A patch and the resources that it is for.'),
  )
  .describe('Patches on the manifests.')

const ignore = z
  .array(
    z
      .object({
        paths: z.array(z.string()).describe('JSON pointers (RFC 6901) to fields.'),
        target: optional(selector),
      })
      .describe('Fields that are left alone.'),
  )
  .describe('Fields that drift detection and apply leave alone.')

const sourceRef = z
  .object({
    apiVersion: optional(text('API version of the referent.')),
    kind: word(
      ['OCIRepository', 'GitRepository', 'Bucket', 'ExternalArtifact'],
      'Kind of the referent.',
    ),
    name: text('Name of the referent.'),
    namespace: optional(text(NAMESPACE_OF_OWNER)),
  })
  .describe('The source of the manifests.')

const affix = (description: string): z.ZodString => z.string().min(1).max(200).describe(description)

/** `spec` of a Kustomization. */
export const kustomizationSpec: z.ZodType<KustomizationSpec> = z
  .object({
    buildMetadata: optional(
      z
        .array(word(['originAnnotations', 'transformerAnnotations'], 'A kind of build metadata.'))
        .describe('What the build notes on the resources about itself.'),
    ),
    commonMetadata: optional(commonMetadata),
    components: optional(z.array(z.string()).describe('Relative paths of kustomize components.')),
    decryption: optional(decryption),
    deletionPolicy: optional(
      word(
        ['MirrorPrune', 'Delete', 'WaitForTermination', 'Orphan'],
        'What the deletion of this object does to what it applied. MirrorPrune (the default) ' +
          'does what prune says.',
      ),
    ),
    dependsOn: optional(dependsOn),
    force: filled(flag('Recreate resources whose change meets an immutable field.'), false),
    healthCheckExprs: optional(healthCheckExprs),
    healthChecks: optional(healthChecks),
    ignore: optional(ignore),
    ignoreMissingComponents: optional(flag('Leave out components that are not there.')),
    images: optional(images),
    interval: duration('How long after a success the next reconciliation is due.'),
    kubeConfig: optional(kubeConfig),
    namePrefix: optional(affix('Put before the names of all resources.')),
    nameSuffix: optional(affix('Put after the names of all resources.')),
    patches: optional(patches),
    path: optional(text('Directory in the source; its root when it is not set.')),
    postBuild: optional(postBuild),
    prune: flag('Whether resources that are no longer in the source are deleted.'),
    retryInterval: optional(duration('How long after a failure the next try is due.')),
    serviceAccountName: optional(text('Service account to apply as.')),
    sourceRef,
    suspend: optional(flag('Whether reconciliation is suspended.')),
    targetNamespace: optional(
      z.string().min(1).max(63).describe('Namespace that all resources are put into.'),
    ),
    timeout: optional(duration('How long health checks may take.')),
    wait: optional(flag('Whether the health of everything that was applied is awaited.')),
  })
  .describe('What is desired: which manifests, from where, and how they are applied.')

const entry = z
  .object({
    id: text('<namespace>_<name>_<group>_<kind>.'),
    v: text('API version without its group.'),
  })
  .describe('A resource that was applied.')

const snapshot = z
  .object({
    digest: text('Digest of the manifests.'),
    firstReconciled: moment('When this was reconciled first.'),
    lastReconciled: moment('When this was reconciled last.'),
    lastReconciledDuration: text('How long that took.'),
    lastReconciledStatus: text('Reason of the Ready condition at its end.'),
    metadata: optional(texts('Revisions.')),
    totalReconciliations: integer('How often this was reconciled.'),
  })
  .describe('A content and how its reconciliation ended.')

/** `status` of a Kustomization. */
export const kustomizationStatus: z.ZodType<KustomizationStatus> = z
  .object({
    ...statusShape,
    history: optional(z.array(snapshot).describe('The last contents, newest first.')),
    inventory: optional(
      z
        .object({ entries: z.array(entry).describe('In the order of application.') })
        .describe('What was applied.'),
    ),
    lastAppliedOriginRevision: optional(text('Origin revision that was applied last.')),
    lastAppliedRevision: optional(text('Revision that was applied last.')),
    lastAttemptedRevision: optional(text('Revision that was tried last.')),
  })
  .describe('What was observed.')
