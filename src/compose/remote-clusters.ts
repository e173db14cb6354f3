import { createHash } from 'node:crypto'
import type { ClusterAccess } from '../api/index.ts'
import {
  createCluster,
  fencedTransport,
  type HttpTransport,
  httpTransport,
  loadKubeconfig,
} from '../cluster/index.ts'
import type { Cluster } from '../object/index.ts'
import type { RemoteClusters } from '../reconcile/index.ts'
import { systemClock, systemRandom } from './system.ts'

/** Connections to other clusters that are kept open. */
const OPEN_MAX = 100
const TIMEOUT_MS = 30_000
/** A cluster that somebody names may answer what it likes: many times an object, and no more. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024
/** How long a token is used: the shortest-lived ones of the clouds are good for a quarter of an hour. */
const TOKEN_MS = 5 * 60_000

/** What a kubeconfig from a Secret is trusted with. */
export interface RemoteTrust {
  /** `--insecure-kubeconfig-exec`: credential plugins are run. */
  readonly exec: boolean
  /** `--insecure-kubeconfig-tls`: certificates may go unchecked. */
  readonly insecure: boolean
}

/** Opens clusters by the text of their kubeconfig, and keeps those that were used last. */
export function createRemoteClusters(trust: RemoteTrust, mayWrite: () => boolean): RemoteClusters {
  const open = new Map<string, { readonly transport: HttpTransport; readonly cluster: Cluster }>()
  return async (target) => {
    if (typeof target !== 'string') return openDirect(target, mayWrite)
    const text = target
    const key = createHash('sha256').update(text).digest('hex')
    const known = open.get(key)
    if (known !== undefined) {
      open.delete(key)
      open.set(key, known)
      return known.cluster
    }
    const { http } = await loadKubeconfig({ text, ...trust }, systemClock)
    const transport = httpTransport(
      { ...http, timeoutMs: TIMEOUT_MS, answerBytesMax: ANSWER_BYTES_MAX },
      systemClock,
    )
    const cluster = createCluster({
      transport: fencedTransport(transport, mayWrite),
      clock: systemClock,
      random: systemRandom,
      host: new URL(http.server).host,
    })
    open.set(key, { transport, cluster })
    const [oldest] = open
    if (open.size > OPEN_MAX && oldest !== undefined) {
      open.delete(oldest[0])
      oldest[1].transport.close()
    }
    return cluster
  }
}

/** A cluster whose token is asked for with each request; its sockets end with their idle time. */
function openDirect({ server, ca, token }: ClusterAccess, mayWrite: () => boolean): Cluster {
  let held: { readonly text: string; readonly untilMs: number } | undefined
  const kept = async (): Promise<string> => {
    if (held === undefined || held.untilMs <= systemClock.now())
      held = { text: await token(), untilMs: systemClock.now() + TOKEN_MS }
    return held.text
  }
  const transport = httpTransport(
    {
      server,
      ...(ca === undefined ? {} : { ca }),
      headers: async () => ({ authorization: `Bearer ${await kept()}` }),
      timeoutMs: TIMEOUT_MS,
      answerBytesMax: ANSWER_BYTES_MAX,
    },
    systemClock,
  )
  return createCluster({
    transport: fencedTransport(transport, mayWrite),
    clock: systemClock,
    random: systemRandom,
    host: new URL(server).host,
  })
}
