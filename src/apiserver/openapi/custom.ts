import { isObject, type Json, type JsonObject, valueAt } from '../../object/index.ts'
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
  const hasScale = kind.subresources.some(({ name }) => name === 'scale')
  return template.schemas.flatMap(([name, schema]): (readonly [string, string])[] => {
    if (!hasScale && name.includes('.autoscaling.')) return []
    const as = renamed(name, kind, scope)
    const text = renamed(schema, kind, scope)
    return [[as, as === own ? withSchema(JSON.parse(text) as JsonObject, kind) : text]]
  })
}

function withSchema(template: JsonObject, kind: Kind): string {
  const schema = kind.custom?.schema as Json | undefined
  const given = isObject(schema) ? schema : {}
  const meta = valueAt(template, 'properties')
  const own = valueAt(given, 'properties')
  const { apiVersion, kind: kindOf, metadata } = (isObject(meta) ? meta : {}) as JsonObject
  return JSON.stringify({
    ...given,
    type: 'object',
    properties: { ...(isObject(own) ? own : {}), apiVersion, kind: kindOf, metadata },
    'x-kubernetes-group-version-kind': template['x-kubernetes-group-version-kind'],
  })
}

/** `org.example.v1.Widget`. */
function schemaName(kind: Kind): string {
  return `${kind.group.split('.').reverse().join('.')}.${kind.version}.${kind.kind}`
}

function renamed(text: string, kind: Kind, scope: Scope): string {
  const lower = scope.toLowerCase()
  const words = kind.group.split(/[.-]/).filter((word) => word !== '')
  const camel = words.map((word, i) => (i === 0 ? word : capital(word))).join('')
  return text
    .replaceAll(`org.example.${lower}.v1.Placeholder`, schemaName(kind))
    .replaceAll(`/apis/${lower}.example.org/v1`, `/apis/${groupVersion(kind)}`)
    .replaceAll(`"group":"${lower}.example.org"`, `"group":${JSON.stringify(kind.group)}`)
    .replaceAll(`${scope}ExampleOrgV1`, `${capital(camel)}${capital(kind.version)}`)
    .replaceAll(`${lower}ExampleOrg_v1`, `${camel}_${kind.version}`)
    .replaceAll('PlaceholderList', kind.listKind)
    .replaceAll('Placeholder', kind.kind)
    .replaceAll('placeholders', kind.plural)
    .replaceAll(
      new RegExp(`("kind":"${kind.kind}(?:List)?","version":)"v1"`, 'g'),
      `$1${JSON.stringify(kind.version)}`,
    )
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
