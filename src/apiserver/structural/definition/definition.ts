import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  sameJson,
  valueAt,
} from '../../../object/index.ts'
import {
  type Cause,
  dns1035Label,
  dnsSubdomain,
  invalid,
  notSupported,
  required,
  validateMetadata,
} from '../../builtin/index.ts'
import { approvalCauses } from './approval.ts'
import { conversionCauses } from './conversion-form.ts'
import { goVersions } from './go-schema.ts'
import { nameCauses, requiredNames } from './names-form.ts'
import { objectAt, objectsAt, textAt } from './parts.ts'
import {
  columnCauses,
  scaleCauses,
  schemaCauses,
  selectableCauses,
  type VersionAt,
  warningCauses,
} from './versions-form.ts'

/**
 * Everything that is wrong with a CustomResourceDefinition; with `old`, what may not be changed, too.
 * @see k8s.io/apiextensions-apiserver pkg/apis/apiextensions/validation/validation.go (v0.36.3)
 */
export function validateCrd(crd: KubeObject, old?: KubeObject): readonly Cause[] {
  const spec = objectAt(plain(crd), 'spec')
  const causes = [...validateMetadata(crd, false, old)]
  if (old === undefined) causes.push(...ownName(crd, spec))
  causes.push(...groupCauses(textAt(spec, 'group')), ...scopeCauses(textAt(spec, 'scope')))
  causes.push(...versionCauses(spec, old))
  causes.push(...requiredNames(spec), ...nameCauses(objectAt(spec, 'names'), 'spec.names'))
  causes.push(...conversionCauses(spec))
  if (old !== undefined) causes.push(...updateCauses(old, spec))
  causes.push(...storedCauses(crd, spec), ...approvalCauses(crd, old))
  return [...causes, ...preserveCauses(spec, old)]
}

/** What is wrong with the status of a CustomResourceDefinition that is written by itself. */
export function validateCrdStatus(crd: KubeObject, old: KubeObject): readonly Cause[] {
  const names = objectAt(objectAt(plain(crd), 'status'), 'acceptedNames')
  return [...validateMetadata(crd, false, old), ...nameCauses(names, 'status.acceptedNames')]
}

function plain(object: KubeObject): JsonObject {
  return object as unknown as JsonObject
}

