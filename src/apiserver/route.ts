import type { ApiRequest } from '../object/index.ts'

/** A request taken apart by its URL. */
export interface Route {
  /** Path without query. */
  readonly path: string
  readonly query: URLSearchParams
  /** The old form of a watch: `watch` before the resource in the path. */
  readonly watches?: boolean
  /** Absent for paths that name no resource. */
  readonly resource?: {
    readonly group: string
    readonly version: string
    readonly plural: string
    /** `''` for cluster scope, or all namespaces. */
    readonly namespace: string
    readonly name: string
    readonly subresource: string
    /** What follows a subresource: the path of a proxy. */
    readonly rest: string
  }
  /** Group and version where the path goes no further than those. */
  readonly discovery?: { readonly group?: string; readonly version?: string }
}

/** What is asked of a resource, in the words of RBAC. */
export type Verb =
  | 'get'
  | 'list'
  | 'watch'
  | 'create'
  | 'update'
  | 'patch'
  | 'delete'
  | 'deletecollection'

/** Takes a request apart. */
export function routeOf(request: Pick<ApiRequest, 'path'>): Route {
  const mark = request.path.indexOf('?')
  const path = mark < 0 ? request.path : request.path.slice(0, mark)
  const query = queryOf(mark < 0 ? '' : request.path.slice(mark + 1))
  // What is escaped counts as if it were not, a slash too.
  const parts = decode(path)
    .replace(/^\/|\/$/g, '')
    .split('/')
  const [root] = parts
  if (root === 'api')
    return inVersion(path, query, { group: '', version: parts[1] }, parts.slice(2))
  if (root === 'apis')
    return inVersion(path, query, { group: parts[1], version: parts[2] }, parts.slice(3))
  return { path, query }
}

/** Go takes no semicolon for a separator, and drops what holds one. */
function queryOf(text: string): URLSearchParams {
  if (!text.includes(';')) return new URLSearchParams(text)
  const parts = text.split('&').filter((part) => !part.includes(';'))
  return new URLSearchParams(parts.join('&'))
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function inVersion(
  path: string,
  query: URLSearchParams,
  at: { readonly group: string | undefined; readonly version: string | undefined },
  parts: readonly string[],
): Route {
  const { group, version } = at
  if (group === undefined || version === undefined || parts.length === 0)
    return {
      path,
      query,
      discovery: {
        ...(group === undefined ? {} : { group }),
        ...(version === undefined ? {} : { version }),
      },
    }
  const watch = parts[0] === 'watch'
  const rest = watch ? parts.slice(1) : parts
  const namespaced = rest[0] === 'namespaces' && rest.length > 2 && !isNamespacePart(rest[2])
  const [plural = '', name = '', subresource = '', ...deeper] = namespaced ? rest.slice(2) : rest
  return {
    path,
    query,
    ...(watch ? { watches: true } : {}),
    resource: {
      group,
      version,
      plural,
      namespace: namespaced ? (rest[1] ?? '') : '',
      name,
      subresource,
      rest: deeper.join('/'),
    },
  }
}

function isNamespacePart(part: string | undefined): boolean {
  return part === 'status' || part === 'finalize'
}

/** The verb of a request on a resource; undefined for methods that no resource knows. */
export function verbOf(method: ApiRequest['method'], route: Route): Verb | undefined {
  const name = route.resource?.name ?? ''
  switch (method) {
    case 'GET':
      if (name !== '') return route.watches ? 'watch' : 'get'
      return route.watches === true || isTrue(route.query.get('watch')) ? 'watch' : 'list'
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete'
    default:
      return undefined
  }
}

/** How Go reads a boolean of a query: absent, `0` and `false` are false, whatever else is true. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false'
}
