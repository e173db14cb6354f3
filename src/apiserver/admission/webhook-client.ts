import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isObject, type Json, type JsonObject, stringAt } from '../../object/index.ts'
import type { Core } from '../core.ts'
import { objectsOf } from './matching.ts'

const TIMEOUT_S = 10
const ANSWER_MAX_BYTES = 4 * 1024 * 1024

/** Where a webhook is: what messages call it, and what is really connected to. */
interface Place {
  readonly url: string
  readonly host?: string
  readonly port?: number
  readonly serverName?: string
}

/**
 * Posts a review to a webhook, by its URL or by its Service.
 * @throws Error in Go's words
 */
export function post(core: Core, hook: JsonObject, body: string): Promise<Json> {
  const seconds = typeof hook['timeoutSeconds'] === 'number' ? hook['timeoutSeconds'] : TIMEOUT_S
  const config = isObject(hook['clientConfig']) ? hook['clientConfig'] : {}
  const shown = shownUrl(config, seconds)
  const fail = (why: string): Error => new Error(`Post ${JSON.stringify(shown)}: ${why}`)
  const place = placeOf(core, config, shown)
  if (typeof place === 'string') return Promise.reject(fail(place))
  const ca = stringAt(config, 'caBundle')
  const send = place.url.startsWith('https:') ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const call = send(
      place.url,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        timeout: seconds * 1000,
        ...(place.host === undefined ? {} : { host: place.host }),
        ...(place.port === undefined ? {} : { port: place.port }),
        ...(place.serverName === undefined ? {} : { servername: place.serverName }),
        ...(ca === undefined ? {} : { ca: Buffer.from(ca, 'base64') }),
      },
      (incoming) => {
        let text = ''
        incoming.on('data', (chunk: Buffer) => {
          text += chunk.toString('utf8')
          if (text.length > ANSWER_MAX_BYTES) incoming.destroy(new Error('answer is too large'))
        })
        incoming.on('error', (error) => reject(fail(error.message)))
        incoming.on('end', () => {
          try {
            if (incoming.statusCode !== 200) throw new Error(text.slice(0, 1000))
            resolve(JSON.parse(text) as Json)
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)))
          }
        })
      },
    )
    call.on('timeout', () => call.destroy(new Error('context deadline exceeded')))
    call.on('error', (error) => reject(fail(error.message)))
    call.end(body)
  })
}

function shownUrl(config: JsonObject, seconds: number): string {
  const { service } = config
  const base = isObject(service)
    ? `https://${stringAt(service, 'name')}.${stringAt(service, 'namespace')}.svc:${portOf(service)}${pathOf(service)}`
    : (stringAt(config, 'url') ?? '')
  return `${base}${base.includes('?') ? '&' : '?'}timeout=${seconds}s`
}

function portOf(service: JsonObject): number {
  return typeof service['port'] === 'number' ? service['port'] : 443
}

function pathOf(service: JsonObject): string {
  const path = stringAt(service, 'path') ?? ''
  return path.startsWith('/') || path === '' ? path || '/' : `/${path}`
}

/**
 * The address of a webhook; a text says why there is none. A Service leads to the name that it stands
 * for, or to an address of its EndpointSlices that is no simulated pod's: those answer nobody.
 */
function placeOf(core: Core, config: JsonObject, shown: string): Place | string {
  const { service } = config
  if (!isObject(service)) return shown.startsWith('?') ? 'no host in request URL' : { url: shown }
  const name = stringAt(service, 'name') ?? ''
  const namespace = stringAt(service, 'namespace') ?? ''
  const found = core.store.get('services', `${namespace}/${name}`)
  if (found === undefined) return `service ${JSON.stringify(name)} not found`
  const spec = isObject(found['spec']) ? found['spec'] : {}
  const serverName = `${name}.${namespace}.svc`
  const wanted = portOf(service)
  if (spec['type'] === 'ExternalName')
    return { url: shown, serverName, host: String(spec['externalName']), port: wanted }
  const port = objectsOf(spec['ports']).find((each) => each['port'] === wanted)
  if (port === undefined)
    return `no service port ${wanted} found for service ${JSON.stringify(name)}`
  const portName = stringAt(port, 'name') ?? ''
  for (const slice of core.store.list('endpointslices.discovery.k8s.io', `${namespace}/`)) {
    if (slice.metadata.labels?.['kubernetes.io/service-name'] !== name) continue
    const open = objectsOf(slice['ports'] as Json).find((each) => (each['name'] ?? '') === portName)
    for (const each of objectsOf(slice['endpoints'] as Json)) {
      const address = Array.isArray(each['addresses']) ? String(each['addresses'][0]) : ''
      const target = isObject(each['targetRef']) ? each['targetRef'] : {}
      if (target['kind'] === 'Pod')
        return `dial tcp ${address}:${String(open?.['port'])}: connect: connection refused`
      if (typeof open?.['port'] === 'number')
        return { url: shown, serverName, host: address, port: open['port'] }
    }
  }
  return `no endpoints available for service ${JSON.stringify(name)}`
}
