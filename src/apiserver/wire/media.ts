import { type Json, parseYaml, printYaml } from '../../object/index.ts'
import { PROTOBUF } from '../protobuf/index.ts'
import { StatusFault, unsupportedMedia } from '../status.ts'
import { escaped, sorted } from './go-json.ts'
import { parseJson } from './parse-json.ts'
import { jsonText } from './texts.ts'

/** How a value is written; `pretty` is JSON over several lines, for people. */
export type Format = 'json' | 'pretty' | 'yaml' | 'protobuf'

/** How an answer is to be shaped and written. */
export interface Accepted {
  readonly as: '' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList'
  readonly format: Format
  /** Set where a table or the metadata is asked for in `meta.k8s.io/v1beta1`. */
  readonly old?: true
  /** Set for the aggregated form of discovery. */
  readonly discovery?: 'v2'
}

/** The headers and the query that decide about the form of an answer. */
export interface Wish {
  readonly accept: string | undefined
  readonly userAgent: string | undefined
  readonly pretty: string | null
}

/** What can be answered. */
export interface Offer {
  readonly types: readonly string[]
  /**
   * What the router knows to be answered: it looks first, and at whole names alone. Absent: nothing
   * stands before the choice.
   */
  readonly routed?: readonly string[]
  /** Whether objects may be asked for as tables or by their metadata, or discovery as a whole. */
  readonly shapes?: 'objects' | 'discovery'
  /** Set for custom kinds: of them the metadata alone has protobuf. */
  readonly isCustom?: boolean
}

const JSON_TYPE = 'application/json'
const YAML_TYPE = 'application/yaml'
const STREAMS = [`${JSON_TYPE};stream=watch`, `${PROTOBUF};stream=watch`]

/** Media types of objects, and of what only speaks JSON. */
export const BUILTIN_TYPES: readonly string[] = [JSON_TYPE, YAML_TYPE, PROTOBUF]
export const JSON_TYPES: readonly string[] = [JSON_TYPE]

/** What the router knows of a list, which may be a watch. */
export const LIST_TYPES: readonly string[] = [...BUILTIN_TYPES, ...STREAMS]

/** What a watch can be written as. */
export const STREAM_TYPES: readonly string[] = STREAMS

/** One media type of an Accept header with its parameters. */
interface MediaRange {
  readonly type: string
  readonly params: Readonly<Record<string, string>>
  readonly q: number
}

/**
 * Chooses among the media types of an Accept header the first that can be answered.
 * @throws StatusFault 406 when there is none
 * @see k8s.io/apiserver pkg/endpoints/handlers/negotiation (v0.36.3)
 */
export function acceptOf(wish: Wish, offer: Offer): Accepted {
  const { accept = '' } = wish
  if (offer.routed !== undefined) checkRouted(wish, offer.routed)
  const accepted = choose(accept, offer)
  if (accepted === undefined) throw notAcceptable(offer.types)
  const isPretty = accepted.format === 'pretty' || isForPeople(wish)
  return isPretty && accepted.format === 'json' ? { ...accepted, format: 'pretty' } : accepted
}

/**
 * What the router asks of an Accept header: one of the names that it knows, or anything at all.
 * @throws StatusFault 406
 */
export function checkRouted({ accept = '' }: Wish, routed: readonly string[]): void {
  if (isRouted(accept, routed)) return
  const message = `406: Not Acceptable\n\nAvailable representations: ${routed.join(', ')}`
  throw refused(message, true)
}

/** The form of an error: what was asked for where it can be had, else JSON over several lines. */
export function errorFormat(wish: Wish, types: readonly string[] = BUILTIN_TYPES): Format {
  const chosen = choose(wish.accept ?? '', { types })?.format ?? 'pretty'
  return chosen === 'json' && isForPeople(wish) ? 'pretty' : chosen
}

/** 406 for who takes none of some media types. */
export function notAcceptable(types: readonly string[]): StatusFault {
  return refused(`only the following media types are accepted: ${types.join(', ')}`, false)
}

function refused(message: string, detailed: boolean): StatusFault {
  return new StatusFault({
    code: 406,
    reason: 'NotAcceptable',
    message,
    ...(detailed ? { details: {} } : {}),
  })
}

function isRouted(header: string, routed: readonly string[]): boolean {
  if (header === '') return true
  return header
    .split(',')
    .map((text) => text.split(';')[0]?.trim() ?? '')
    .some((type) => type === '*/*' || routed.includes(type))
}

