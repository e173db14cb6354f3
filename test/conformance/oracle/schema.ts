/**
 * Writes src/schema/kubernetes.generated.ts from a running kube-apiserver and the Go sources of its API.
 * usage: tsx test/conformance/oracle/schema.ts URL TOKEN GO_MODULE_CACHE API_MODULE_VERSION
 */
import { writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { type GoField, type GoStructs, readGoStructs } from './go-structs.ts'

interface OpenApiSchema {
  readonly $ref?: string
  readonly type?: string
  readonly format?: string
  readonly default?: unknown
  readonly enum?: readonly string[]
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, OpenApiSchema>>
  readonly items?: OpenApiSchema
  readonly additionalProperties?: OpenApiSchema
  readonly allOf?: readonly OpenApiSchema[]
  readonly 'x-kubernetes-list-type'?: string
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly 'x-kubernetes-map-type'?: string
  readonly 'x-kubernetes-patch-strategy'?: string
  readonly 'x-kubernetes-patch-merge-key'?: string
  readonly 'x-kubernetes-group-version-kind'?: readonly {
    readonly group: string
    readonly version: string
    readonly kind: string
  }[]
}

interface Discovered {
  readonly metadata: { readonly name?: string }
  readonly versions: readonly {
    readonly version: string
    readonly resources: readonly DiscoveredResource[]
  }[]
}

interface DiscoveredResource {
  readonly resource: string
  readonly responseKind: Kind
  readonly scope: string
  readonly singularResource: string
  readonly verbs: readonly string[]
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly subresources?: readonly {
    readonly subresource: string
    readonly responseKind: Kind
    readonly acceptedTypes?: readonly Kind[]
    readonly verbs: readonly string[]
  }[]
}

interface Kind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

const SPECIAL: Readonly<Record<string, string>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': 'q',
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': 'o',
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': 'u',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': 't',
  'io.k8s.apimachinery.pkg.runtime.RawExtension': 'w',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 'x',
}

const [url = '', token = '', moduleCache = '', moduleVersion = ''] = process.argv.slice(2)

async function get(path: string, accept = 'application/json'): Promise<unknown> {
  const text = await new Promise<string>((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, accept }
    const call = request(`${url}${path}`, { headers, rejectUnauthorized: false }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () => resolve(Buffer.concat(parts).toString('utf8')))
    })
    call.on('error', reject)
    call.end()
  })
  return JSON.parse(text)
}

function shortRef(schema: OpenApiSchema): string | undefined {
  return (schema.$ref ?? schema.allOf?.[0]?.$ref)?.split('/').pop()
}

function typeCode(schema: OpenApiSchema, names: ReadonlyMap<string, number>): string {
  const atomic = schema['x-kubernetes-map-type'] === 'atomic' ? '!' : ''
  const ref = shortRef(schema)
  if (ref !== undefined) return SPECIAL[ref] ?? `@${names.get(ref) ?? fail(ref)}${atomic}`
  if (schema.type === 'array') return `[${listCode(schema)}${typeCode(schema.items ?? {}, names)}`
  if (schema.type === 'object' && schema.additionalProperties !== undefined)
    return `{${atomic}${typeCode(schema.additionalProperties, names)}`
  if (schema.type === 'object') return 'o'
  return scalarCode(schema)
}

function scalarCode(schema: OpenApiSchema): string {
  if (schema.type === 'boolean') return 'b'
  if (schema.type === 'integer') return schema.format === 'int64' ? 'l' : 'i'
  if (schema.type === 'number') return 'n'
  if (schema.type === 'string' && schema.format === 'byte') return 'y'
  if (schema.type === 'string' && schema.format === 'date-time') return 't'
  if (schema.type === 'string')
    return schema.enum === undefined ? 's' : `s(${schema.enum.join(',')})`
  return 'j'
}

function listCode(schema: OpenApiSchema): string {
  const type = schema['x-kubernetes-list-type']
  if (type === 'map') return `<${(schema['x-kubernetes-list-map-keys'] ?? []).join(',')}>`
  if (type === 'set') return '<>'
  if (type === 'atomic') return ''
  const strategy = schema['x-kubernetes-patch-strategy'] ?? ''
  if (!strategy.includes('merge')) return ''
  return `<${schema['x-kubernetes-patch-merge-key'] ?? ''}>`
}

function fail(what: string): never {
  throw new Error(`not known: ${what}`)
}

/** `name`, how it is emitted, its type, its default, its patch strategy. */
function fieldCode(
  field: { name: string; owner: string; required: boolean; schema: OpenApiSchema },
  names: ReadonlyMap<string, number>,
  structs: GoStructs,
): string {
  const go = structs.get(field.owner)?.get(field.name)
  if (go === undefined) missing.push(`${field.owner}.${field.name}`)
  const required = field.required ? '*' : ''
  const emit = emitCode(go)
  const schema = field.schema
  const zero = ['', 0, false, null, undefined].includes(schema.default as string)
  const empty = JSON.stringify(schema.default) === '{}'
  const byDefault = zero || empty ? '' : `=${JSON.stringify(schema.default)}`
  const strategy = schema['x-kubernetes-patch-strategy']
  const key = schema['x-kubernetes-patch-merge-key']
  const patch = strategy === undefined ? '' : `~${strategy}${key === undefined ? '' : `:${key}`}`
  return `${field.name}${required}${emit} ${typeCode(schema, names)}${byDefault}${patch}`
}

/** `?` nil pointers are left out, `^` are written as null, `0` zero structs are left out, `!` always. */
function emitCode(go: GoField | undefined): string {
  if (go?.pointer) return go.omitEmpty ? '?' : '^'
  if (go?.omitZero) return '0'
  return go?.omitEmpty ? '' : '!'
}

