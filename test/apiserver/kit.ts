import { createApiServer } from '../../src/apiserver/index.ts'
import { seededRandom, VirtualClock } from '../../src/base/index.ts'
import { type Json, type JsonObject, parseYaml } from '../../src/object/index.ts'

/** An embedded server on a clock that stands still, with short ways to use it. */
export interface Bench {
  readonly clock: VirtualClock
  /** Sends a request and answers the body; a status other than 2xx is thrown. */
  ask(method: Method, path: string, body?: Json, type?: string): Promise<JsonObject>
  /** Applies every document of a YAML text, server-side. */
  apply(yaml: string): Promise<void>
  close(): void
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
type Options = Parameters<typeof createApiServer>[1]

const PLURALS: Readonly<Record<string, string>> = {
  Ingress: 'ingresses',
  NetworkPolicy: 'networkpolicies',
  Endpoints: 'endpoints',
}
const CLUSTER_WIDE = ['Namespace', 'CustomResourceDefinition', 'ClusterRole', 'PersistentVolume']

/** Starts a server for one test. */
export function bench(options: Options = {}): Bench {
  const clock = new VirtualClock()
  const server = createApiServer({ clock, random: seededRandom(7) }, options)
  const ask: Bench['ask'] = async (method, path, body, type = 'application/json') => {
    const response = await server.request({
      method,
      path,
      headers: { 'content-type': type, accept: 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const answer = JSON.parse(await response.text()) as JsonObject
    if (response.status >= 300) throw new Error(`${response.status} ${String(answer['message'])}`)
    return answer
  }
  return {
    clock,
    ask,
    apply: async (yaml) => {
      for (const document of parseYaml(yaml, 'test.yaml')) {
        const object = document as unknown as {
          readonly apiVersion: string
          readonly kind: string
          readonly metadata: { readonly name: string; readonly namespace?: string }
        }
        const query = '?fieldManager=test&force=true'
        await ask('PATCH', pathOf(object) + query, document, 'application/apply-patch+yaml')
      }
    },
    close: () => server.close(),
  }
}

function pathOf(object: {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
}): string {
  const { apiVersion, kind, metadata } = object
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const plural = PLURALS[kind] ?? `${kind.toLowerCase()}s`
  const scope = CLUSTER_WIDE.includes(kind) ? '' : `/namespaces/${metadata.namespace ?? 'default'}`
  return `${root}${scope}/${plural}/${metadata.name}`
}
