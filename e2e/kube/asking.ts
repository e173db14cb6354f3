import type { ApiRequest, Json, Transport } from '../../src/object/index.ts'

/** A request of a case. `{ns}` in its path, its body and its headers stands for a namespace. */
export interface Asking {
  readonly method: ApiRequest['method']
  readonly path: string
  readonly body?: Json
  readonly type?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
}

/** Sends a request of a case whose namespace has this name. */
export function askIn(
  server: Transport,
  name: string,
  step: Asking,
  signal?: AbortSignal,
): ReturnType<Transport['request']> {
  const fill = (text: string): string => text.replaceAll('{ns}', name)
  const headers = Object.entries(step.headers ?? {}).map(([key, value]) => [
    key,
    typeof value === 'string' ? fill(value) : value.map(fill),
  ])
  const body = step.body === undefined ? undefined : fill(JSON.stringify(step.body))
  return server.request({
    method: step.method,
    path: fill(step.path),
    headers: {
      'content-type': step.type ?? 'application/json',
      'user-agent': 'judge/1',
      ...Object.fromEntries(headers),
    },
    ...(body === undefined ? {} : { body }),
    ...(signal === undefined ? {} : { signal }),
  })
}

/** The request that makes the namespace of a case. */
export function namespaceNamed(name: string): Asking {
  return {
    method: 'POST',
    path: '/api/v1/namespaces',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
  }
}
