import { isObject, type JsonObject, valueAt } from '../../../object/index.ts'
import {
  type Cause,
  duplicate,
  forbidden,
  invalid,
  required,
  tooMany,
} from '../../builtin/index.ts'
import { defaultCauses } from './defaults-form.ts'
import { fieldAt } from './field-path.ts'
import { formCauses, rootCauses } from './openapi-form.ts'
import { objectAt, objectsAt, textAt } from './parts.ts'
import { rootPlace, totalCauses } from './rule-form.ts'
import { structuralCauses, unreadable } from './structural-form.ts'

/** What is known of a version whose parts are checked. */
export interface VersionAt {
  /** The place of the part. */
  readonly path: string
  readonly hasStatus: boolean
  /** The schemas of all versions are kept in the same place as this part: with the versions, or above. */
  readonly isWithSchema: boolean
  /** The schema of the version is as it was. */
  readonly isUnchanged: boolean
  /** The fields to select by are as they were, when they were too many. */
  readonly allowsTooMany: boolean
}

/** What is wrong with the warning that a version is deprecated. */
export function warningCauses(version: JsonObject, path: string): Cause[] {
  const text = version['deprecationWarning']
  if (typeof text !== 'string') return []
  const say = (words: string): Cause[] => [invalid(`${path}.deprecationWarning`, text, words)]
  if (version['deprecated'] !== true) return say('can only be set for deprecated versions')
  const causes: Cause[] = []
  if (Buffer.byteLength(text) > 256) causes.push(...say('must be <= 256 characters long'))
  if (text === '') causes.push(...say('must not be an empty string'))
  let at = 0
  for (const char of text) {
    if (char !== ' ' && /[\p{C}\p{Z}]/u.test(char)) {
      const words =
        'must only contain printable UTF-8 characters; non-printable character found at index'
      return [...causes, ...say(`${words} ${at}`)]
    }
    at += Buffer.byteLength(char)
  }
  return causes
}

/** What is wrong with the schema of a version. */
export function schemaCauses(version: JsonObject, at: VersionAt): Cause[] {
  const schema = valueAt(version, 'schema', 'openAPIV3Schema')
  if (!isObject(schema)) return []
  const path = `${at.path}.openAPIV3Schema`
  const causes: Cause[] = at.hasStatus ? rootCauses(schema, path) : []
  if (schema['nullable'] === true)
    causes.push(forbidden(`${path}.nullable`, 'nullable cannot be true at the root'))
  const why = unreadable(schema)
  const structural = why === undefined ? structuralCauses(schema, path) : []
  const defaults = why === undefined && structural.length === 0 ? defaultCauses(schema, path) : []
  causes.push(...structural, ...defaults)
  const isFit = why === undefined && structural.length + defaults.length === 0
  const cel = isFit ? rootPlace(at.isUnchanged) : undefined
  const form = formCauses({ schema, path, isRoot: true, within: {}, cel })
  causes.push(...form.schema, ...form.rules)
  if (causes.length === 0 && why !== undefined) causes.push(invalid(path, '', why))
  if (cel !== undefined) causes.push(...totalCauses(cel.total, path))
  return causes
}

const SIMPLE_PATH = 'must be a simple json path starting with .'

/** What is wrong with the paths of the subresource `scale` of a version. */
export function scaleCauses(version: JsonObject, { path }: VersionAt): Cause[] {
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

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string']
const COLUMN_FORMATS = 'int32 int64 float double byte date date-time password'.split(' ')

/** What is wrong with the columns of a version. */
export function columnCauses(version: JsonObject, { path }: VersionAt): Cause[] {
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

const MOST_SELECTABLE = 8

/** Fields by which objects can be selected: each has to be a plain value that the schema tells. */
export function selectableCauses(version: JsonObject, at: VersionAt): Cause[] {
  const { path } = at
  const fields = objectsAt(version, 'selectableFields')
  if (fields.length === 0) return []
  const schema = objectAt(version, 'schema')['openAPIV3Schema']
  if (!isObject(schema) || !at.isWithSchema) {
    const isShared = path === 'spec.selectableFields'
    const words = isShared
      ? 'may only be set when validations.schema is included'
      : 'may only be set when `version.schema.openAPIV3Schema` is not included'
    return [invalid(path, '', words)]
  }
  const why = unreadable(schema)
  const place = `${path.slice(0, -'selectableFields'.length)}schema.openAPIV3Schema`
  const causes: Cause[] = why === undefined ? [] : [invalid(place, '', why)]
  const seen = new Set<string>()
  // The real server falls over a path that begins as it should into a schema that it could not read.
  const asked = fields.map((field) => textAt(field, 'jsonPath'))
  if (why !== undefined && asked.some((jsonPath) => jsonPath.startsWith('.'))) return causes
  const found = fields.flatMap((field, i) =>
    selectable(textAt(field, 'jsonPath'), `${path}[${i}].jsonPath`, { schema, seen }),
  )
  causes.push(...found)
  return seen.size > MOST_SELECTABLE && !at.allowsTooMany
    ? [...causes, tooMany(path, seen.size, MOST_SELECTABLE)]
    : causes
}

const SELECTABLE = ['string', 'boolean', 'integer']

function selectable(
  jsonPath: string,
  place: string,
  { schema, seen }: { readonly schema: JsonObject; readonly seen: Set<string> },
): Cause[] {
  if (jsonPath === '') return [required(place)]
  const found = fieldAt(jsonPath, schema, { arrays: false })
  if (typeof found === 'string') return [invalid(place, jsonPath, `is an invalid path: ${found}`)]
  const causes: Cause[] = []
  const say = (words: string): number => causes.push(invalid(place, jsonPath, words))
  if (/^metadata(\.|$)/.test(found.place)) say('must not point to fields in metadata')
  if (found.schema === undefined || !SELECTABLE.includes(textAt(found.schema, 'type')))
    say(
      'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
    )
  if (seen.has(found.place)) causes.push(duplicate(place, jsonPath))
  seen.add(found.place)
  return causes
}
