import { isObject, type Json } from '../../object/index.ts'
import { badRequest, type StatusFault } from '../status.ts'
import { jsonKind } from '../wire/decode.ts'
import { jsonProblem } from '../wire/json-syntax.ts'

/** Where the next page of a list begins. */
export interface Token {
  /** Negative: whatever is there now. */
  readonly revision: number
  /** The key that was last told, below the prefix of the list. */
  readonly after: string
}

/** A token as clients get it. */
export function writeToken(token: Token): string {
  const text = JSON.stringify({
    v: 'meta.k8s.io/v1',
    rv: token.revision,
    start: `${token.after}\0`,
  })
  return Buffer.from(text).toString('base64url')
}

/**
 * Reads a token; undefined for an empty text.
 * @throws StatusFault 400 for a text that is none
 * @see k8s.io/apiserver pkg/storage/continue.go (v0.36.3)
 */
export function readToken(text: string): Token | undefined {
  if (text === '') return undefined
  const refuse: Refuse = (why) =>
    badRequest(`invalid continue token: continue key is not valid${why}`)
  const wrong = illegalAt(text)
  if (wrong !== undefined) throw refuse(`: illegal base64 data at input byte ${wrong}`)
  const { v = '', rv = 0, start = '' } = fieldsOf(tokenValue(text, refuse), refuse)
  if (v !== 'meta.k8s.io/v1') throw refuse(`: server does not recognize this encoded version ${v}`)
  if (rv === 0) throw refuse(': incorrect encoded start resourceVersion (version meta.k8s.io/v1)')
  if (start === '') throw refuse(': encoded start key empty (version meta.k8s.io/v1)')
  const isClean = start
    .split('/')
    .every((part, i) => !/^\.{0,2}$/.test(part) || (part === '' && i === 0))
  if (!isClean) throw refuse(`: ${start}`)
  return { revision: rv, after: start.replace(/^\//, '').replace(/\0$/, '') }
}

type Refuse = (why: string) => StatusFault

/** The JSON that a token is. */
function tokenValue(text: string, refuse: Refuse): Json {
  const decoded = Buffer.from(text, 'base64url').toString('latin1')
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString()) as Json
  } catch {
    const first = decoded[0] ?? ''
    throw refuse(
      /^[\s{["0-9tfn-]?$/.test(first)
        ? `: ${jsonProblem(decoded)}`
        : `: invalid character '${quoted(first)}' looking for beginning of value`,
    )
  }
}

const FIELDS = { v: 'string', rv: 'int64', start: 'string' } as const

interface Fields {
  v?: string
  rv?: number
  start?: string
}

/** The fields of a token, whatever the case of their letters, as Go reads them. */
function fieldsOf(value: Json, refuse: Refuse): Fields {
  const refused = (found: string, where: string): StatusFault =>
    refuse(`: json: cannot unmarshal ${found} into Go ${where}`)
  if (value === null) return {}
  if (!isObject(value)) throw refused(jsonKind(value), 'value of type storage.continueToken')
  const fields: Fields = {}
  let wrong: StatusFault | undefined
  for (const [given, item] of Object.entries(value)) {
    const key = given.toLowerCase()
    if (key !== 'v' && key !== 'rv' && key !== 'start') continue
    if (item === null) continue
    if (key === 'rv' && Number.isSafeInteger(item)) fields.rv = item as number
    else if (key !== 'rv' && typeof item === 'string') fields[key] = item
    else {
      const found =
        key === 'rv' && typeof item === 'number' ? `number ${item}` : jsonKind(item ?? null)
      wrong ??= refused(found, `struct field continueToken.${key} of type ${FIELDS[key]}`)
    }
  }
  if (wrong !== undefined) throw wrong
  return fields
}

/** Where a text stops being base64 for addresses, without padding. */
function illegalAt(text: string): number | undefined {
  const at = text.search(/[^A-Za-z0-9_-]/)
  if (at >= 0) return at
  return text.length % 4 === 1 ? text.length - 1 : undefined
}

/** A character as Go's errors quote it. */
function quoted(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20 || (code >= 0x7f && code < 0xa0))
    return code < 0x80
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`
  return character === "'" ? "\\'" : character
}
