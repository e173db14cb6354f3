import type { Clock } from '../../base/index.ts'
import { type HttpClient, readBody } from '../http-client.ts'
import type { Certificate } from './certificate.ts'
import { BadDer, type DerElement, derElement, derElements, derOid } from './der.ts'
import { ocspRequest, readOcsp, type Standing } from './ocsp.ts'
import { isListedAt, readList } from './revocation-list.ts'
import { BadTimestamp } from './timestamp.ts'

/** What it takes to ask whether certificates were revoked. */
export interface RevocationAsk {
  readonly http: HttpClient
  readonly clock: Clock
  readonly signal: AbortSignal
  /** When it was signed, where an authority vouches for it. */
  readonly signedMs: number | undefined
}

const AUTHORITY_ACCESS = '1.3.6.1.5.5.7.1.1'
const OCSP = '1.3.6.1.5.5.7.48.1'
const LISTS = '2.5.29.31'
const FRESHEST = '2.5.29.46'
const OCSP_BYTES_MAX = 20_480
const LIST_BYTES_MAX = 32 * 1024 * 1024
const OCSP_MS_MAX = 2000
const LIST_MS_MAX = 5000
const ADDRESSES_MAX = 4
const GET_MAX = 255
const LINK_LOCAL = /^(169\.254\.|\[fe[89ab])/i

/**
 * Asks of each certificate of a chain but the last whether it was revoked: by OCSP, or by lists where
 * that gives no answer. Answers the first that is not good, as notation has it.
 * @see notation-core-go revocation (v1.3)
 */
export async function checkRevocation(
  chain: readonly Certificate[],
  ask: RevocationAsk,
): Promise<{ readonly standing: Standing; readonly of: Certificate | undefined }> {
  const standings = await Promise.all(
    chain.slice(0, -1).map(async (certificate, index) => {
      const issuer = chain[index + 1]
      return {
        of: certificate,
        standing: issuer === undefined ? 'unknown' : await standingOf(certificate, issuer, ask),
      } as const
    }),
  )
  const bad =
    standings.find(({ standing }) => standing === 'revoked') ??
    standings.find(({ standing }) => standing === 'unknown')
  return bad ?? { standing: 'good', of: undefined }
}

async function standingOf(
  certificate: Certificate,
  issuer: Certificate,
  ask: RevocationAsk,
): Promise<Standing> {
  const [responders, lists] = [respondersOf(certificate), listsOf(certificate)]
  let standing: Standing = 'unknown'
  for (const url of responders) {
    standing = await guarded(() => askResponder(url, certificate, issuer, ask))
    if (standing !== 'unknown') return standing
  }
  if (lists.length === 0) return responders.length === 0 ? 'good' : 'unknown'
  for (const url of lists) {
    standing = await guarded(() => askList(url, certificate, issuer, ask))
    if (standing !== 'good') return standing
  }
  return standing
}

/** What cannot be had or read tells nothing. */
async function guarded(look: () => Promise<Standing>): Promise<Standing> {
  try {
    return await look()
  } catch {
    return 'unknown'
  }
}

async function askResponder(
  url: string,
  certificate: Certificate,
  issuer: Certificate,
  ask: RevocationAsk,
): Promise<Standing> {
  const request = ocspRequest(certificate, issuer)
  const short = encodeURIComponent(request.toString('base64'))
  const isShort = short.length < GET_MAX
  const body = await fetchBytes(
    isShort ? `${url.replace(/\/$/, '')}/${short}` : url,
    isShort ? undefined : request,
    { bytesMax: OCSP_BYTES_MAX, msMax: OCSP_MS_MAX },
    ask,
  )
  return readOcsp(body, { certificate, issuer, nowMs: ask.clock.now(), signedMs: ask.signedMs })
}

async function askList(
  url: string,
  certificate: Certificate,
  issuer: Certificate,
  ask: RevocationAsk,
): Promise<Standing> {
  if (certificate.extensions.has(FRESHEST)) return 'unknown'
  const bounds = { bytesMax: LIST_BYTES_MAX, msMax: LIST_MS_MAX }
  const list = readList(await fetchBytes(url, undefined, bounds, ask), issuer, ask.clock.now())
  return isListedAt(list, certificate.serial, ask.signedMs) ? 'revoked' : 'good'
}

async function fetchBytes(
  address: string,
  body: Buffer | undefined,
  { bytesMax, msMax }: { readonly bytesMax: number; readonly msMax: number },
  { http, clock, signal }: RevocationAsk,
): Promise<Buffer> {
  const url = new URL(address)
  if (url.protocol !== 'http:' || LINK_LOCAL.test(url.hostname))
    throw new BadDer('an address that is not asked')
  const late = new AbortController()
  const done = new AbortController()
  clock
    .sleep(msMax, done.signal)
    .then(() => late.abort(new BadDer('it took too long')))
    .catch(() => undefined)
  try {
    const answer = await http.send({
      method: body === undefined ? 'GET' : 'POST',
      url,
      signal: AbortSignal.any([signal, late.signal]),
      ...(body === undefined
        ? {}
        : { body, headers: { 'content-type': 'application/ocsp-request' } }),
    })
    const bytes = await readBody(answer.body, bytesMax)
    if (answer.status === 200) return bytes
    throw new BadDer(`status ${answer.status}`)
  } finally {
    done.abort()
  }
}

function respondersOf({ extensions }: Certificate): readonly string[] {
  return read(extensions.get(AUTHORITY_ACCESS)?.value, (parts) =>
    parts.flatMap(({ content }) => {
      const [method, place] = derElements(content)
      const isOcsp = method !== undefined && derOid(method.content) === OCSP
      return isOcsp && place?.tag === 0x86 ? [place.content.toString('latin1')] : []
    }),
  )
}

function listsOf({ extensions }: Certificate): readonly string[] {
  return read(extensions.get(LISTS)?.value, (parts) =>
    parts.flatMap(({ content }) => {
      const [point] = derElements(content)
      const full = point?.tag === 0xa0 ? derElement(point.content) : undefined
      if (full?.tag !== 0xa0) return []
      return derElements(full.content)
        .filter(({ tag }) => tag === 0x86)
        .map((each) => each.content.toString('latin1'))
    }),
  )
}

function read(
  value: Buffer | undefined,
  pick: (parts: readonly DerElement[]) => readonly string[],
): readonly string[] {
  if (value === undefined) return []
  try {
    return pick(derElements(derElement(value).content)).slice(0, ADDRESSES_MAX)
  } catch (error) {
    // Not an address at all: nobody can be asked, so nothing is known.
    if (error instanceof BadDer || error instanceof BadTimestamp) return ['']
    throw error
  }
}