const PLAIN =
  /^(?:string|bool|u?int(?:8|16|32|64)?|float64|byte|resource\.Quantity|intstr\.IntOrString|runtime\.RawExtension|v1\.(?:Time|MicroTime|FieldsV1|Duration))$/

/**
 * What Go's decoder says of fields that is in no OpenAPI document: types with a name of their own,
 * and the structs that fields are inherited from. `name|field:via.via:type|…`, both may be empty.
 */
function goLine(name: string, schema: OpenApiSchema, structs: GoStructs): string | undefined {
  const facts = [...(structs.get(name)?.values() ?? [])].flatMap((field) => {
    const inner = field.goType.replace(/^(?:\[\]|map\[\w+\])+/, '')
    const hasName = !PLAIN.test(inner) && !isStruct(schema.properties?.[field.name] ?? {}, inner)
    const via = field.via.filter((each) => each !== 'TypeMeta').join('.')
    if (schema.properties?.[field.name] === undefined || (via === '' && !hasName)) return []
    return [`${field.name}:${via}:${hasName ? field.goType : ''}`]
  })
  return facts.length === 0 ? undefined : `${name}|${facts.join('|')}`
}

function isStruct(schema: OpenApiSchema, goType: string): boolean {
  const ref = shortRef(schema) ?? shortRef(schema.items ?? schema.additionalProperties ?? {})
  return ref !== undefined && ref.split('.').slice(-2).join('.') === goType
}

const missing: string[] = []

function typeLine(
  name: string,
  schema: OpenApiSchema,
  names: ReadonlyMap<string, number>,
  structs: GoStructs,
): string {
  const atomic = schema['x-kubernetes-map-type'] === 'atomic' ? '!' : ''
  const kinds = (schema['x-kubernetes-group-version-kind'] ?? [])
    .filter(({ kind }) => !/Options$|^WatchEvent$/.test(kind) || name.includes('.api.'))
    .map(({ group, version, kind }) => `${group}/${version}/${kind}`)
  const head = `${name}${atomic}|${kinds.join(',')}`
  const ordered = [...(structs.get(name)?.keys() ?? [])]
  const fields = Object.entries(schema.properties ?? {})
    .map(([field, inner]) => ({
      name: field,
      owner: name,
      required: schema.required?.includes(field) ?? false,
      schema: inner,
    }))
    .sort((a, b) => ordered.indexOf(a.name) - ordered.indexOf(b.name))
  if (schema.properties === undefined && schema.type !== 'object') return `${head}|j`
  return `${head}|${fields.map((field) => fieldCode(field, names, structs)).join('|')}`
}

function resourceLines(group: string, version: string, resource: DiscoveredResource): string[] {
  const kind = resource.responseKind
  const gvk = (k: Kind): string => `${k.group || group}/${k.version || version}/${k.kind}`
  const main = [
    `${group}/${version}`,
    resource.resource,
    resource.singularResource,
    gvk(kind),
    resource.scope === 'Namespaced' ? 'n' : 'c',
    resource.verbs.join(','),
    (resource.shortNames ?? []).join(','),
    (resource.categories ?? []).join(','),
  ].join('|')
  const subs = (resource.subresources ?? []).map((sub) =>
    [` ${sub.subresource}`, gvk(sub.responseKind), sub.verbs.join(',')].join('|'),
  )
  return [main, ...subs]
}

async function main(): Promise<void> {
  const { gitVersion } = (await get('/version')) as { gitVersion: string }
  const index = (await get('/openapi/v3')) as { paths: Record<string, unknown> }
  const schemas = new Map<string, OpenApiSchema>()
  for (const path of Object.keys(index.paths).filter((name) => /^apis?\//.test(name))) {
    const document = (await get(`/openapi/v3/${path}`)) as {
      components?: { schemas?: Record<string, OpenApiSchema> }
    }
    for (const [name, schema] of Object.entries(document.components?.schemas ?? {}))
      schemas.set(name, schema)
  }
  const used = [...schemas.keys()].filter((name) => SPECIAL[name] === undefined).sort()
  const names = new Map(used.map((name, i) => [name, i]))
  const structs = readGoStructs(moduleCache, moduleVersion)
  const types = used.map((name) => typeLine(name, schemas.get(name) ?? {}, names, structs))
  const goFacts = used.flatMap((name) => goLine(name, schemas.get(name) ?? {}, structs) ?? [])
  const accept = 'application/json;v=v2;g=apidiscovery.k8s.io;as=APIGroupDiscoveryList'
  const core = (await get('/api', accept)) as { items: Discovered[] }
  const groups = (await get('/apis', accept)) as { items: Discovered[] }
  const resources = [...core.items, ...groups.items].flatMap((group) =>
    group.versions.flatMap(({ version, resources: list }) =>
      list.flatMap((resource) => resourceLines(group.metadata.name ?? '', version, resource)),
    ),
  )
  const text = [
    `// Written by test/conformance/oracle/schema.ts from kube-apiserver ${gitVersion}. Do not edit.`,
    `export const kubernetesVersion: string = ${JSON.stringify(gitVersion)}`,
    `export const resourceLines: string = ${quoted(resources)}`,
    `export const typeLines: string = ${quoted(types)}`,
    `export const goLines: string = ${quoted(goFacts)}`,
    '',
  ].join('\n')
  writeFileSync(join(import.meta.dirname, '../../../src/schema/kubernetes.generated.ts'), text)
  process.stdout.write(
    `${types.length} types, ${resources.length} resource lines, ${text.length} bytes\n`,
  )
  process.stdout.write(`without a Go field: ${missing.join(' ')}\n`)
}

function quoted(lines: readonly string[]): string {
  return `\`\n${lines.join('\n').replaceAll(/\\|`|\$(?=\{)/g, '\\$&')}\n\``
}

await main()
