import { createHash } from 'node:crypto'
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  sameJson,
  stringAt,
  valueAt,
} from '../object/index.ts'
import type { Core } from './core.ts'
import type { Column, CustomKind, Kind, Subresource } from './kind.ts'
import { compareVersions } from './registry.ts'

/** The table of CustomResourceDefinitions. */
export const CRDS = 'customresourcedefinitions.apiextensions.k8s.io'

/** Custom objects of a CRD with this annotation become Ready by themselves. */
export const STAND_IN = 'tidegate.dev/stand-in'

/** Keeps what is served in step with the CRDs that are stored. */
export function followCrds(core: Core): void {
  for (const crd of core.store.list(CRDS)) serve(core, crd)
  core.store.subscribe(CRDS, (event) => {
    const { object, previous } = event
    const { name = '' } = object.metadata
    if (event.type === 'DELETED') core.registry.setCustom(name, [])
    else serve(core, object)
    if (event.type === 'DELETED' || (previous !== undefined && servesOther(object, previous)))
      core.registry.renewed(name)
  })
}

/** Whether watches of a definition end, because its objects are others now. */
function servesOther(next: KubeObject, before: KubeObject): boolean {
  const paths = [['spec'], ['status', 'acceptedNames']]
  return paths.some((path) => {
    const [a, b] = [valueAt(plain(next), ...path), valueAt(plain(before), ...path)]
    return a !== b && !sameJson(a ?? null, b ?? null)
  })
}

function serve(core: Core, crd: KubeObject): void {
  core.registry.setCustom(crd.metadata.name ?? '', isEstablished(crd) ? kindsOf(crd) : [])
}

function isEstablished(crd: KubeObject): boolean {
  const conditions = valueAt(plain(crd), 'status', 'conditions')
  return (
    isArray(conditions) &&
    conditions.some(
      (each) => isObject(each) && each['type'] === 'Established' && each['status'] === 'True',
    )
  )
}

function plain(object: KubeObject): JsonObject {
  return object as unknown as JsonObject
}

function versionsOf(crd: KubeObject): JsonObject[] {
  const versions = valueAt(plain(crd), 'spec', 'versions')
  return isArray(versions) ? versions.filter(isObject) : []
}

function kindsOf(crd: KubeObject): Kind[] {
  const storage = versionsOf(crd).find((version) => version['storage'] === true)
  const versions = betweenVersions(crd)
  return versionsOf(crd)
    .filter((version) => version['served'] === true)
    .map((version) => kindOf(crd, version, String(storage?.['name'] ?? version['name']), versions))
}

type Versions = Pick<CustomKind, 'schemas' | 'replicasPaths' | 'versionsDiffer' | 'conversion'>

/** What versions have to do with one another. */
function betweenVersions(crd: KubeObject): Versions {
  const schemas = new Map(
    versionsOf(crd).map((version) => {
      const schema = valueAt(version, 'schema', 'openAPIV3Schema')
      return [String(version['name']), isObject(schema) ? schema : undefined]
    }),
  )
  const replicasPaths = new Map(
    versionsOf(crd).flatMap((version) => {
      const path = stringAt(version, 'subresources', 'scale', 'specReplicasPath')
      return path === undefined ? [] : [[String(version['name']), stepsOf(path)] as const]
    }),
  )
  const [first] = schemas.values()
  const differ = [...schemas.values()].some((each) => !sameJson(each, first))
  const webhook = valueAt(plain(crd), 'spec', 'conversion', 'webhook')
  const isAsked = stringAt(plain(crd), 'spec', 'conversion', 'strategy') === 'Webhook'
  if (!isAsked || !isObject(webhook)) return { schemas, replicasPaths, versionsDiffer: differ }
  const { clientConfig, conversionReviewVersions: reviews } = webhook
  return {
    schemas,
    replicasPaths,
    versionsDiffer: true,
    conversion: {
      clientConfig: isObject(clientConfig) ? clientConfig : {},
      reviewVersions: strings(reviews),
    },
  }
}