/** Whether somebody reads along: asked for by the query, else browsers, curl and wget. */
function isForPeople({ pretty, userAgent = '' }: Wish): boolean {
  if (pretty !== null && pretty !== '') return /^(?:1|t|T|true|TRUE|True)$/.test(pretty)
  return /^(?:curl|Wget|Mozilla\/5\.0)/.test(userAgent)
}

function choose(header: string, offer: Offer): Accepted | undefined {
  if (header === '') return { as: '', format: 'json' }
  // What all clients send who only speak JSON.
  if (header === JSON_TYPE && offer.types[0] === JSON_TYPE) return { as: '', format: 'json' }
  for (const range of rangesOf(header)) {
    const accepted = shapeOf(range, offer)
    if (accepted !== undefined) return accepted
  }
  return undefined
}

function rangesOf(header: string): MediaRange[] {
  const ranges = header.split(',').flatMap((text) => {
    const [type = '', ...rest] = text.split(';').map((part) => part.trim())
    if (type === '') return []
    const params: Record<string, string> = {}
    for (const part of rest) {
      const [key = '', value = ''] = part.split('=')
      params[key.trim()] = value.trim()
    }
    return [{ type, params, q: Number(params['q'] ?? 1) }]
  })
  return ranges.sort((a, b) => b.q - a.q)
}

function shapeOf({ type, params }: MediaRange, offer: Offer): Accepted | undefined {
  const format = formatOf(type, offer.types)
  if (format === undefined) return undefined
  const { as, g, v, pretty } = params
  const written = format === 'json' && pretty === '1' ? 'pretty' : format
  if (as === undefined && format === 'protobuf' && offer.isCustom) return undefined
  if (as === undefined) return { as: '', format: written }
  if (offer.shapes === 'discovery')
    return g === 'apidiscovery.k8s.io' && v === 'v2' && as === 'APIGroupDiscoveryList'
      ? { as: '', format: written, discovery: 'v2' }
      : undefined
  if (offer.shapes !== 'objects' || g !== 'meta.k8s.io') return undefined
  if (v !== 'v1' && v !== 'v1beta1') return undefined
  const old = v === 'v1beta1' ? { old: true as const } : {}
  // Tables have no protobuf.
  if (as === 'Table') return unlessBinary({ as, format: written, ...old })
  if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList')
    return { as, format: written, ...old }
  return undefined
}

function unlessBinary(accepted: Accepted): Accepted | undefined {
  return accepted.format === 'protobuf' ? undefined : accepted
}

function formatOf(type: string, types: readonly string[]): Format | undefined {
  const isOpen = type === '*/*' || type === 'application/*'
  const found = types.find((each) => isOpen || each.split(';')[0] === type)
  if (found === undefined) return undefined
  if (found.startsWith(PROTOBUF)) return 'protobuf'
  return found === YAML_TYPE ? 'yaml' : 'json'
}

/** The media type of a Content-Type header, without parameters; `;` for a header that has none. */
export function mediaType(header = ''): string {
  const [type = '', ...params] = header.split(';').map((part) => part.trim())
  const isRead = params.every((each, i) => /^[^\s=]+=/.test(each) || isLast(params, i, each))
  return isRead && (type !== '' || params.length === 0) ? type.toLowerCase() : ';'
}

/** Nothing may follow the last semicolon. */
function isLast(params: readonly string[], at: number, text: string): boolean {
  return text === '' && at === params.length - 1
}

/**
 * Reads a body as JSON or YAML, by its media type.
 * @throws StatusFault 415 for another type; whatever the parser throws
 */
export function readBody(text: string, type: string): Json {
  if (type === '' || type === JSON_TYPE) return parseJson(text)
  if (type === YAML_TYPE) return parseYaml(text, 'body')[0] ?? null
  throw unsupportedMedia(
    'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  )
}

const INDENT = 2

/** Writes a value as text in the format that was accepted. */
export function writeBody(value: Json, format: Exclude<Format, 'protobuf'>): string {
  if (format === 'yaml') return printYaml(sorted(value))
  return format === 'pretty'
    ? escaped(JSON.stringify(value, undefined, INDENT))
    : `${jsonText(value)}\n`
}

/** The Content-Type of a format. */
export function contentType(format: Format): string {
  if (format === 'protobuf') return PROTOBUF
  return format === 'yaml' ? YAML_TYPE : JSON_TYPE
}
