import { type Clock, type Log, type Random, silentLog, uuid } from '../base/index.ts'
import type { ApiRequest, ApiResponse, KubeObject, Transport } from '../object/index.ts'
import type { AnonymousMode, Peer } from './auth/authenticate.ts'
import { createTokens } from './auth/tokens.ts'
import { bootstrap } from './bootstrap.ts'
import { type BackgroundOptions, isSimulated, startBackground } from './controllers/start.ts'
import type { Admission, Core, User } from './core.ts'
import { followCrds } from './crds.ts'
import { type Gate, handle } from './dispatch.ts'
import { InFlight, type InFlightMax } from './in-flight.ts'
import { type Secured, secure, signingSeed } from './keys.ts'
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
  /** What nobody can guess, for the key of tokens. Default: of the random source, which can be. */
  readonly tokenSeed?: Buffer
}

/** How the server behaves. */
export interface ApiServerOptions extends BackgroundOptions {
  /** Changes remembered for watches that start from an older revision. */
  readonly historyMax?: number
  /** How many requests may be under way at a time. Default: 400 reading, 200 writing. */
  readonly inFlightMax?: InFlightMax
  /** Who holds which token. */
  readonly tokens?: Readonly<Record<string, User>>
  /**
   * How requests without credentials are seen. Default: `admin` without TLS, so serve that on loopback
   * only, and `anonymous` over TLS.
   */
  readonly anonymous?: AnonymousMode
  /** Changes or refuses what is written; see {@link Admission}. */
  readonly admit?: Admission
  /** Keeps the objects beyond this process; absent: they go with it. */
  readonly journal?: Journal
  /** What is there from the start, in the form of stored objects, of which nothing is checked. */
  readonly objects?: readonly KubeObject[]
}

/** A Kubernetes API server in this process. */
export interface ApiServer extends Transport {
  /** The peer is who stands at the other end of a connection; absent: a caller in this process. */
  request(request: ApiRequest, peer?: Peer): Promise<ApiResponse>
  /** What TLS needs, for a server with these names and addresses. */
  secure(hosts: readonly string[]): Secured
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
  const isKept = options.journal !== undefined
  const kept = options.journal === undefined ? undefined : keepIn(options.journal, core.store)
  const isNew = core.store.size === 0
  followCrds(core)
  finishRemovals(core)
  const tokens = createTokens(core, {
    key: signingSeed(core, { given: deps.tokenSeed, isKept }),
    given: options.tokens ?? {},
  })
  const gate: Gate = {
    core,
    tokens,
    anonymous: (isSecure) => options.anonymous ?? (isSecure ? 'anonymous' : 'admin'),
    closing: closing.signal,
    inFlight: new InFlight(options.inFlightMax),
  }
  const stop = startBackground(core, tokens, options)
  bootstrap(core, { simulation: isSimulated(options), objects: options.objects ?? [] })
  // Watches of before a restart go on.
  if (isNew) core.store.compact()
  kept?.open()
  return {
    request: async (request, peer) =>
      toResponse(withAudit(core, await handle(gate, request, peer))),
    secure: (hosts) => secure(core, hosts),
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
