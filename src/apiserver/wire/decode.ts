import { isFault } from '../../base/index.ts'
import {
  isArray,
  isKubeObject,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  parseYamlBody,
} from '../../object/index.ts'
import { type Ask, headerOf } from '../ask.ts'
import type { Core } from '../core.ts'
import { groupVersion, type Kind } from '../kind.ts'
import { badRequest, StatusFault } from '../status.ts'
import { jsonProblem } from './json-syntax.ts'
import { mediaType, readBody } from './media.ts'

/**
 * The body of a request as JSON.
 * @throws StatusFault 400 for what can not be read, 415 for a media type that is none
 */
export function readBodyOf(ask: Ask): Json {
  const type = mediaType(headerOf(ask.headers, 'content-type'))
  const isApply = type === 'application/apply-patch+yaml'
  try {
    // What clients apply is JSON most of the time, and JSON is read many times faster.
    if (isApply && ask.body.startsWith('{')) return fromJson(ask.body) ?? readYaml(ask)
    return isApply || type === YAML ? readYaml(ask) : readBody(ask.body, type)
  } catch (error) {
    if (error instanceof StatusFault) throw error
    const why = isFault(error) ? error.message.replace(/^body:\d+:\d+: /, '') : String(error)
    if (isApply) throw badRequest(`error decoding YAML: error converting YAML to JSON: ${why}`)
    if (type === YAML) throw unreadable(ask, why)
    throw unrecognized(ask, `json parse error: ${jsonProblem(ask.body)}`)
  }
}

const repeatedIn = new WeakMap<Ask, readonly string[]>()

function readYaml(ask: Ask): Json {
  const { value, repeated } = parseYamlBody(ask.body, 'body')
  if (repeated.length > 0) repeatedIn.set(ask, repeated)
  return value
}

/** The keys that a YAML body repeats, as what is complained of them; the body has been read. */
export function repeatedKeys(ask: Ask): readonly string[] {
  return repeatedIn.get(ask) ?? []
}

const YAML = 'application/yaml'

function fromJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

function unrecognized(ask: Ask, why: string): StatusFault {
  return unreadable(ask, `couldn't get version/kind; ${why}`)
}

function unreadable(ask: Ask, why: string): StatusFault {
  return badRequest(
    `the object provided is unrecognized (must be of type ${ask.kind.kind}): ${why} (${excerpt(ask.body)})`,
  )
}

const EXCERPT_BYTES = 30

/** The body as messages show it: in hexadecimal when it is no map, and cut. */
function excerpt(text: string): string {
  if (text === '') return '<empty>'
  const bytes = Buffer.from(text)
  const start = bytes.subarray(0, EXCERPT_BYTES)
  const more = bytes.length > EXCERPT_BYTES ? ' ...' : ''
  return start.toString(text.startsWith('{') ? 'utf8' : 'hex') + more
}

/** What Go's decoder calls a value. */
function jsonKind(value: Json): string {
  if (isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

/** What a subresource speaks instead of its kind. */
function spoken(ask: Ask): Pick<Kind, 'group' | 'version' | 'kind'> {
  const own = ask.kind.subresources.find((part) => part.name === ask.subresource)?.kind
  if (own === undefined) return ask.kind
  return own.version === '' ? { ...ask.kind, kind: own.kind } : own
}

/**
 * Checks that a body is an object of the kind of the URL.
 * @throws StatusFault 400
 */
export function decode(core: Core, ask: Ask, given: Json): KubeObject {
  const kind = spoken(ask)
  const value = given ?? {}
  if (!isObject(value))
    throw unrecognized(
      ask,
      `json parse error: json: cannot unmarshal ${isArray(value) ? 'array' : typeof value} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
    )
  const said = { apiVersion: named(ask, value, 'apiVersion'), kind: named(ask, value, 'kind') }
  const whole: JsonObject = {
    ...value,
    apiVersion: textOr(said.apiVersion, groupVersion(kind)),
    kind: textOr(said.kind, kind.kind),
    metadata: value['metadata'] ?? {},
  }
  if (!isKubeObject(whole)) {
    const { version, kind: name } = kind
    const found = jsonKind(whole['metadata'] ?? null)
    throw badRequest(
      `${name} in version ${JSON.stringify(version)} cannot be handled as a ${name}: json: cannot unmarshal ${found} into Go struct field ${name}.metadata of type v1.ObjectMeta`,
    )
  }
  checkKind(core, kind, whole)
  return whole
}

/** Version and kind are looked for whatever the case of their letters; the last one counts. */
function named(ask: Ask, value: JsonObject, name: 'apiVersion' | 'kind'): Json | undefined {
  const lower = name.toLowerCase()
  let found = value[name]
  Object.keys(value)
    .filter((key) => key.length === name.length && key.toLowerCase() === lower)
    .forEach((key) => {
      const item = value[key]
      if (typeof item === 'string') found = item
      else if (item !== null && item !== undefined)
        throw unrecognized(
          ask,
          `json parse error: json: cannot unmarshal ${jsonKind(item)} into Go struct field .${name} of type string`,
        )
    })
  return found
}

function textOr(value: Json | undefined, otherwise: string): Json {
  return value === undefined || value === null || value === '' ? otherwise : value
}

/** Whether a group knows a kind in a version; lists and options are known everywhere. */
function isServed(
  core: Core,
  { group, version }: Pick<Kind, 'group' | 'version'>,
  kind: string,
): boolean {
  if (/(List|Options)$/.test(kind) || kind === 'Status' || kind === 'WatchEvent') return true
  return core.registry.byKind(group, kind, version) !== undefined
}

function checkKind(
  core: Core,
  kind: Pick<Kind, 'group' | 'version' | 'kind'>,
  body: KubeObject,
): void {
  if (body.apiVersion === groupVersion(kind) && body.kind === kind.kind) return
  const { version } = kind
  const other = core.registry.byKind(kind.group, body.kind, body.apiVersion.split('/').at(-1))
  if (other?.custom !== undefined && body.apiVersion.startsWith(`${kind.group}/`))
    throw badRequest(
      `the API version in the data (${body.apiVersion}) does not match the expected API version (${groupVersion(kind)})`,
    )
  const isSame = body.apiVersion === groupVersion(kind)
  if (body.kind !== kind.kind && isSame && isServed(core, kind, body.kind))
    throw badRequest(
      `${body.kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind.kind}: converting (${version}.${body.kind}) to (${kind.group.split('.')[0] || 'core'}.${kind.kind}): unknown conversion`,
    )
  throw badRequest(
    `${body.kind} in version ${JSON.stringify(body.apiVersion.split('/').at(-1))} cannot be handled as a ${kind.kind}: no kind ${JSON.stringify(body.kind)} is registered for version ${JSON.stringify(body.apiVersion)} in scheme "pkg/runtime/scheme.go:111"`,
  )
}
