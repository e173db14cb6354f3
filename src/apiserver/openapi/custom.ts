import { isArray, isObject, type Json, type JsonObject, valueAt } from '../../object/index.ts'
import { groupVersion, type Kind } from '../kind.ts'
import { type DocumentParts, type Documents, textOf } from './documents.ts'

/**
 * The document of one group and version of custom kinds: what a real server said of a placeholder
 * kind, with the names and the schema of each kind in its place.
 */
export function customDocument(templates: Documents, kinds: readonly Kind[]): string {
  const schemas = new Map<string, string>()
  const paths: Record<string, Json> = {}
  let info = '{}'
  for (const kind of kinds) {
    const scope = kind.namespaced ? 'Namespaced' : 'Cluster'
    const template = templates.parts(scope)
    if (template === undefined) continue
    info = template.info
    Object.assign(paths, pathsFor(kind, template, scope))
    for (const [name, schema] of schemasFor(kind, template, scope)) schemas.set(name, schema)
  }
  const sorted = [...schemas].sort(([a], [b]) => (a < b ? -1 : 1))
  return textOf({ info, paths: JSON.stringify(paths), schemas: sorted })
}

type Scope = 'Namespaced' | 'Cluster'

function pathsFor(kind: Kind, template: DocumentParts, scope: Scope): Record<string, Json> {
  const all = JSON.parse(renamed(template.paths, kind, scope)) as JsonObject
  const parts = new Set(kind.subresources.map(({ name }) => name))
  const served = Object.entries(all).filter(([path]) => {
    const part = /\{name\}\/(\w+)$/.exec(path)?.[1]
    return part === undefined || parts.has(part)
  })
  return Object.fromEntries(served) as Record<string, Json>
}

function schemasFor(
  kind: Kind,
  template: DocumentParts,
  scope: Scope,
): readonly (readonly [string, string])[] {
  const own = schemaName(kind)
  const list = schemaName({ ...kind, kind: kind.listKind })
  const hasScale = kind.subresources.some(({ name }) => name === 'scale')
  return template.schemas.flatMap(([name, schema]): (readonly [string, string])[] => {
    if (!hasScale && name.includes('.autoscaling.')) return []
    const as = renamed(name, kind, scope)
    const text = renamed(schema, kind, scope)
    if (as === own) return [[as, withSchema(JSON.parse(text) as JsonObject, kind)]]
    return [[as, as === list ? listSchema(text, kind) : text]]
  })
}

function withSchema(template: JsonObject, kind: Kind): string {
  const schema = kind.custom?.schema as Json | undefined
  const given = isObject(schema) ? embedding(schema) : {}
  const meta = valueAt(template, 'properties')
  const own = valueAt(given, 'properties')
  const { apiVersion, kind: kindOf, metadata } = (isObject(meta) ? meta : {}) as JsonObject
  return JSON.stringify({
    ...given,
    type: 'object',
    properties: { ...(isObject(own) ? own : {}), apiVersion, kind: kindOf, metadata },
    'x-kubernetes-group-version-kind': template['x-kubernetes-group-version-kind'],
    ...selectableOf(kind),
  })
}

const CONVENTIONS =
  'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md'

/** What every resource has that stands within another. */
const EMBEDDED: JsonObject = {
  apiVersion: {
    description: `apiVersion defines the versioned schema of this representation of an object. More info: ${CONVENTIONS}#resources`,
    type: 'string',
  },
  kind: {
    description: `kind is a string value representing the type of this object. In CamelCase. More info: ${CONVENTIONS}#types-kinds`,
    type: 'string',
  },
  metadata: {
    description: `Standard object's metadata. More info: ${CONVENTIONS}#metadata`,
    allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }],
  },
}

/**
 * A schema that tells what the resources have that are embedded in it.
 * @see k8s.io/apiextensions-apiserver pkg/controller/openapi/builder/builder.go (v0.36.3)
 */
function embedding(schema: JsonObject): JsonObject {
  const { properties, items, additionalProperties: rest } = schema
  const changed: Record<string, Json> = {}
  if (isObject(properties)) {
    const within = Object.entries(properties).map(([name, each]) => [name, embeddingIn(each)])
    changed['properties'] = Object.fromEntries(within) as JsonObject
  }
  if (isObject(items)) changed['items'] = embedding(items)
  if (isObject(rest)) changed['additionalProperties'] = embedding(rest)
  if (schema['x-kubernetes-embedded-resource'] !== true) return { ...schema, ...changed }
  const own = isObject(changed['properties']) ? changed['properties'] : {}
  const required = isArray(schema['required']) ? schema['required'] : []
  const more = ['kind', 'apiVersion'].filter((name) => !required.includes(name))
  return {
    ...schema,
    ...changed,
    properties: { ...own, ...EMBEDDED },
    required: [...required, ...more],
  }
}

function embeddingIn(schema: Json | undefined): Json {
  return isObject(schema) ? embedding(schema) : (schema ?? null)
}

/** What objects of a kind may be selected by, as their schema and that of their lists say it. */
function selectableOf(kind: Kind): JsonObject {
  const paths = kind.custom?.selectableFields.map((path) => path.replace(/^\./, '')) ?? []
  return paths.length === 0
    ? {}
    : { 'x-kubernetes-selectable-fields': paths.map((fieldPath) => ({ fieldPath })) }
}

function listSchema(text: string, kind: Kind): string {
  const selectable = selectableOf(kind)
  if (Object.keys(selectable).length === 0) return text
  return JSON.stringify({ ...(JSON.parse(text) as JsonObject), ...selectable })
}

/** `org.example.v1.Widget`. */
function schemaName(kind: Kind): string {
  return `${kind.group.split('.').reverse().join('.')}.${kind.version}.${kind.kind}`
}

function renamed(text: string, kind: Kind, scope: Scope): string {
  const lower = scope.toLowerCase()
  // Kubernetes' own domain is left out of names.
  const words = kind.group
    .replace(/\.k8s\.io$/, '')
    .split(/[.-]/)
    .filter((word) => word !== '')
  const camel = words.map((word, i) => (i === 0 ? word : capital(word))).join('')
  return text
    .replaceAll(`org.example.${lower}.v1.Placeholder`, schemaName(kind))
    .replaceAll(`/apis/${lower}.example.org/v1`, `/apis/${groupVersion(kind)}`)
    .replaceAll(`"group":"${lower}.example.org"`, `"group":${JSON.stringify(kind.group)}`)
    .replaceAll(`${scope}ExampleOrgV1`, `${capital(camel)}${capital(kind.version)}`)
    .replaceAll(`${lower}ExampleOrg_v1`, `${camel}_${kind.version}`)
    .replaceAll('PlaceholderList', kind.listKind)
    .replaceAll(' a Placeholder', `${articleFor(kind.kind)}Placeholder`)
    .replaceAll('Placeholder', kind.kind)
    .replaceAll('placeholders', kind.plural)
    .replaceAll(
      new RegExp(`("kind":"${kind.kind}(?:List)?","version":)"v1"`, 'g'),
      `$1${JSON.stringify(kind.version)}`,
    )
    .replaceAll(
      new RegExp(`("version":)"v1"(,"kind":"${kind.kind}(?:List)?")`, 'g'),
      `$1${JSON.stringify(kind.version)}$2`,
    )
}

/** As the real server writes it before a noun; what looks like a plural has none. */
function articleFor(noun: string): string {
  if (noun.endsWith('s') && !noun.endsWith('ss')) return ' '
  return /^[aeiou]/i.test(noun) ? ' an ' : ' a '
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
