import type { ApiRequest } from '../../object/index.ts'
import { headerOf } from '../ask.ts'
import type { User } from '../core.ts'
import { badRequest, StatusFault } from '../status.ts'
import type { Tokens } from './tokens.ts'

/** Whoever may do everything. */
export const ADMIN: User = {
  name: 'system:admin',
  groups: ['system:masters', 'system:authenticated'],
}

const ANONYMOUS: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] }

/** How requests without credentials are seen. */
export type AnonymousMode = 'admin' | 'anonymous' | 'refused'

/** What a connection says of who is at its other end. */
export interface Peer {
  readonly isSecure: boolean
  /** Whom its certificate names; unknown where that is signed by nobody who is believed. */
  readonly certificate?: User | 'unknown'
}

/**
 * Says who asks: by a certificate, or else by a token.
 * @throws StatusFault 401 for a token or a certificate that is none, or where one is needed
 */
export function authenticate(
  headers: ApiRequest['headers'],
  by: {
    readonly tokens: Tokens
    readonly anonymous: AnonymousMode
    readonly certificate?: Peer['certificate']
  },
): User {
  const { tokens, anonymous, certificate } = by
  if (certificate !== undefined && certificate !== 'unknown')
    return withGroup(certificate, 'system:authenticated')
  const token = tokenIn(headers)
  if (token === undefined || token === '') {
    if (certificate === 'unknown') throw unauthorized()
    if (anonymous === 'admin') return ADMIN
    if (anonymous === 'anonymous') return ANONYMOUS
    throw unauthorized()
  }
  const found = tokens.review(token)
  if (found === undefined) throw unauthorized()
  return withGroup(found, 'system:authenticated')
}

/** Browsers can send no header with a WebSocket; they name the token among the protocols. */
const SOCKET_TOKEN = /(?:^|,)\s*base64url\.bearer\.authorization\.k8s\.io\.([\w-]+)\s*(?:,|$)/

function tokenIn(headers: ApiRequest['headers']): string | undefined {
  const token = /^Bearer\s+(.*)$/i.exec(headerOf(headers, 'authorization') ?? '')?.[1]
  if (token !== undefined) return token
  const encoded = SOCKET_TOKEN.exec(headerOf(headers, 'sec-websocket-protocol') ?? '')?.[1]
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64url').toString()
}

function unauthorized(): StatusFault {
  return new StatusFault({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' })
}

function withGroup(user: User, group: string): User {
  return user.groups.includes(group) ? user : { ...user, groups: [...user.groups, group] }
}

/** Whom a request asks to be taken for, as it says. */
export interface Wanted {
  readonly name: string
  readonly uid: string | undefined
  readonly groups: readonly string[]
  readonly extra: Readonly<Record<string, readonly string[]>>
}

/**
 * Whom a request asks to be taken for; undefined when it does not.
 * @throws StatusFault 400 for all but a name
 */
export function wantedUser(headers: ApiRequest['headers']): Wanted | undefined {
  const name = headerOf(headers, 'impersonate-user') ?? ''
  const groups = listOf(headers?.['impersonate-group'])
  const uid = headerOf(headers, 'impersonate-uid')
  const extra: Record<string, readonly string[]> = {}
  for (const [key, value] of Object.entries(headers ?? {}))
    if (key.startsWith('impersonate-extra-'))
      extra[decodeURIComponent(key.slice('impersonate-extra-'.length))] = listOf(value)
  if (name !== '') return { name, uid: uid || undefined, groups, extra }
  if (groups.length === 0 && uid === undefined && Object.keys(extra).length === 0) return undefined
  throw badRequest(
    `requested &user.DefaultInfo{Name:"", UID:"${uid ?? ''}", Groups:${goTexts(groups)}, Extra:${goExtra(extra)}} without impersonating a user name`,
  )
}

/** Texts as Go writes them with their type. */
function goTexts(texts: readonly string[]): string {
  return texts.length === 0 ? '[]string(nil)' : `[]string{${quotedList(texts)}}`
}

function quotedList(texts: readonly string[]): string {
  return texts.map((each) => JSON.stringify(each)).join(', ')
}

function goExtra(extra: Readonly<Record<string, readonly string[]>>): string {
  const entries = Object.entries(extra).map(
    ([key, values]) => `${JSON.stringify(key)}:[]string{${quotedList(values)}}`,
  )
  return entries.length === 0
    ? 'map[string][]string(nil)'
    : `map[string][]string{${entries.join(', ')}}`
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return []
  return typeof value === 'string' ? [value] : value
}

/** Groups that a user is in by the name. */
export function groupsOfAccount(name: string): readonly string[] {
  const [, namespace] = /^system:serviceaccount:([^:]+):[^:]+$/.exec(name) ?? []
  if (namespace === undefined) return name === 'system:anonymous' ? ['system:unauthenticated'] : []
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
}
