import { isFault, messageOf } from '../../base/index.ts'
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
import { groupVersion, type Kind } from '../kind.ts'
import { badRequest, invalid, StatusFault } from '../status.ts'
import { excerpt } from './excerpt.ts'
import { jsonProblem } from './json-syntax.ts'
import { mediaType, readBody } from './media.ts'
import { Endless, endlessIn, isTooDeep } from './parse-json.ts'
import { internalType, isEverywhere, isRegistered } from './scheme.ts'

/**
 * The body of a request as JSON.
 * @throws StatusFault 400 for what can not be read, 415 for a media type that is none
 */
export function readBodyOf(ask: Ask): Json {
  const type = mediaType(headerOf(ask.headers, 'content-type'))
  const isApply = type === 'application/apply-patch+yaml'
  try {
    // What clients apply is JSON most of the time, and JSON is read many times faster.
    if (isApply && isTooDeep(ask.body)) throw new SyntaxError(TOO_DEEP)
    if (isApply && ask.body.startsWith('{') && endlessIn(ask.body) === undefined)
      return fromJson(ask.body) ?? readYaml(ask)
    return isApply || type === YAML ? readYaml(ask) : readBody(ask.body, type)
  } catch (error) {
    if (error instanceof StatusFault) throw error
    const why = isFault(error) ? inGo(error.message) : messageOf(error)
    if (isApply) throw badRequest(`error decoding YAML: error converting YAML to JSON: ${why}`)
    if (type === YAML) throw unreadable(ask, why)
    if (error instanceof Endless) return withEndless(ask, error)
    throw unrecognized(ask, `json parse error: ${jsonProblem(ask.body)}`)
  }
}

/** Go reads built-in kinds field by field, and says of which one a number does not fit. */
function withEndless(ask: Ask, error: Endless): Json {
  const { version, kind } = ask.kind
  if (ask.kind.custom === undefined) return JSON.parse(ask.body) as Json
  throw badRequest(
    `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${error.message}`,
  )
}

const TOO_DEEP = 'yaml: exceeded max depth of 10000'

const ENDLESS: Readonly<Record<string, string>> = { '.': '+Inf', '-': '-Inf', n: 'NaN' }

/** What is wrong with YAML once it is read has no line in Go's words. */
function inGo(message: string): string {
  const why = message.replace(/^body:\d+:\d+: /, '')
  const [, value] = /^yaml: (?:line \d+: )?json: unsupported value: (\S+)/.exec(why) ?? []
  if (value !== undefined) {
    const sign = /nan/i.test(value) ? 'n' : (value[0] ?? '')
    return `json: unsupported value: ${ENDLESS[sign] ?? '+Inf'}`
  }
  return why.replace(/^yaml: line \d+: (?=invalid map key|map merge requires)/, 'yaml: ')
}

const repeatedIn = new WeakMap<Ask, readonly string[]>()

/**
 * The keys that an applied JSON body repeats, looked at as the YAML that it is.
 * @throws StatusFault 400 where it is none
 */
export function repeatedInYaml(ask: Ask): readonly string[] {
  try {
    return parseYamlBody(ask.body, 'body').repeated
  } catch (error) {
    if (!isFault(error)) throw error
    throw badRequest(`error decoding YAML: error converting YAML to JSON: ${inGo(error.message)}`)
  }
}

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

