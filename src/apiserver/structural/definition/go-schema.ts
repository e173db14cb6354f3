import { isArray, isObject, type Json, type JsonObject } from '../../../object/index.ts'
import { objectsAt, textAt } from './parts.ts'

type Form = 'text' | 'flag' | 'value' | 'schema' | 'schemas' | 'map' | 'orBool' | 'orArray' | 'docs'

/** Fields of Go's own struct of a schema in their order, under which key JSON has them, of what form. */
const FIELDS: readonly (readonly [string, string, Form])[] = [
  ['ID', 'id', 'text'],
  ['Schema', '$schema', 'text'],
  ['Ref', '$ref', 'value'],
  ['Description', 'description', 'text'],
  ['Type', 'type', 'text'],
  ['Nullable', 'nullable', 'flag'],
  ['Format', 'format', 'text'],
  ['Title', 'title', 'text'],
  ['Default', 'default', 'value'],
  ['Maximum', 'maximum', 'value'],
  ['ExclusiveMaximum', 'exclusiveMaximum', 'flag'],
  ['Minimum', 'minimum', 'value'],
  ['ExclusiveMinimum', 'exclusiveMinimum', 'flag'],
  ['MaxLength', 'maxLength', 'value'],
  ['MinLength', 'minLength', 'value'],
  ['Pattern', 'pattern', 'text'],
  ['MaxItems', 'maxItems', 'value'],
  ['MinItems', 'minItems', 'value'],
  ['UniqueItems', 'uniqueItems', 'flag'],
  ['MultipleOf', 'multipleOf', 'value'],
  ['Enum', 'enum', 'value'],
  ['MaxProperties', 'maxProperties', 'value'],
  ['MinProperties', 'minProperties', 'value'],
  ['Required', 'required', 'value'],
  ['Items', 'items', 'orArray'],
  ['AllOf', 'allOf', 'schemas'],
  ['OneOf', 'oneOf', 'schemas'],
  ['AnyOf', 'anyOf', 'schemas'],
  ['Not', 'not', 'schema'],
  ['Properties', 'properties', 'map'],
  ['AdditionalProperties', 'additionalProperties', 'orBool'],
  ['PatternProperties', 'patternProperties', 'map'],
  ['Dependencies', 'dependencies', 'map'],
  ['AdditionalItems', 'additionalItems', 'orBool'],
  ['Definitions', 'definitions', 'map'],
  ['ExternalDocs', 'externalDocs', 'docs'],
  ['Example', 'example', 'value'],
  ['XPreserveUnknownFields', 'x-kubernetes-preserve-unknown-fields', 'value'],
  ['XEmbeddedResource', 'x-kubernetes-embedded-resource', 'flag'],
  ['XIntOrString', 'x-kubernetes-int-or-string', 'flag'],
  ['XListMapKeys', 'x-kubernetes-list-map-keys', 'value'],
  ['XListType', 'x-kubernetes-list-type', 'value'],
  ['XMapType', 'x-kubernetes-map-type', 'value'],
]

/** A schema as Go prints the struct of its own that it keeps it in. */
export function goSchema(schema: JsonObject): Json {
  const out: Record<string, Json> = {}
  for (const [name, key, form] of FIELDS) out[name] = goField(schema[key], form, key)
  const rules = objectsAt(schema, 'x-kubernetes-validations')
  out['XValidations'] = rules.length === 0 ? null : rules.map(goRule)
  return out
}

function goField(value: Json | undefined, form: Form, key: string): Json {
  if (form === 'text') return value ?? ''
  if (form === 'flag') return value ?? false
  if (value === undefined || value === null) return null
  switch (form) {
    case 'schema':
      return isObject(value) ? goSchema(value) : null
    case 'schemas':
      return isArray(value) ? value.map((each) => (isObject(each) ? goSchema(each) : null)) : null
    case 'map':
      return isObject(value) ? goMap(value, key) : null
    case 'orBool':
      return isObject(value)
        ? { Allows: true, Schema: goSchema(value) }
        : { Allows: value, Schema: null }
    case 'orArray':
      return isArray(value)
        ? { Schema: null, JSONSchemas: value.filter(isObject).map(goSchema) }
        : { Schema: isObject(value) ? goSchema(value) : null, JSONSchemas: null }
    case 'docs':
      return isObject(value)
        ? { Description: textAt(value, 'description'), URL: textAt(value, 'url') }
        : null
    case 'value':
      return value
  }
}

function goMap(value: JsonObject, key: string): Json {
  const names = Object.keys(value).sort()
  return Object.fromEntries(
    names.map((name) => {
      const inner = value[name]
      if (key !== 'dependencies') return [name, isObject(inner) ? goSchema(inner) : null]
      return [
        name,
        isArray(inner)
          ? { Schema: null, Property: inner }
          : { Schema: isObject(inner) ? goSchema(inner) : null, Property: null },
      ]
    }),
  )
}

/** A rule of `x-kubernetes-validations` as Go prints its own struct. */
export function goRule(rule: JsonObject): Json {
  return {
    Rule: textAt(rule, 'rule'),
    Message: textAt(rule, 'message'),
    MessageExpression: textAt(rule, 'messageExpression'),
    Reason: rule['reason'] ?? null,
    FieldPath: textAt(rule, 'fieldPath'),
    OptionalOldSelf: rule['optionalOldSelf'] ?? null,
  }
}

/** Versions as Go prints them: what is the same in all of them stands above, not in them. */
export function goVersions(
  versions: readonly JsonObject[],
  isShared: (key: string) => boolean,
): Json {
  const own = (version: JsonObject, key: string, print: (value: Json) => Json): Json => {
    const value = version[key]
    return value === undefined || isShared(key) ? null : print(value)
  }
  return versions.map((version) => ({
    Name: textAt(version, 'name'),
    Served: version['served'] === true,
    Storage: version['storage'] === true,
    Deprecated: version['deprecated'] === true,
    DeprecationWarning: version['deprecationWarning'] ?? null,
    Schema: own(version, 'schema', (value) => {
      const schema = isObject(value) ? value['openAPIV3Schema'] : undefined
      return { OpenAPIV3Schema: isObject(schema) ? goSchema(schema) : null }
    }),
    Subresources: own(version, 'subresources', goSubresources),
    AdditionalPrinterColumns: own(version, 'additionalPrinterColumns', goColumns),
    SelectableFields: own(version, 'selectableFields', (value) =>
      (isArray(value) ? value : []).map((each) => ({
        JSONPath: isObject(each) ? textAt(each, 'jsonPath') : '',
      })),
    ),
  }))
}

function goSubresources(value: Json): Json {
  if (!isObject(value)) return null
  const { status, scale } = value
  return {
    Status: isObject(status) ? {} : null,
    Scale: isObject(scale)
      ? {
          SpecReplicasPath: textAt(scale, 'specReplicasPath'),
          StatusReplicasPath: textAt(scale, 'statusReplicasPath'),
          LabelSelectorPath: scale['labelSelectorPath'] ?? null,
        }
      : null,
  }
}

function goColumns(value: Json): Json {
  return (isArray(value) ? value.filter(isObject) : []).map((column) => ({
    Name: textAt(column, 'name'),
    Type: textAt(column, 'type'),
    Format: textAt(column, 'format'),
    Description: textAt(column, 'description'),
    Priority: column['priority'] ?? 0,
    JSONPath: textAt(column, 'jsonPath'),
  }))
}
