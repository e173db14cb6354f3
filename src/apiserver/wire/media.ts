import { type Json, parseYaml, printYaml } from '../../object/index.ts'
import { StatusFault, unsupportedMedia } from '../status.ts'
import { sorted } from './go-json.ts'

/** How an answer is to be shaped and written. */
export interface Accepted {
  readonly as: '' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList'
  readonly format: 'json' | 'yaml'
  /** Set for the aggregated form of discovery. */
  readonly discovery?: 'v2' | 'v2beta1'
}

/** One media type of an Accept header with its parameters. */
interface MediaRange {
  readonly type: string
  readonly params: Readonly<Record<string, string>>
  readonly q: number
}

/**
 * Chooses among the media types of an Accept header the first that the server can write.
 * @throws StatusFault 406 when there is none
 */
export function acceptOf(header: string | undefined): Accepted {
  const ranges = rangesOf(header ?? '')
  if (ranges.length === 0) return { as: '', format: 'json' }
  for (const range of ranges) {
    const accepted = shapeOf(range)
    if (accepted !== undefined) return accepted
  }
  throw new StatusFault({
    code: 406,
    reason: 'NotAcceptable',
    message:
      '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch',
    details: {},
  })
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

function shapeOf({ type, params }: MediaRange): Accepted | undefined {
  const format =
    type === 'application/json' || type === '*/*' || type === 'application/*'
      ? 'json'
      : type === 'application/yaml'
        ? 'yaml'
        : undefined
  if (format === undefined) return undefined
  const { as, g, v } = params
  if (as === undefined) return { as: '', format }
  if (g === 'apidiscovery.k8s.io' && as === 'APIGroupDiscoveryList')
    return v === 'v2' || v === 'v2beta1' ? { as: '', format, discovery: v } : undefined
  if (g !== 'meta.k8s.io' || v !== 'v1') return undefined
  if (as === 'Table' || as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList')
    return { as, format }
  return undefined
}

/** The media type of a Content-Type header, without parameters. */
export function mediaType(header: string | undefined): string {
  return (header ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

/**
 * Reads a body as JSON or YAML, by its media type.
 * @throws StatusFault 415 for another type; whatever the parser throws
 */
export function readBody(text: string, type: string): Json {
  if (type === '' || type === 'application/json') return JSON.parse(text) as Json
  if (type === 'application/yaml') return parseYaml(text, 'body')[0] ?? null
  throw unsupportedMedia(
    'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  )
}

/** Writes a value in the format that was accepted. */
export function writeBody(value: Json, format: 'json' | 'yaml'): string {
  return format === 'yaml' ? printYaml(sorted(value)) : `${JSON.stringify(value)}\n`
}

/** The Content-Type of a format. */
export function contentType(format: 'json' | 'yaml'): string {
  return format === 'yaml' ? 'application/yaml' : 'application/json'
}