function ownName(crd: KubeObject, spec: JsonObject): Cause[] {
  const name = crd.metadata.name ?? ''
  const wanted = `${textAt(objectAt(spec, 'names'), 'plural')}.${textAt(spec, 'group')}`
  const isAsked = name !== '' || crd.metadata.generateName === undefined
  return name === wanted || !isAsked
    ? []
    : [invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group')]
}

function groupCauses(group: string): Cause[] {
  const path = 'spec.group'
  if (group === '') return [required(path)]
  const problems = dnsSubdomain(group)
  if (problems.length > 0) return [invalid(path, group, problems.join(','))]
  return group.includes('.')
    ? []
    : [invalid(path, group, 'should be a domain with at least one dot')]
}

function scopeCauses(scope: string): Cause[] {
  const scopes = ['Cluster', 'Namespaced']
  if (scope === '') return [required('spec.scope')]
  return scopes.includes(scope) ? [] : [notSupported('spec.scope', scope, scopes)]
}

const PARTS = ['schema', 'subresources', 'additionalPrinterColumns', 'selectableFields'] as const
type Part = (typeof PARTS)[number]

/** Parts that are the same in all versions: the API server keeps them once, above the versions. */
function sharedParts(versions: readonly JsonObject[]): ReadonlySet<Part> {
  const [first] = versions
  if (first === undefined) return new Set()
  return new Set(PARTS.filter((key) => versions.every((each) => sameJson(each[key], first[key]))))
}

const CHECKS: Readonly<Record<Part, (version: JsonObject, at: VersionAt) => Cause[]>> = {
  schema: schemaCauses,
  subresources: scaleCauses,
  additionalPrinterColumns: columnCauses,
  selectableFields: selectableCauses,
}

function versionCauses(spec: JsonObject, old: KubeObject | undefined): Cause[] {
  const versions = objectsAt(spec, 'versions')
  const shared = sharedParts(versions)
  const before = old === undefined ? [] : objectsAt(objectAt(plain(old), 'spec'), 'versions')
  const causes = versions.flatMap((version, i) => versionTexts(version, i))
  for (const key of PARTS)
    for (const [i, version] of versions.entries()) {
      const isShared = shared.has(key)
      if (isShared && i > 0) break
      const top = key === 'schema' ? 'validation' : key
      const path = isShared ? `spec.${top}` : `spec.versions[${i}].${key}`
      const isWithSchema = isShared === shared.has('schema')
      const at = { path, isWithSchema, ...known({ version, versions, shared, before }) }
      causes.push(...CHECKS[key](version, at))
    }
  if (spec['preserveUnknownFields'] === true && versions.some((each) => hasDefault(each['schema'])))
    causes.push(
      invalid(
        'spec.preserveUnknownFields',
        true,
        'must be false in order to use defaults in the schema',
      ),
    )
  const value = isArray(spec['versions'])
    ? goVersions(versions, (key) => shared.has(key as Part))
    : null
  if (new Set(versions.map((version) => version['name'])).size < versions.length)
    causes.push(invalid('spec.versions', value, 'must contain unique version names'))
  if (versions.filter((version) => version['storage'] === true).length !== 1)
    causes.push(
      invalid('spec.versions', value, 'must have exactly one version marked as storage version'),
    )
  return causes
}

function versionTexts(version: JsonObject, i: number): Cause[] {
  const place = `spec.versions[${i}]`
  const name = textAt(version, 'name')
  const problems = dns1035Label(name)
  const causes: Cause[] = []
  if (problems.length > 0) causes.push(invalid(`${place}.name`, name, problems.join(',')))
  if (i === 0 && name !== '' && problems.length > 0)
    causes.push(invalid('spec.version', name, problems.join(',')))
  if (!isObject(valueAt(version, 'schema', 'openAPIV3Schema')))
    causes.push(required(`${place}.schema.openAPIV3Schema`))
  return [...causes, ...warningCauses(version, place)]
}

interface Versions {
  readonly version: JsonObject
  readonly versions: readonly JsonObject[]
  readonly shared: ReadonlySet<Part>
  /** Those of the definition that is replaced. */
  readonly before: readonly JsonObject[]
}

function known({
  version,
  versions,
  shared,
  before,
}: Versions): Omit<VersionAt, 'path' | 'isWithSchema'> {
  const hasStatus = (each: JsonObject | undefined): boolean =>
    each !== undefined && isObject(valueAt(each, 'subresources', 'status'))
  const name = version['name']
  const was = before.find((each) => each['name'] === name)
  const fields = was === undefined ? [] : objectsAt(was, 'selectableFields')
  return {
    hasStatus: shared.has('schema')
      ? versions.some(hasStatus)
      : hasStatus(versions.find((each) => each['name'] === name)),
    isUnchanged: was !== undefined && sameJson(was['schema'], version['schema']),
    allowsTooMany: fields.length > 8 && sameJson(fields, version['selectableFields']),
  }
}

function hasDefault(value: Json | undefined): boolean {
  if (isArray(value)) return value.some(hasDefault)
  if (!isObject(value)) return false
  if (value['default'] !== undefined && typeof value['type'] === 'string') return true
  return Object.values(value).some(hasDefault)
}

function updateCauses(old: KubeObject, spec: JsonObject): Cause[] {
  const before = objectAt(plain(old), 'spec')
  const conditions = objectsAt(objectAt(plain(old), 'status'), 'conditions')
  const established = conditions.some(
    (each) => each['type'] === 'Established' && each['status'] === 'True',
  )
  const fixed = [...(established ? ['scope', 'names.kind'] : []), 'group', 'names.plural']
  return fixed.flatMap((path) => {
    const keys = path.split('.')
    const value = valueAt(spec, ...keys)
    return sameJson(value, valueAt(before, ...keys))
      ? []
      : [invalid(`spec.${path}`, value ?? '', 'field is immutable')]
  })
}

function storedCauses(crd: KubeObject, spec: JsonObject): Cause[] {
  const stored = valueAt(plain(crd), 'status', 'storedVersions')
  const versions = objectsAt(spec, 'versions')
  const names = versions.map((version) => version['name'])
  const place = 'status.storedVersions'
  if (!isArray(stored) || stored.length === 0)
    return [invalid(place, null, 'must have at least one stored version')]
  const causes = versions.flatMap((version): Cause[] =>
    version['storage'] !== true || stored.includes(version['name'] ?? '')
      ? []
      : [invalid(place, stored, `must have the storage version ${textAt(version, 'name')}`)],
  )
  for (const [i, version] of stored.entries())
    if (!names.includes(version))
      causes.push(
        invalid(
          `${place}[${i}]`,
          version,
          `missing from spec.versions; ${String(version)} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${String(version)} and removes ${String(version)} from status.storedVersions`,
        ),
      )
  return causes
}

function preserveCauses(spec: JsonObject, old: KubeObject | undefined): Cause[] {
  const did = old !== undefined && objectAt(plain(old), 'spec')['preserveUnknownFields'] === true
  if (did || spec['preserveUnknownFields'] !== true) return []
  const words =
    'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'
  return [invalid('spec.preserveUnknownFields', true, words)]
}
