import type { ApiRequest } from '../object/index.ts'
import type { User } from './core.ts'
import type { Kind } from './kind.ts'
import type { Verb } from './route.ts'
import type { Accepted } from './wire/media.ts'

/** A request on a resource, understood: what the verbs get. */
export interface Ask {
  readonly verb: Verb
  readonly kind: Kind
  readonly namespace: string
  readonly name: string
  readonly subresource: string
  readonly rest: string
  readonly query: URLSearchParams
  readonly headers: NonNullable<ApiRequest['headers']>
  readonly body: string
  readonly user: User
  readonly accepted: Accepted
  readonly signal: AbortSignal | undefined
  /** Collected for the `Warning` header. */
  readonly warnings: string[]
}

/** One header of a request. */
export function headerOf(headers: ApiRequest['headers'], name: string): string | undefined {
  const value = headers?.[name]
  return typeof value === 'string' ? value : value?.[0]
}

/** Who the write is by: the query, else the first part of the User-Agent, at most 128 characters. */
export function managerOf(ask: Ask): string {
  const named = ask.query.get('fieldManager')
  if (named !== null && named !== '') return named
  const agent = headerOf(ask.headers, 'user-agent') ?? ''
  const first = (agent.split('/')[0] ?? '').replaceAll(/[^\x20-\x7e]/g, '')
  return (first === '' ? 'unknown' : first).slice(0, 128)
}

/** Whether nothing is to be stored. */
export function isDryRun(ask: Ask): boolean {
  return ask.query.getAll('dryRun').includes('All')
}
