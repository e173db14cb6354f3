import { createDecipheriv } from 'node:crypto'
import { decryptFault } from './faults.ts'
import { isStrictTime } from './moment.ts'
import { Comment, Moment, type TreeValue } from './tree.ts'

/** The bytes of a value that is encrypted, and what type it had. */
interface Sealed {
  readonly content: Uint8Array
  readonly iv: Uint8Array
  readonly tag: Uint8Array
  readonly type: string
}

const SEALED = /^ENC\[AES256_GCM,data:([^\n]+),iv:([^\n]+),tag:([^\n]+),type:([^\n]+)\]/

/** Says whether a text has the form of an encrypted value. */
export function isSealed(text: string): boolean {
  return SEALED.test(text)
}

/**
 * Decrypts a value: AES-256-GCM, the path of its keys is authenticated with it.
 * @throws Fault SOPS_VALUE, or SOPS_FORMAT for what SOPS cannot hold; the value is never quoted
 * @see getsops/sops v3.13 aes/cipher.go
 */
export function openValue(text: string, dataKey: Uint8Array, path: string): TreeValue {
  if (text === '') return ''
  const sealed = parse(text)
  return typed(open(sealed, dataKey, path), sealed.type)
}

function parse(text: string): Sealed {
  const match = SEALED.exec(text)
  if (match === null)
    throw decryptFault('SOPS_VALUE', "Input string <redacted> does not match sops' data format")
  const [, content = '', iv = '', tag = '', type = ''] = match
  return {
    content: base64(content, 'data'),
    iv: base64(iv, 'iv'),
    tag: base64(tag, 'tag'),
    type,
  }
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Go takes what is base64 and nothing else; the engine takes anything. */
function base64(text: string, what: string): Buffer {
  const clean = text.replaceAll('\r', '')
  if (!BASE64.test(clean))
    throw decryptFault('SOPS_VALUE', `Error base64-decoding ${what}: illegal base64 data`)
  return Buffer.from(clean, 'base64')
}

const TAG_BYTES = 16

/** Where the data end and the tag begins counts for nothing: the last bytes of both are the tag. */
function open(sealed: Sealed, dataKey: Uint8Array, path: string): Buffer {
  if (dataKey.length !== 32)
    throw decryptFault('SOPS_VALUE', `crypto/aes: invalid key size ${dataKey.length}`)
  const whole = Buffer.concat([sealed.content, sealed.tag])
  try {
    const decipher = createDecipheriv('aes-256-gcm', dataKey, sealed.iv, {
      authTagLength: TAG_BYTES,
    })
    decipher.setAAD(Buffer.from(path))
    decipher.setAuthTag(whole.subarray(-TAG_BYTES))
    return Buffer.concat([decipher.update(whole.subarray(0, -TAG_BYTES)), decipher.final()])
  } catch {
    throw decryptFault(
      'SOPS_VALUE',
      'Could not decrypt with AES_GCM: cipher: message authentication failed',
    )
  }
}

const SPECIAL = /^([+-]?)(?:inf(?:inity)?|(nan))$/i
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

/** As Go reads a float. */
function floatOf(text: string): number {
  const special = SPECIAL.exec(text)
  if (special !== null) {
    if (special[2] !== undefined) return Number.NaN
    return special[1] === '-' ? -Infinity : Infinity
  }
  const value = Number(text)
  if (!DECIMAL.test(text) || !Number.isFinite(value)) throw noSuch('ParseFloat')
  return value
}

const INT_MIN = -(2n ** 63n)
const INT_MAX = 2n ** 63n - 1n

function intOf(text: string): bigint {
  if (!/^[-+]?\d+$/.test(text) || text.length > 400) throw noSuch('Atoi')
  const value = BigInt(text.replace(/^\+/, ''))
  if (value < INT_MIN || value > INT_MAX) throw noSuch('Atoi')
  return value
}

function boolOf(text: string): boolean {
  if (/^(?:1|t|T|true|TRUE|True)$/.test(text)) return true
  if (/^(?:0|f|F|false|FALSE|False)$/.test(text)) return false
  throw noSuch('ParseBool')
}

/** Go's words would quote the plain text. */
function noSuch(reader: string): ReturnType<typeof decryptFault> {
  return decryptFault('SOPS_VALUE', `strconv.${reader}: parsing <redacted>: invalid syntax`)
}

function typed(bytes: Buffer, type: string): TreeValue {
  const text = bytes.toString('utf8')
  switch (type) {
    case 'str':
      return Buffer.from(text).equals(bytes) ? text : bytes
    case 'int':
      return intOf(text)
    case 'float':
      return floatOf(text)
    case 'bool':
      return boolOf(text)
    case 'time':
      if (isStrictTime(text)) return new Moment(text)
      throw decryptFault('SOPS_VALUE', 'parsing time <redacted>: no RFC 3339')
    case 'comment':
      return new Comment(text)
    case 'bytes':
      // SOPS panics here, and Flux tells it.
      throw decryptFault('SOPS_FORMAT', 'runtime error: hash of unhashable type []uint8')
    default:
      throw decryptFault('SOPS_VALUE', `Unknown datatype: ${type}`)
  }
}