function kindOf(crd: KubeObject, version: JsonObject, storage: string, versions: Versions): Kind {
  const spec = plain(crd)
  const group = stringAt(spec, 'spec', 'group') ?? ''
  const name = (key: string): string | undefined =>
    stringAt(spec, 'status', 'acceptedNames', key) ?? stringAt(spec, 'spec', 'names', key)
  const kind = name('kind') ?? ''
  const plural = name('plural') ?? ''
  const accepted = valueAt(spec, 'status', 'acceptedNames') ?? valueAt(spec, 'spec', 'names') ?? {}
  const annotations = crd.metadata.annotations ?? {}
  const scale = valueAt(version, 'subresources', 'scale')
  const schema = valueAt(version, 'schema', 'openAPIV3Schema')
  return {
    group,
    version: String(version['name']),
    plural,
    singular: name('singular') ?? kind.toLowerCase(),
    kind,
    listKind: name('listKind') ?? `${kind}List`,
    namespaced: stringAt(spec, 'spec', 'scope') === 'Namespaced',
    verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
    shortNames: strings(valueAt(accepted, 'shortNames')),
    categories: strings(valueAt(accepted, 'categories')),
    subresources: subresourcesOf(version),
    columns: columnsOf(version),
    hash: storageHash(`${group}/${storage}/${kind}`),
    table: `${plural}.${group}`,
    storedAs: `${group}/${storage}`,
    custom: {
      crdName: crd.metadata.name ?? '',
      hasStatus: isObject(valueAt(version, 'subresources', 'status')),
      ...(version['deprecated'] === true
        ? {
            deprecation:
              stringAt(version, 'deprecationWarning') ??
              deprecated(crd, `${group}/${String(version['name'])} ${kind}`),
          }
        : {}),
      ...(isObject(scale) ? { scale: scale as never } : {}),
      selectableFields: selectable(version),
      schema: isObject(schema) ? schema : undefined,
      preserveUnknownFields: valueAt(spec, 'spec', 'preserveUnknownFields') === true,
      standIn: annotations[STAND_IN] === 'true',
      accepting: crd.metadata.deletionTimestamp === undefined,
      revision: Number(crd.metadata.resourceVersion ?? 0),
      ...versions,
    },
  }
}

/** The warning of a version that is deprecated, naming the one to use instead where there is one. */
function deprecated(crd: KubeObject, what: string): string {
  const [group, kind] = [what.split('/')[0], what.split(' ')[1]]
  const better = versionsOf(crd)
    .filter((version) => version['served'] === true && version['deprecated'] !== true)
    .map((version) => String(version['name']))
    .sort(compareVersions)[0]
  const hint = better === undefined ? '' : `; use ${group}/${better} ${kind}`
  return `${what} is deprecated${hint}`
}

/** What discovery tells of the version that objects are stored in. */
function storageHash(stored: string): string {
  return createHash('sha256').update(stored).digest().subarray(0, 8).toString('base64')
}

function strings(value: Json | undefined): string[] {
  return isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

function selectable(version: JsonObject): string[] {
  const fields = version['selectableFields']
  if (!isArray(fields)) return []
  return fields.flatMap((each) => stringAt(each, 'jsonPath')?.replace(/^\./, '') ?? [])
}

function subresourcesOf(version: JsonObject): Subresource[] {
  const parts = version['subresources']
  if (!isObject(parts)) return []
  const verbs = ['get', 'patch', 'update']
  return [
    ...(isObject(parts['status']) ? [{ name: 'status', verbs }] : []),
    ...(isObject(parts['scale'])
      ? [{ name: 'scale', verbs, kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' } }]
      : []),
  ]
}

const NAME: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  priority: 0,
  description:
    'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
}

const AGE: Column = {
  name: 'Age',
  type: 'date',
  format: '',
  priority: 0,
  description:
    'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
  jsonPath: '.metadata.creationTimestamp',
}

function columnsOf(version: JsonObject): Column[] {
  const columns = version['additionalPrinterColumns']
  if (!isArray(columns) || columns.length === 0) return [NAME, AGE]
  return [
    NAME,
    ...columns.filter(isObject).map((column) => ({
      name: String(column['name']),
      type: String(column['type']),
      format: stringAt(column, 'format') ?? '',
      priority: Number(column['priority'] ?? 0),
      description:
        stringAt(column, 'description') ??
        `Custom resource definition column (in JSONPath format): ${String(column['jsonPath'])}`,
      jsonPath: String(column['jsonPath']),
    })),
  ]
}

function stepsOf(path: string): readonly string[] {
  return path.replace(/^\./, '').split('.')
}
