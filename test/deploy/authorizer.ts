import {
  type ApiRequest,
  isArray,
  type Json,
  type KubeObject,
  type Transport,
  valueAt,
} from '../../src/object/index.ts'

/** What a request wants, in the words of RBAC. */
export interface Wish {
  readonly verb: string
  readonly group: string
  /** With the subresource: `kustomizations/status`. */
  readonly resource: string
  readonly namespace: string
}

/** One permission that a role gives: `verb group/resource`. */
export type Permission = string

/** A transport that lets pass only what the roles allow, and what nobody is refused. */
export interface Authorized extends Transport {
  /** Permissions that requests made use of. */
  readonly used: Set<Permission>
  /** Requests that were refused. */
  readonly refused: Set<string>
}

export interface Roles {
  /** Rules for all namespaces. */
  readonly cluster: readonly Json[]
  /** Rules for the controller's own namespace. */
  readonly own: readonly Json[]
  readonly namespace: string
}

/** Reads the rules of the roles among some objects. */
export function rolesOf(objects: readonly KubeObject[], namespace: string): Roles {
  const rules = (kind: string, bound: string): readonly Json[] => {
    const bindings = objects.filter((object) => object.kind === bound)
    const names = bindings.map((binding) => valueAt(binding['roleRef'] as Json, 'name'))
    return objects
      .filter((object) => object.kind === kind && names.includes(object.metadata.name ?? ''))
      .flatMap((object) => object['rules'] as readonly Json[])
  }
  return {
    cluster: rules('ClusterRole', 'ClusterRoleBinding'),
    own: rules('Role', 'RoleBinding'),
    namespace,
  }
}

/** Every permission that some rules give. */
export function permissionsOf(rules: readonly Json[]): Permission[] {
  return rules.flatMap((rule) =>
    list(rule, 'apiGroups').flatMap((group) =>
      list(rule, 'resources').flatMap((resource) =>
        list(rule, 'verbs').map((verb) => permission({ group, resource, verb })),
      ),
    ),
  )
}

/** The server as a service account with these roles sees it; whom it impersonates may do all. */
export function authorized(server: Transport, roles: Roles, without?: Permission): Authorized {
  const everywhere = new Set(permissionsOf(roles.cluster))
  const here = new Set(permissionsOf(roles.own))
  const used = new Set<Permission>()
  const refused = new Set<string>()
  const may = (wish: Wish): boolean => {
    const key = permission(wish)
    const allowed =
      key !== without &&
      (everywhere.has(key) || (wish.namespace === roles.namespace && here.has(key)))
    if (allowed) used.add(key)
    else refused.add(`${key} in ${wish.namespace === '' ? 'all namespaces' : wish.namespace}`)
    return allowed
  }
  return {
    used,
    refused,
    request: async (request) => {
      const wish = wishOf(request)
      if (wish === undefined || may(wish)) return server.request(request)
      const message = `${wish.resource} is forbidden: cannot ${wish.verb} in the group "${wish.group}"`
      const body = {
        kind: 'Status',
        apiVersion: 'v1',
        status: 'Failure',
        reason: 'Forbidden',
        code: 403,
        message,
      }
      return {
        status: 403,
        headers: {},
        text: async () => JSON.stringify(body),
        lines: async function* () {
          yield ''
        },
      }
    },
  }
}

function permission(wish: Pick<Wish, 'verb' | 'group' | 'resource'>): Permission {
  return `${wish.verb} ${wish.group === '' ? '' : `${wish.group}/`}${wish.resource}`
}

function list(rule: Json, field: string): readonly string[] {
  const value = valueAt(rule, field)
  return isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

/** undefined: what everybody may ask (discovery). */
function wishOf(request: ApiRequest): Wish | undefined {
  const user = request.headers?.['impersonate-user']
  if (typeof user === 'string') {
    const [, , namespace = ''] = user.split(':')
    return { verb: 'impersonate', group: '', resource: 'serviceaccounts', namespace }
  }
  const url = new URL(request.path, 'http://server')
  const parts = url.pathname.split('/').filter((part) => part !== '')
  const rest = parts[0] === 'api' ? parts.slice(2) : parts.slice(3)
  if (rest.length === 0) return undefined
  const namespaced = rest[0] === 'namespaces' && rest.length > 2
  const [resource = '', name, subresource] = namespaced ? rest.slice(2) : rest
  return {
    verb: verbOf(request.method, name, url),
    group: parts[0] === 'api' ? '' : (parts[1] ?? ''),
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    namespace: namespaced ? (rest[1] ?? '') : '',
  }
}

function verbOf(method: string, name: string | undefined, url: URL): string {
  if (method === 'GET' && url.searchParams.get('watch') === 'true') return 'watch'
  if (method === 'GET') return name === undefined ? 'list' : 'get'
  if (method === 'DELETE') return name === undefined ? 'deletecollection' : 'delete'
  return { POST: 'create', PUT: 'update', PATCH: 'patch' }[method] ?? method.toLowerCase()
}
