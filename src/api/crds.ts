import { z } from 'zod'
import { isArray, isObject, type Json, type JsonObject, type KubeObject } from '../object/index.ts'
import { KUSTOMIZE_GROUP } from './kustomization.ts'
import { kustomizationSpec, kustomizationStatus } from './kustomization-schema.ts'
import {
  bucketSpec,
  bucketStatus,
  externalArtifactSpec,
  externalArtifactStatus,
  ociRepositorySpec,
  ociRepositoryStatus,
} from './other-sources-schema.ts'
import { NOTIFICATION_GROUP } from './receiver.ts'
import { receiverSpec, receiverStatus } from './receiver-schema.ts'
import { NEVER_OBSERVED } from './schema-parts.ts'
import { SOURCE_GROUP } from './source.ts'
import { gitRepositorySpec, gitRepositoryStatus } from './source-schema.ts'

interface Definition {
  readonly group: string
  readonly kind: string
  readonly plural: string
  readonly shortNames?: readonly string[]
  readonly category: string
  readonly columns: readonly (keyof typeof COLUMNS)[]
  readonly annotations?: Readonly<Record<string, string>>
  readonly spec: z.ZodType
  readonly status: z.ZodType
  readonly statusDefault?: JsonObject
}

const COLUMNS = {
  Age: { type: 'date', jsonPath: '.metadata.creationTimestamp' },
  Endpoint: { type: 'string', jsonPath: '.spec.endpoint' },
  Ready: { type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  Source: { type: 'string', jsonPath: '.spec.sourceRef.name' },
  Status: { type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].message' },
  URL: { type: 'string', jsonPath: '.spec.url' },
} as const

/** Which Flux the schemas are those of; `flux check` reads it off the CRDs. */
export const FLUX_VERSION = 'v2.9.4'

const DEFINITIONS: readonly Definition[] = [
  {
    group: KUSTOMIZE_GROUP,
    kind: 'Kustomization',
    plural: 'kustomizations',
    shortNames: ['ks'],
    category: 'fluxcd-appliers',
    columns: ['Age', 'Ready', 'Status'],
    // A Kustomization that applies this very text must not substitute the ${var} in it.
    annotations: { [`${KUSTOMIZE_GROUP}/substitute`]: 'disabled' },
    spec: kustomizationSpec,
    status: kustomizationStatus,
    statusDefault: NEVER_OBSERVED,
  },
  {
    group: SOURCE_GROUP,
    kind: 'GitRepository',
    plural: 'gitrepositories',
    shortNames: ['gitrepo'],
    category: 'fluxcd-sources',
    columns: ['URL', 'Age', 'Ready', 'Status'],
    spec: gitRepositorySpec,
    status: gitRepositoryStatus,
    statusDefault: NEVER_OBSERVED,
  },
  {
    group: SOURCE_GROUP,
    kind: 'OCIRepository',
    plural: 'ocirepositories',
    shortNames: ['ocirepo'],
    category: 'fluxcd-sources',
    columns: ['URL', 'Ready', 'Status', 'Age'],
    spec: ociRepositorySpec,
    status: ociRepositoryStatus,
    statusDefault: NEVER_OBSERVED,
  },
  {
    group: SOURCE_GROUP,
    kind: 'Bucket',
    plural: 'buckets',
    category: 'fluxcd-sources',
    columns: ['Endpoint', 'Age', 'Ready', 'Status'],
    spec: bucketSpec,
    status: bucketStatus,
    statusDefault: NEVER_OBSERVED,
  },
  {
    group: SOURCE_GROUP,
    kind: 'ExternalArtifact',
    plural: 'externalartifacts',
    shortNames: ['ea'],
    category: 'fluxcd-sources',
    columns: ['Age', 'Ready', 'Status', 'Source'],
    spec: externalArtifactSpec,
    status: externalArtifactStatus,
  },
  {
    group: NOTIFICATION_GROUP,
    kind: 'Receiver',
    plural: 'receivers',
    category: 'fluxcd-notifications',
    columns: ['Age', 'Ready', 'Status'],
    annotations: { [`${KUSTOMIZE_GROUP}/substitute`]: 'disabled' },
    spec: receiverSpec,
    status: receiverStatus,
    statusDefault: NEVER_OBSERVED,
  },
]

/** The CRDs of the kinds that we own, in the order in which they are written to `crds/`. */
export function crds(): readonly KubeObject[] {
  return DEFINITIONS.map(crdOf)
}

function crdOf(definition: Definition): KubeObject {
  const { group, kind, plural, shortNames, category, annotations } = definition
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      labels: {
        'app.kubernetes.io/instance': 'flux-system',
        'app.kubernetes.io/part-of': 'flux',
        'app.kubernetes.io/version': FLUX_VERSION,
      },
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: {
      group,
      names: {
        categories: ['all', 'fluxcd', category],
        kind,
        listKind: `${kind}List`,
        plural,
        ...(shortNames === undefined ? {} : { shortNames }),
        singular: kind.toLowerCase(),
      },
      scope: 'Namespaced',
      versions: [versionOf(definition)],
    },
  }
}

function versionOf(definition: Definition): JsonObject {
  const status = schemaOf(definition.status)
  return {
    name: 'v1',
    served: true,
    storage: true,
    additionalPrinterColumns: definition.columns.map((name) => ({ name, ...COLUMNS[name] })),
    subresources: { status: {} },
    schema: {
      openAPIV3Schema: {
        description: `${definition.kind} of Flux's API.`,
        type: 'object',
        properties: {
          apiVersion: { description: 'API version of this object.', type: 'string' },
          kind: { description: 'Kind of this object.', type: 'string' },
          metadata: { type: 'object' },
          spec: schemaOf(definition.spec),
          status:
            definition.statusDefault === undefined
              ? status
              : { ...status, default: definition.statusDefault },
        },
      },
    },
  }
}

/** A zod schema as a structural schema of Kubernetes. */
function schemaOf(schema: z.ZodType): JsonObject {
  const json = z.toJSONSchema(schema, { io: 'input' }) as unknown as JsonObject
  const { $schema: _, ...rest } = json
  return structural(rest)
}

const SAFE_INTEGERS: readonly unknown[] = [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]

function structural(schema: JsonObject): JsonObject {
  const out: Record<string, Json> = {}
  for (const [key, value] of Object.entries(schema)) {
    // What JSON Schema can say and a structural schema can not, or need not.
    if (value === undefined || key === 'propertyNames' || SAFE_INTEGERS.includes(value)) continue
    if (key === 'properties' && isObject(value)) out[key] = structuralFields(value)
    else if (key === 'items' || key === 'additionalProperties')
      out[key] = isObject(value) ? structural(value) : value
    // A JavaScript regular expression escapes the slash, Go's takes it as it is.
    else out[key] = key === 'pattern' ? String(value).replaceAll('\\/', '/') : value
  }
  if (isArray(out['required']) && out['required'].length === 0) delete out['required']
  return out
}

function structuralFields(fields: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, isObject(field) ? structural(field) : {}]),
  )
}
