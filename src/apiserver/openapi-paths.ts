import type { Json, JsonObject } from '../object/index.ts'
import { groupVersion, type Kind, type Subresource } from './kind.ts'

/** The paths of a kind in its OpenAPI document: what clients read of them is kind, action, options. */
export function pathsOf(kind: Kind, schema: string): Record<string, Json> {
  const root = kind.group === '' ? '/api/v1' : `/apis/${groupVersion(kind)}`
  const scope = kind.namespaced ? `${root}/namespaces/{namespace}` : root
  const paths: Record<string, Json> = {}
  const all = `${root}/${kind.plural}`
  const collection = `${scope}/${kind.plural}`
  if (kind.namespaced && kind.verbs.includes('list'))
    paths[all] = item(kind, schema, { verbs: ['list'], named: false })
  paths[collection] = item(kind, schema, {
    verbs: kind.verbs.filter((verb) => ['list', 'create', 'deletecollection'].includes(verb)),
    named: false,
  })
  const single = kind.verbs.filter((verb) => ['get', 'update', 'patch', 'delete'].includes(verb))
  if (single.length > 0)
    paths[`${collection}/{name}`] = item(kind, schema, { verbs: single, named: true })
  for (const part of kind.subresources)
    paths[`${collection}/{name}/${part.name}`] = item(kind, schema, {
      verbs: part.verbs,
      named: true,
      part,
    })
  return paths
}

const METHODS: Readonly<Record<string, string>> = {
  list: 'get',
  get: 'get',
  create: 'post',
  update: 'put',
  patch: 'patch',
  delete: 'delete',
  deletecollection: 'delete',
}

const ACTIONS: Readonly<Record<string, string>> = {
  create: 'post',
  update: 'put',
}

function item(
  kind: Kind,
  schema: string,
  at: { readonly verbs: readonly string[]; readonly named: boolean; readonly part?: Subresource },
): JsonObject {
  const operations: Record<string, Json> = {}
  for (const verb of at.verbs) {
    const method = METHODS[verb]
    if (method !== undefined) operations[method] = operation(kind, schema, verb, at.part)
  }
  const name = parameter('name', 'string', { in: 'path', required: true })
  const namespace = parameter('namespace', 'string', { in: 'path', required: true })
  return {
    ...operations,
    parameters: [...(at.named ? [name] : []), ...(kind.namespaced ? [namespace] : [])],
  }
}

function operation(kind: Kind, schema: string, verb: string, part?: Subresource): JsonObject {
  const own = part?.kind
  const gvk =
    own === undefined || own.version === ''
      ? { group: kind.group, version: kind.version, kind: own?.kind ?? kind.kind }
      : { group: own.group, version: own.version, kind: own.kind }
  const answer = { $ref: `#/components/schemas/${verb === 'list' ? `${schema}List` : schema}` }
  return {
    operationId: `${verb}${kind.kind}${part?.name ?? ''}`,
    tags: [groupVersion(kind).replaceAll(/[./]/g, '_')],
    parameters: parametersOf(verb),
    ...bodyOf(kind, schema, verb),
    responses: { 200: { description: 'OK', content: { 'application/json': { schema: answer } } } },
    'x-kubernetes-action': ACTIONS[verb] ?? verb,
    'x-kubernetes-group-version-kind': gvk,
  }
}

function bodyOf(kind: Kind, schema: string, verb: string): JsonObject {
  if (verb === 'create' || verb === 'update')
    return { requestBody: { content: { '*/*': { schema: reference(schema) } }, required: true } }
  if (verb !== 'patch') return {}
  const types = ['application/apply-patch+yaml', 'application/json-patch+json']
  types.push('application/merge-patch+json')
  if (kind.custom === undefined) types.push('application/strategic-merge-patch+json')
  const patch = { schema: { type: 'object' } }
  return {
    requestBody: {
      content: Object.fromEntries(types.map((type): [string, Json] => [type, patch])),
      required: true,
    },
  }
}

function reference(schema: string): JsonObject {
  return { $ref: `#/components/schemas/${schema}` }
}

function parametersOf(verb: string): Json[] {
  if (verb === 'create' || verb === 'update' || verb === 'patch')
    return [
      parameter('dryRun', 'string'),
      parameter('fieldManager', 'string'),
      parameter('fieldValidation', 'string'),
      ...(verb === 'patch' ? [parameter('force', 'boolean')] : []),
    ]
  if (verb === 'list') return LIST.map(([name, type]) => parameter(name, type))
  return []
}

const LIST: readonly (readonly [string, string])[] = [
  ['allowWatchBookmarks', 'boolean'],
  ['continue', 'string'],
  ['fieldSelector', 'string'],
  ['labelSelector', 'string'],
  ['limit', 'integer'],
  ['resourceVersion', 'string'],
  ['resourceVersionMatch', 'string'],
  ['sendInitialEvents', 'boolean'],
  ['timeoutSeconds', 'integer'],
  ['watch', 'boolean'],
]

function parameter(
  name: string,
  type: string,
  more: { readonly in?: string; readonly required?: boolean } = {},
): JsonObject {
  return { name, in: 'query', ...more, schema: { type, uniqueItems: true } }
}
