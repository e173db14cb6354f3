import type { Clock } from '../../base/index.ts'
import { goNetError } from '../go-net-error.ts'
import type { HttpAnswer, HttpClient, TlsMaterial } from '../http-client.ts'
import type { Proxy } from '../proxy.ts'
import type { OciAddress } from './address.ts'
import { sendPatiently } from './patience.ts'
import { REDIRECTS_MAX, redirected } from './redirect.ts'
import { refusalText } from './refusal.ts'

/** How a registry is reached, and what it wants to see. */
export interface OciWay {
  /** `https://host[:port]` or, for registries that may, `http://host[:port]`. */
  readonly base: string
  /** `basic`, `bearer`, any other word, or `''` for a registry that asks for nothing. */
  readonly scheme: string
  readonly realm: string | undefined
  readonly service: string
}

/** What finding the way needs. */
export interface OciWayOptions {
  readonly http: HttpClient
  readonly clock: Clock
  readonly address: OciAddress
  readonly tls: TlsMaterial | undefined
  readonly proxy: Proxy | undefined
  readonly signal: AbortSignal
  /** What hosts answered is not quoted. */
  readonly isQuiet: boolean
}

/** How long TLS is given before plain HTTP is tried beside it. */
const HEAD_START_MS = 300

/** Why there is no way; the message is go-containerregistry's. */
export class NoWay extends Error {}

/**
 * Asks a registry for its greeting. One that may speak plain HTTP is asked over TLS first.
 * @throws NoWay
 * @see go-containerregistry pkg/v1/remote/transport/ping.go
 */
export async function findWay(options: OciWayOptions): Promise<OciWay> {
  const { address } = options
  const secure = ping(options, `https://${address.registry}`)
  if (!address.mayBePlain) return secure
  // Told below, when the other one has failed as well.
  secure.catch(() => undefined)
  const waiting = new AbortController()
  const headStart = options.clock
    .sleep(HEAD_START_MS, AbortSignal.any([options.signal, waiting.signal]))
    .then(
      () => undefined,
      () => undefined,
    )
  const early = await Promise.race([secure.catch(() => undefined), headStart])
  waiting.abort()
  if (early !== undefined) return early
  return either(options, [secure, ping(options, `http://${address.registry}`)])
}

async function either(
  { signal }: OciWayOptions,
  tries: readonly Promise<OciWay>[],
): Promise<OciWay> {
  try {
    return await Promise.any(tries)
  } catch {
    if (signal.aborted) throw signal.reason
    const texts = await Promise.all(
      tries.map((each) =>
        each.then(
          () => '',
          (error: Error) => error.message,
        ),
      ),
    )
    throw new NoWay(texts.join('; '))
  }
}

async function ping(options: OciWayOptions, base: string): Promise<OciWay> {
  if (!URL.canParse(base)) {
    const port = base.slice(base.lastIndexOf(':') + 1)
    throw new NoWay(`Get "${base}/v2/": dial tcp: address ${port}: invalid port`)
  }
  const url = new URL(`${base}/v2/`)
  const answer = await greet(options, url)
  if (answer.status !== 200 && answer.status !== 401)
    throw new NoWay(await refusalText({ method: 'GET', url, isQuiet: options.isQuiet }, answer))
  answer.body.resume()
  if (answer.status === 200) return { base, scheme: '', realm: undefined, service: '' }
  const { scheme, fields } = parseChallenge(answer.headers['www-authenticate'] ?? '')
  return { base, scheme, realm: fields.get('realm'), service: fields.get('service') ?? '' }
}

async function greet(options: OciWayOptions, from: URL): Promise<HttpAnswer> {
  let url = from
  for (let i = 0; ; i += 1) {
    const answer = await askOnce(options, url)
    const { location } = answer.headers
    if (answer.status < 300 || answer.status > 399 || location === undefined || i > REDIRECTS_MAX)
      return answer
    answer.body.destroy()
    const to = redirected(url, { location, method: 'GET' })
    if (typeof to === 'string') throw new NoWay(to)
    url = to
  }
}

async function askOnce(options: OciWayOptions, url: URL): Promise<HttpAnswer> {
  const { tls, proxy, signal } = options
  try {
    return await sendPatiently(options, {
      method: 'GET',
      url,
      headers: { 'user-agent': 'tidegate' },
      ...(tls === undefined ? {} : { tls }),
      ...(proxy === undefined ? {} : { proxy }),
      signal,
    })
  } catch (error) {
    if (signal.aborted) throw signal.reason
    throw new NoWay(`Get "${url.href}": ${goNetError(error, proxy)}`)
  }
}

/** Of several challenges the first that can be met. */
export function parseChallenge(header: string): {
  readonly scheme: string
  readonly fields: ReadonlyMap<string, string>
} {
  const starts = [...header.matchAll(/(?:^|,)\s*([A-Za-z][\w-]*)(?=\s+[\w-]+\s*=|\s*(?:,|$))/g)]
  const found = starts.map((match, i) => {
    const text = header.slice(match.index + match[0].length, starts[i + 1]?.index)
    const fields = [...text.matchAll(/([\w-]+)\s*=\s*(?:"([^"]*)"|([^",\s]+))/g)]
    return {
      scheme: (match[1] ?? '').toLowerCase(),
      fields: new Map(
        fields.map(([, key = '', quoted, bare = '']) => [key.toLowerCase(), quoted ?? bare]),
      ),
    }
  })
  const known = found.find(({ scheme }) => scheme === 'basic' || scheme === 'bearer')
  return known ?? found[0] ?? { scheme: '', fields: new Map() }
}
