import type { ApiRequest, ApiResponse, Json, Transport } from '../../src/object/index.ts'

/** A stream of lines that a test writes to. It ends when the test or the request's signal ends it. */
export class Lines {
  readonly #queue: string[] = []
  #wake: () => void = () => undefined
  #ended = false
  closed = false

  push(...events: readonly Json[]): void {
    this.#queue.push(...events.map((event) => JSON.stringify(event)))
    this.#wake()
  }

  raw(line: string): void {
    this.#queue.push(line)
    this.#wake()
  }

  end(): void {
    this.#ended = true
    this.#wake()
  }

  async *read(signal: AbortSignal | undefined): AsyncGenerator<string, void, undefined> {
    const onAbort = (): void => this.#wake()
    signal?.addEventListener('abort', onAbort)
    try {
      for (;;) {
        const line = this.#queue.shift()
        if (line !== undefined) yield line
        else if (this.#ended) return
        else if (signal?.aborted) throw signal.reason
        else
          await new Promise<void>((resolve) => {
            this.#wake = resolve
          })
      }
    } finally {
      this.closed = true
      signal?.removeEventListener('abort', onAbort)
    }
  }
}

/** What a fake server answers. */
export interface Scripted {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly body?: Json
  readonly text?: string
  readonly lines?: Lines
  readonly monitored?: boolean
}

/** A transport that answers what a function says, and remembers what it was asked. */
export function fakeTransport(
  answer: (request: ApiRequest, path: string, query: URLSearchParams) => Scripted,
): Transport & { readonly asked: ApiRequest[]; readonly paths: () => string[] } {
  const asked: ApiRequest[] = []
  return {
    asked,
    paths: () => asked.map((request) => `${request.method} ${request.path}`),
    request: async (request): Promise<ApiResponse> => {
      asked.push(request)
      const url = new URL(request.path, 'http://fake')
      const said = answer(request, url.pathname, url.searchParams)
      return {
        status: said.status ?? 200,
        headers: said.headers ?? {},
        ...(said.monitored === undefined ? {} : { monitored: said.monitored }),
        text: async () => said.text ?? JSON.stringify(said.body ?? {}),
        lines: () => (said.lines ?? new Lines()).read(request.signal),
      }
    },
  }
}

/** A Status of failure. */
export function failure(code: number, reason: string, message = '', details: Json = {}): Scripted {
  return {
    status: code,
    body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message, details },
  }
}

/** Aggregated discovery of ConfigMaps and Deployments. */
export function discovery(path: string): Scripted | undefined {
  const resource = (plural: string, kind: string): Json => ({
    resource: plural,
    responseKind: { group: '', version: '', kind },
    scope: 'Namespaced',
  })
  const list = (name: string, resources: Json[]): Scripted => ({
    body: {
      kind: 'APIGroupDiscoveryList',
      items: [{ metadata: { name }, versions: [{ version: 'v1', resources }] }],
    },
  })
  if (path === '/api') return list('', [resource('configmaps', 'ConfigMap')])
  if (path === '/apis') return list('apps', [resource('deployments', 'Deployment')])
  return undefined
}
