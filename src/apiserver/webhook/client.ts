import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { SecureContextOptions } from 'node:tls'
import { isArray, isObject, type Json, type JsonObject, stringAt } from '../../object/index.ts'
import type { Core } from '../core.ts'
import { goQuoted } from '../wire/go-json.ts'
import { WebhookProblem } from './review.ts'

const ANSWER_MAX_BYTES = 4 * 1024 * 1024

/** Where a webhook is: what messages call it, and what is really connected to. */
interface Place {
  readonly url: string
  readonly host?: string
  readonly port?: number
  readonly serverName?: string
}

/**
 * Posts a review to a webhook, by its URL or by its Service; answers the text that came back.
 * @throws WebhookProblem in Go's words
 */
export function post(
  core: Core,
  at: { readonly clientConfig: Json | undefined; readonly seconds: number },
  body: string,
): Promise<string> {
  const { seconds } = at
  const config = isObject(at.clientConfig) ? at.clientConfig : {}
  const shown = shownUrl(config, seconds)
  const fail = (why: string): Error => new WebhookProblem(`Post ${JSON.stringify(shown)}: ${why}`)
  const place = placeOf(core, config, shown)
  if (typeof place === 'string') return Promise.reject(fail(place))
  return sent(core, { config, seconds, place, fail }, body)
}

interface Call {
  readonly config: JsonObject
  readonly seconds: number
  readonly place: Place
  readonly fail: (why: string) => Error
  /** How often it was sent on already. */
  readonly hops?: number
}

/** As Go's client. */
const HOPS_MAX = 10

/** Where a webhook sends a review on to, which is posted there again. */
function onward({ place, hops = 0 }: Call, code: number, location = ''): Place | undefined {
  if ((code !== 307 && code !== 308) || hops >= HOPS_MAX) return undefined
  if (!URL.canParse(location, place.url)) return undefined
  const url = new URL(location, place.url)
  return url.host === new URL(place.url).host ? { ...place, url: url.href } : { url: url.href }
}

function sent(core: Core, to: Call, body: string): Promise<string> {
  const { config, seconds, place, fail } = to
  const ca = stringAt(config, 'caBundle')
  const send = place.url.startsWith('https:') ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const call = send(
      place.url,
      {
        method: 'POST',
        headers: { ...HEADERS, 'content-length': Buffer.byteLength(body) },
        ...(place.host === undefined ? {} : { host: place.host }),
        ...(place.port === undefined ? {} : { port: place.port }),
        ...(place.serverName === undefined ? {} : { servername: place.serverName }),
        ...(ca === undefined ? {} : trusting(ca)),
      },
      (incoming) => {
        const chunks: Buffer[] = []
        let bytes = 0
        incoming.on('data', (chunk: Buffer) => {
          chunks.push(chunk)
          bytes += chunk.length
          if (bytes > ANSWER_MAX_BYTES) incoming.destroy(new Error('answer is too large'))
        })
        incoming.on('error', (error) => reject(fail(error.message)))
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          const { statusCode = 0, headers } = incoming
          const next = onward(to, statusCode, headers.location)
          if (next !== undefined) {
            resolve(sent(core, { ...to, place: next, hops: (to.hops ?? 0) + 1 }, body))
            return
          }
          if (statusCode >= 200 && statusCode < 300) resolve(text)
          else reject(refusal(statusCode, text, headers['content-type'] ?? ''))
        })
      },
    )
    // The whole exchange has its time, not each of its pauses.
    const given = new AbortController()
    void core.clock.sleep(seconds * 1000, given.signal).then(
      () => call.destroy(new Error('context deadline exceeded')),
      () => undefined,
    )
    call.on('close', () => given.abort())
    call.on('error', (error) => reject(fail(dialed(error))))
    call.end(body)
  })
}

/** To Go whatever is in a bundle is believed, a server's own certificate too: envtest gives that. */
function trusting(ca: string): SecureContextOptions {
  return { ca: Buffer.from(ca, 'base64'), allowPartialTrustChain: true }
}

const HEADERS = { 'content-type': 'application/json', accept: 'application/json, */*' }

/** A connection that did not come about, as Go tells it. */
function dialed(error: Error): string {
  const { code, address, port } = error as NodeJS.ErrnoException & {
    readonly address?: string
    readonly port?: number
  }
  if (code === 'ECONNREFUSED' && address !== undefined)
    return `dial tcp ${address.includes(':') ? `[${address}]` : address}:${port}: connect: connection refused`
  if (code === 'ECONNRESET') return 'EOF'
  return TLS[code ?? ''] ?? error.message
}

const UNKNOWN_AUTHORITY =
  'tls: failed to verify certificate: x509: certificate signed by unknown authority'

const TLS: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
}

/** So much of what a webhook says is told. */
const SAID_MAX_BYTES = 2048

/**
 * What a webhook says with a code: its Status, or what Go's client makes of the code and of a body that is
 * text, as what calls itself nothing is.
 * @see k8s.io/client-go rest/request.go newUnstructuredResponseError (v0.36.3)
 */
function refusal(code: number, text: string, type: string): WebhookProblem {
  const isText = type === '' || /^text\//i.test(type.trim())
  const status = statusIn(text)
  const message = stringAt(status, 'message')
  if (status['kind'] === 'Status' && message !== undefined && message !== '')
    return new WebhookProblem(message)
  const said = isText ? Buffer.from(text).subarray(0, SAID_MAX_BYTES).toString().trim() : 'unknown'
  return new WebhookProblem(CODES[code]?.(said) ?? serverError(code, said))
}

function statusIn(text: string): JsonObject {
  try {
    const value = JSON.parse(text) as Json
    return isObject(value) && !isArray(value) ? value : {}
  } catch {
    return {}
  }
}

function serverError(code: number, said: string): string {
  return code >= 500
    ? `an error on the server (${goQuoted(said)}) has prevented the request from succeeding`
    : `the server responded with the status code ${code} but did not return more information`
}

const UNACCEPTABLE = 'the server was unable to respond with a content type that the client supports'

/** @see k8s.io/apimachinery pkg/api/errors/errors.go NewGenericServerResponse (v0.36.3) */
const CODES: Readonly<Record<number, (said: string) => string>> = {
  400: () => 'the server rejected our request for an unknown reason',
  401: () => 'the server has asked for the client to provide credentials',
  403: (said) => said,
  404: () => 'the server could not find the requested resource',
  405: () => 'the server does not allow this method on the requested resource',
  406: (said) => (said === '' || said === 'unknown' ? UNACCEPTABLE : said),
  409: () => 'the server reported a conflict',
  415: (said) => said,
  422: () => 'the server rejected our request due to an error in our request',
  429: () => 'the server has received too many requests and has asked us to try again later',
  503: () => 'the server is currently unable to handle the request',
  504: () =>
    'the server was unable to return a response in the time allotted, but may still be processing the request',
}

function objectsOf(value: Json | undefined): readonly JsonObject[] {
  return isArray(value) ? value.filter(isObject) : []
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
