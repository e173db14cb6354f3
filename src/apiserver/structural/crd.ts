import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  sameJson,
  valueAt,
} from '../../object/index.ts'
import {
  type Cause,
  dns1035Label,
  dnsSubdomain,
  duplicate,
  invalid,
  notSupported,
  required,
  tooMany,
  validateMetadata,
} from '../builtin/index.ts'
import { crdSchemaCauses } from './crd-schema.ts'

/**
 * Everything that is wrong with a CustomResourceDefinition; with `old`, what may not be changed, too.
 * The estimated cost of rules is not computed.
 * @see k8s.io/apiextensions-apiserver pkg/apis/apiextensions/validation/validation.go (v0.36.3)
 */
export function validateCrd(crd: KubeObject, old?: KubeObject): readonly Cause[] {
  const spec = objectAt(crd as unknown as JsonObject, 'spec')
  const names = objectAt(spec, 'names')
  const wanted = `${textAt(names, 'plural')}.${textAt(spec, 'group')}`
  const name = crd.metadata.name ?? ''
  const causes = [...validateMetadata(crd, false, old)]
  if (old === undefined && name !== wanted)
    causes.push(invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group'))
  causes.push(...groupCauses(textAt(spec, 'group')), ...scopeCauses(textAt(spec, 'scope')))
  causes.push(...versionCauses(spec), ...nameCauses(names))
  causes.push(...storedCauses(crd, spec))
  if (old !== undefined) causes.push(...updateCauses(old, spec))
  return causes
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

/** Where one schema is that of all versions, the API server calls it the schema of the CRD. */
function shared(versions: readonly JsonObject[], key: string): boolean {
  const [first] = versions
  return first !== undefined && versions.every((each) => sameJson(each[key], first[key]))
}

function versionCauses(spec: JsonObject): Cause[] {
  const versions = objectsAt(spec, 'versions')
  const causes: Cause[] = []
  for (const [i, version] of versions.entries()) {
    const place = `spec.versions[${i}]`
    const name = textAt(version, 'name')
    const problems = dns1035Label(name)
    if (problems.length > 0) causes.push(invalid(`${place}.name`, name, problems.join(',')))
    if (i === 0 && name !== '' && problems.length > 0)
      causes.push(invalid('spec.version', name, problems.join(',')))
    if (!isObject(valueAt(version, 'schema', 'openAPIV3Schema')))
      causes.push(required(`${place}.schema.openAPIV3Schema`))
  }
  const each = (
    key: string,
    check: (version: JsonObject, path: string) => Cause[],
    top: string,
  ): void => {
    if (shared(versions, key)) causes.push(...check(versions[0] ?? {}, `spec.${top}`))
    else
      for (const [i, version] of versions.entries())
        causes.push(...check(version, `spec.versions[${i}].${key}`))
  }
  each('schema', schemaOf, 'validation')
  each('subresources', scaleCauses, 'subresources')
  each('additionalPrinterColumns', columnCauses, 'additionalPrinterColumns')
  each('selectableFields', selectableCauses, 'selectableFields')
  const value = isArray(spec['versions']) ? goVersions(versions) : null
  if (new Set(versions.map((version) => version['name'])).size < versions.length)
    causes.push(invalid('spec.versions', value, 'must contain unique version names'))
  if (versions.filter((version) => version['storage'] === true).length !== 1)
    causes.push(
      invalid('spec.versions', value, 'must have exactly one version marked as storage version'),
    )
  return causes
}

/** Versions as Go prints its own structs. */
function goVersions(versions: readonly JsonObject[]): Json {
  return versions.map((version) => ({
    Name: textAt(version, 'name'),
    Served: version['served'] === true,
    Storage: version['storage'] === true,
    Deprecated: version['deprecated'] === true,
    DeprecationWarning: version['deprecationWarning'] ?? null,
    Schema: null,
    Subresources: null,
    AdditionalPrinterColumns: null,
    SelectableFields: null,
  }))
}

function schemaOf(version: JsonObject, path: string): Cause[] {
  const schema = valueAt(version, 'schema', 'openAPIV3Schema')
  if (!isObject(schema)) return []
  const hasStatus = isObject(valueAt(version, 'subresources', 'status'))
  return crdSchemaCauses(schema, `${path}.openAPIV3Schema`, hasStatus)
}

function scaleCauses(version: JsonObject, path: string): Cause[] {
  const scale = valueAt(version, 'subresources', 'scale')
  if (!isObject(scale)) return []
  return (
    [
      ['specReplicasPath', ['.spec.'], 'should be a json path under .spec'],
      ['statusReplicasPath', ['.status.'], 'should be a json path under .status'],
      [
        'labelSelectorPath',
        ['.spec.', '.status.'],
        'should be a json path under either .spec or .status',
      ],
    ] as const
  ).flatMap(([key, starts, words]) => {
    const value = textAt(scale, key)
    const place = `${path}.scale.${key}`
    if (value === '') return key === 'labelSelectorPath' ? [] : [required(place)]
    if (!value.startsWith('.')) return [invalid(place, value, SIMPLE_PATH)]
    return starts.some((start) => value.startsWith(start)) ? [] : [invalid(place, value, words)]
  })
}

const MOST_SELECTABLE = 8

/** Fields by which objects can be selected: each has to be a plain value that the schema tells. */
function selectableCauses(version: JsonObject, path: string): Cause[] {
  const fields = objectsAt(version, 'selectableFields')
  const schema = valueAt(version, 'schema', 'openAPIV3Schema')
  if (fields.length === 0 || !isObject(schema)) return []
  const seen = new Set<string>()
  const causes = fields.flatMap((field, i): Cause[] => {
    const place = `${path}[${i}].jsonPath`
    const jsonPath = textAt(field, 'jsonPath')
    if (jsonPath === '') return [required(place)]
    const found = fieldOf(jsonPath, schema)
    if (typeof found === 'string') return [invalid(place, jsonPath, `is an invalid path: ${found}`)]
    const own: Cause[] = []
    if (/^\.metadata(\.|$)/.test(jsonPath))
      own.push(invalid(place, jsonPath, 'must not point to fields in metadata'))
    if (!['string', 'boolean', 'integer'].includes(textAt(found, 'type')))
      own.push(
        invalid(
          place,
          jsonPath,
          'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
        ),
      )
    if (seen.has(jsonPath)) own.push(duplicate(place, jsonPath))
    seen.add(jsonPath)
    return own
  })
  return seen.size > MOST_SELECTABLE
    ? [...causes, tooMany(path, seen.size, MOST_SELECTABLE)]
    : causes
}

/** The schema of the field that a path leads to; a text says why there is none. */
function fieldOf(path: string, schema: JsonObject): JsonObject | string {
  const tokens = path.match(/[.[\]]|[^.[\]]+/g) ?? []
  let found = schema
  for (let i = 0; i < tokens.length; i += 2) {
    const [mark, name] = [tokens[i], tokens[i + 1]]
    if (mark === '[') return 'array notation is not allowed'
    if (mark !== '.') return `expected [ or . but got: ${mark ?? ''}`
    if (name === undefined) return 'unexpected end of JSON path'
    const next = isObject(found['properties'])
      ? found['properties'][name]
      : found['additionalProperties']
    if (!isObject(next)) return 'does not refer to a valid field'
    found = next
  }
  return found
}

const SIMPLE_PATH = 'must be a simple json path starting with .'

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string']
const COLUMN_FORMATS = 'int32 int64 float double byte date date-time password'.split(' ')

function columnCauses(version: JsonObject, path: string): Cause[] {
  return objectsAt(version, 'additionalPrinterColumns').flatMap((column, i) => {
    const place = `${path}[${i}]`
    const type = textAt(column, 'type')
    const format = textAt(column, 'format')
    const causes: Cause[] = []
    if (textAt(column, 'name') === '') causes.push(required(`${place}.name`))
    const words = `must be one of ${COLUMN_TYPES.join(',')}`
    if (type === '') causes.push(required(`${place}.type`, words))
    else if (!COLUMN_TYPES.includes(type)) causes.push(invalid(`${place}.type`, type, words))
    if (format !== '' && !COLUMN_FORMATS.includes(format))
      causes.push(
        invalid(
          `${place}.format`,
          format,
          `must be one of ${[...COLUMN_FORMATS].sort().join(',')}`,
        ),
      )
    const jsonPath = textAt(column, 'jsonPath')
    if (jsonPath === '') causes.push(required(`${place}.JSONPath`))
    else if (!jsonPath.startsWith('.'))
      causes.push(invalid(`${place}.JSONPath`, jsonPath, SIMPLE_PATH))
    return causes
  })
}

function nameCauses(names: JsonObject): Cause[] {
  const causes: Cause[] = []
  for (const key of ['plural', 'singular', 'kind', 'listKind']) {
    const value = textAt(names, key)
    const path = `spec.names.${key}`
    const mixed = key === 'kind' || key === 'listKind'
    if (value === '') causes.push(required(path))
    else {
      const problems = dns1035Label(mixed ? value.toLowerCase() : value)
      const before = mixed ? 'may have mixed case, but should otherwise match: ' : ''
      if (problems.length > 0) causes.push(invalid(path, value, before + problems.join(',')))
    }
  }
  for (const key of ['shortNames', 'categories']) {
    const list = names[key]
    for (const [i, value] of (isArray(list) ? list : []).entries()) {
      const problems = typeof value === 'string' ? dns1035Label(value) : []
      if (problems.length > 0)
        causes.push(invalid(`spec.names.${key}[${i}]`, value, problems.join(',')))
    }
  }
  const kind = textAt(names, 'kind')
  if (kind !== '' && kind === textAt(names, 'listKind'))
    causes.push(invalid('spec.names.listKind', kind, 'kind and listKind may not be the same'))
  return causes
}

function updateCauses(old: KubeObject, spec: JsonObject): Cause[] {
  const before = objectAt(old as unknown as JsonObject, 'spec')
  const conditions = objectsAt(objectAt(old as unknown as JsonObject, 'status'), 'conditions')
  const established = conditions.some(
    (each) => each['type'] === 'Established' && each['status'] === 'True',
  )
  const fixed = [...(established ? ['scope', 'names.kind'] : []), 'group', 'names.plural']
  return fixed.flatMap((path) => {
    const keys = path.split('.')
    const value = valueAt(spec, ...keys)
    return sameJson(value, valueAt(before, ...keys))
      ? []
      : [invalid(`spec.${path}`, value, 'field is immutable')]
  })
}

function storedCauses(crd: KubeObject, spec: JsonObject): Cause[] {
  const stored = valueAt(crd as unknown as JsonObject, 'status', 'storedVersions')
  const versions = objectsAt(spec, 'versions')
  const names = versions.map((version) => version['name'])
  const place = 'status.storedVersions'
  const storage = versions.filter((version) => version['storage'] === true).at(-1)?.['name']
  if (!isArray(stored) || stored.length === 0)
    return [invalid(place, null, 'must have at least one stored version')]
  const causes =
    storage === undefined || stored.includes(storage)
      ? []
      : [invalid(place, stored, `must have the storage version ${String(storage)}`)]
  for (const [i, version] of stored.entries())
    if (!names.includes(version))
      causes.push(
        invalid(
          `status.storedVersions[${i}]`,
          version,
          `missing from spec.versions; ${String(version)} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${String(version)} and removes ${String(version)} from status.storedVersions`,
        ),
      )
  return causes
}

function objectAt(value: JsonObject, key: string): JsonObject {
  const found = value[key]
  return isObject(found) ? found : {}
}

function objectsAt(value: JsonObject, key: string): readonly JsonObject[] {
  const found = value[key]
  return isArray(found) ? found.filter(isObject) : []
}

function textAt(value: JsonObject, key: string): string {
  const found = value[key]
  return typeof found === 'string' ? found : ''
}
