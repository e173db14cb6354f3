import { type Log, messageOf } from '../../base/index.ts'
import { type ApiFault, type Cluster, isApiFault } from '../../object/index.ts'

const RETRY_MS_FIRST = 1_000
const RETRY_MS_MAX = 30_000
/** Services of webhooks that are watched at a time. */
const WATCHES_MAX = 50

/** A service that calls of a webhook go to. */
interface Service {
  readonly namespace: string
  readonly name: string
}

interface Trouble {
  tries: number
  watch: { readonly service: Service; readonly end: AbortController } | undefined
}

/** Says whether the server could not answer, for all that the request may be right. */
export function isTrouble(fault: ApiFault): boolean {
  const { code, status } = fault
  if (code === 'NO_MATCH') return false
  return status === 0 || status === 409 || status === 429 || status >= 500
}

/**
 * Runs that failed since the API server, or a webhook that it calls, could not answer: they are tried
 * again soon and then ever more seldom, and at once when the webhook's service has endpoints again.
 */
export class Troubles {
  readonly #deps: { readonly cluster: Cluster; readonly log: Log }
  readonly #onReady: (key: string) => void
  readonly #signal: AbortSignal
  readonly #troubles = new Map<string, Trouble>()
  #watches = 0

  /** Calls `onReady` with the key of a run whose webhook may answer again. */
  constructor(
    deps: { readonly cluster: Cluster; readonly log: Log },
    signal: AbortSignal,
    onReady: (key: string) => void,
  ) {
    this.#deps = deps
    this.#signal = signal
    this.#onReady = onReady
  }

  /** Notes what a run failed with; answers in how many milliseconds it is worth another try. */
  note(key: string, message: string): number {
    const trouble = this.#troubles.get(key) ?? { tries: 0, watch: undefined }
    this.#troubles.set(key, trouble)
    const service = webhookService(message)
    if (service !== undefined) this.#follow(key, trouble, service)
    trouble.tries += 1
    return Math.min(RETRY_MS_MAX, RETRY_MS_FIRST * 2 ** Math.min(trouble.tries - 1, 20))
  }

  /** Forgets a run that did not fail so, or is gone. */
  forget(key: string): void {
    this.#troubles.get(key)?.watch?.end.abort(new Error('the trouble is over'))
    this.#troubles.delete(key)
  }

  #follow(key: string, trouble: Trouble, service: Service): void {
    const { watch } = trouble
    if (watch?.service.name === service.name && watch.service.namespace === service.namespace)
      return
    watch?.end.abort(new Error('another webhook is in the way'))
    if (this.#watches >= WATCHES_MAX || this.#signal.aborted) return
    const end = new AbortController()
    trouble.watch = { service, end }
    this.#watches += 1
    void this.#watch(key, service, AbortSignal.any([this.#signal, end.signal])).finally(() => {
      this.#watches -= 1
    })
  }

  async #watch(key: string, { namespace, name }: Service, signal: AbortSignal): Promise<void> {
    const kind = { group: 'discovery.k8s.io', version: 'v1', kind: 'EndpointSlice' }
    const labelSelector = `kubernetes.io/service-name=${name}`
    const only = { namespace, labelSelector, metadataOnly: true, signal }
    let isSynced = false
    try {
      for await (const event of this.#deps.cluster.watch(kind, only)) {
        if (event.type === 'synced') isSynced = true
        else if (isSynced && event.type === 'upsert') this.#onReady(key)
      }
    } catch (error) {
      if (signal.aborted) return
      if (!isApiFault(error)) throw error
      this.#deps.log.debug('watch failed', { kind: kind.kind, error: messageOf(error) })
    }
  }
}

/** The service of a webhook that could not be called, by Kubernetes' words for it. */
function webhookService(message: string): Service | undefined {
  const match = /failed calling webhook .*?"https:\/\/([a-z0-9-]+)\.([a-z0-9-]+)\.svc[:/?]/.exec(
    message,
  )
  const [, name, namespace] = match ?? []
  return name === undefined || namespace === undefined ? undefined : { name, namespace }
}