/** What Go's decoder calls a value. */
export function jsonKind(value: Json): string {
  if (isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

/** What a subresource speaks instead of its kind. */
function spoken(ask: Ask): Pick<Kind, 'group' | 'version' | 'kind'> {
  const own = ask.kind.subresources.find((part) => part.name === ask.subresource)?.kind
  if (own === undefined) return ask.kind
  return own.version === '' ? { ...ask.kind, kind: own.kind } : own
}

function notAnObject(ask: Ask, value: Json): StatusFault {
  return unrecognized(
    ask,
    `json parse error: json: cannot unmarshal ${jsonKind(value)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
  )
}

/**
 * Checks that a body is an object of the kind of the URL.
 * @throws StatusFault 400
 */
export function decode(ask: Ask, given: Json): KubeObject {
  if (ask.kind.custom !== undefined && ask.subresource !== 'scale') return decodeCustom(ask, given)
  const kind = spoken(ask)
  const value = given ?? {}
  if (!isObject(value)) throw notAnObject(ask, value)
  refuseVersion(ask, value['apiVersion'])
  const said = { apiVersion: named(ask, value, 'apiVersion'), kind: named(ask, value, 'kind') }
  const whole: JsonObject = {
    ...value,
    apiVersion: textOr(said.apiVersion, groupVersion(kind)),
    kind: textOr(said.kind, kind.kind),
    metadata: value['metadata'] ?? {},
  }
  if (!isKubeObject(whole)) throw withoutMetadata(kind, whole)
  checkKind(kind, whole)
  return whole
}

function withoutMetadata(
  { version, kind: name }: Pick<Kind, 'version' | 'kind'>,
  body: JsonObject,
): StatusFault {
  const found = jsonKind(body['metadata'] ?? null)
  return badRequest(
    `${name} in version ${JSON.stringify(version)} cannot be handled as a ${name}: json: cannot unmarshal ${found} into Go struct field ${name}.metadata of type v1.ObjectMeta`,
  )
}

/**
 * The same for custom kinds: whoever sends one has to say what it is. Another kind than the one of
 * the URL is found by {@link refuseOtherKind}.
 * @throws StatusFault 400
 * @see k8s.io/apimachinery pkg/runtime/serializer/json/json.go (v0.36.3)
 */
function decodeCustom(ask: Ask, given: Json): KubeObject {
  const value = given ?? {}
  if (!isObject(value)) throw notAnObject(ask, value)
  named(ask, value, 'apiVersion')
  named(ask, value, 'kind')
  const { kind, apiVersion = '', metadata } = value
  if (typeof kind !== 'string' || kind === '')
    throw unreadable(ask, `Object 'Kind' is missing in '${ask.body}'`)
  const version = String(apiVersion ?? '')
  refuseVersion(ask, version)
  const wanted = groupVersion(ask.kind)
  if (version !== wanted)
    throw badRequest(
      `the API version in the data (${version}) does not match the expected API version (${wanted})`,
    )
  const whole: JsonObject = { ...value, metadata: metadata ?? {} }
  if (!isKubeObject(whole)) throw withoutMetadata(ask.kind, whole)
  return whole
}

/** What is more than group and version is neither. */
function refuseVersion(ask: Ask, version: Json | undefined): void {
  if (typeof version === 'string' && version.split('/').length > 2)
    throw unreadable(ask, `unexpected GroupVersion string: ${version}`)
}

/**
 * Refuses a custom object that says to be of another kind than the one of its URL.
 * @throws StatusFault 422
 */
export function refuseOtherKind({ kind }: Ask, body: KubeObject): void {
  if (kind.custom === undefined || body.kind === kind.kind) return
  throw invalid({ group: kind.group, kind: body.kind }, body.metadata.name ?? '', [
    {
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${JSON.stringify(body.kind)}: must be ${kind.kind}`,
      field: 'kind',
    },
  ])
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

/** Groups whose servers know no others. */
const APART = ['apiextensions.k8s.io', 'apiregistration.k8s.io']

/** Evictions are spoken in either version. */
const EVICTION = /^policy\/v1(?:beta1)?$/

function checkKind(kind: Pick<Kind, 'group' | 'version' | 'kind'>, body: KubeObject): void {
  const wanted = groupVersion(kind)
  const { apiVersion, kind: given } = body
  if (apiVersion === wanted && given === kind.kind) return
  if (kind.kind === 'Eviction' && given === kind.kind && EVICTION.test(apiVersion)) return
  const version = apiVersion.split('/').at(-1) ?? ''
  const refuse = (why: string): never => {
    throw badRequest(
      `${given} in version ${JSON.stringify(version)} cannot be handled as a ${kind.kind}: ${why}`,
    )
  }
  const isKnown = APART.includes(kind.group)
    ? isEverywhere(given) || (apiVersion === wanted && isOfOptions(given))
    : isRegistered(apiVersion, given)
  if (!isKnown)
    refuse(
      `no kind ${JSON.stringify(given)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`,
    )
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : ''
  const own = internalType(kind.group, kind.kind)
  if (internalType(group, given) === own)
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${wanted})`,
    )
  refuse(`converting (${version}.${given}) to (${own}): unknown conversion`)
}

function isOfOptions(kind: string): boolean {
  return /(List|Options)$/.test(kind) || kind === 'WatchEvent'
}
