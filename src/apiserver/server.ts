import { type Clock, type Log, type Random, silentLog, uuid } from '../base/index.ts'
import type { KubeObject, Transport } from '../object/index.ts'
import type { AnonymousMode } from './auth/authenticate.ts'
import { createTokens } from './auth/tokens.ts'
import { bootstrap } from './bootstrap.ts'
import { type BackgroundOptions, isSimulated, startBackground } from './controllers/start.ts'
import type { Admission, Core, User } from './core.ts'
import { followCrds } from './crds.ts'
import { type Gate, handle } from './dispatch.ts'
import { Registry } from './registry.ts'
import { type Journal, keepIn } from './store/journal.ts'
import { Store } from './store/store.ts'
import { type Answer, toResponse } from './wire/respond.ts'
import { hasSpecFinalizers } from './writes.ts'

/** The ports of the server. */
export interface ApiServerDeps {
  readonly clock: Clock
  readonly random: Random
  readonly log?: Log
}

/** How the server behaves. */
export interface ApiServerOptions extends BackgroundOptions {
  /** Changes remembered for watches that start from an older revision. */
  readonly historyMax?: number
  /** Who holds which token. */
  readonly tokens?: Readonly<Record<string, User>>
  /** How requests without a token are seen. Default: `admin`, so serve on loopback only. */
  readonly anonymous?: AnonymousMode
  /** Changes or refuses what is written; see {@link Admission}. */
  readonly admit?: Admission
  /** Keeps the objects beyond this process; absent: they go with it. */
  readonly journal?: Journal
}

/** A Kubernetes API server in this process. */
export interface ApiServer extends Transport {
  /** Ends every watch and timer. */
  close(): void
}

/** Starts an API server with the namespaces that every cluster has. */
export function createApiServer(deps: ApiServerDeps, options: ApiServerOptions = {}): ApiServer {
  const core: Core = {
    clock: deps.clock,
    random: deps.random,
    log: deps.log ?? silentLog,
    store: new Store(options),
    registry: new Registry(),
    admit: options.admit ?? ((object) => object),
  }
  const closing = new AbortController()
  const kept = options.journal === undefined ? undefined : keepIn(options.journal, core.store)
  followCrds(core)
  finishRemovals(core)
  const gate: Gate = {
    core,
    tokens: createTokens(core, {
      key: keyFrom(core, options.journal !== undefined),
      given: options.tokens ?? {},
    }),
    anonymous: options.anonymous ?? 'admin',
    closing: closing.signal,
  }
  const stop = startBackground(core, options)
  bootstrap(core, { simulation: isSimulated(options) })
  core.store.compact()
  kept?.open()
  return {
    request: async (request) => toResponse(withAudit(core, await handle(gate, request))),
    close: () => {
      stop()
      closing.abort()
    },
  }
}

/**
 * Takes out what nothing keeps any more: a deletion may write an object before it removes it, and the
 * process may end between the two.
 */
function finishRemovals({ store }: Core): void {
  for (const table of store.tables())
    for (const key of store.keys(table)) {
      const object = store.get(table, key)
      if (object !== undefined && isOver(object)) store.remove(table, key)
    }
}

function isOver(object: KubeObject): boolean {
  const { deletionTimestamp, finalizers = [], deletionGracePeriodSeconds = 0 } = object.metadata
  const isDeleted = deletionTimestamp !== undefined && finalizers.length === 0
  return isDeleted && deletionGracePeriodSeconds === 0 && !hasSpecFinalizers(object)
}

/**
 * What every answer carries. By the names of a flow and its priority clients know that the server
 * looks after its load, and hold nothing back themselves; there is no queue behind these.
 */
const EVERYWHERE = {
  'cache-control': 'no-cache, private',
  'x-kubernetes-pf-flowschema-uid': '5e1f0f10-0000-4000-8000-000000000001',
  'x-kubernetes-pf-prioritylevel-uid': '5e1f0f10-0000-4000-8000-000000000002',
}

function withAudit(core: Core, answer: Answer): Answer {
  return { ...answer, headers: { ...EVERYWHERE, ...answer.headers, 'audit-id': uuid(core.random) } }
}

const KEYS = 'keys.tidegate.dev'

/**
 * The key that tokens of service accounts are signed with. Where objects are kept it is kept with them,
 * in a table that is not served, so that tokens outlive the process.
 */
function keyFrom(core: Core, isKept: boolean): Buffer {
  const kept = core.store.get(KEYS, 'serviceaccounts')?.['data']
  if (typeof kept === 'string') return Buffer.from(kept, 'base64')
  const key = Buffer.from(Array.from({ length: 32 }, () => Math.floor(core.random.next() * 256)))
  if (isKept)
    core.store.put(KEYS, 'serviceaccounts', {
      apiVersion: 'tidegate.dev/v1',
      kind: 'Key',
      metadata: { name: 'serviceaccounts' },
      data: key.toString('base64'),
    })
  return key
}
