import { createDecipheriv } from 'node:crypto'
import { decryptFault } from './faults.ts'
import { Comment, Moment, type TreeValue } from './tree.ts'

/** The bytes of a value that is encrypted, and what type it had. */
interface Sealed {
  readonly content: Uint8Array
  readonly iv: Uint8Array
  readonly tag: Uint8Array
  readonly type: string
}

const SEALED = /^ENC\[AES256_GCM,data:(.+),iv:(.+),tag:(.+),type:(.+)\]/

/** Says whether a text has the form of an encrypted value. */
export function isSealed(text: string): boolean {
  return SEALED.test(text)
}

/**
 * Decrypts a value: AES-256-GCM, the path of its keys is authenticated with it.
 * @throws Fault SOPS_VALUE, which never quotes the value
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
    content: Buffer.from(content, 'base64'),
    iv: Buffer.from(iv, 'base64'),
    tag: Buffer.from(tag, 'base64'),
    type,
  }
}

function open(sealed: Sealed, dataKey: Uint8Array, path: string): Buffer {
  if (dataKey.length !== 32)
    throw decryptFault('SOPS_VALUE', `crypto/aes: invalid key size ${dataKey.length}`)
  try {
    const decipher = createDecipheriv('aes-256-gcm', dataKey, sealed.iv, { authTagLength: 16 })
    decipher.setAAD(Buffer.from(path))
    decipher.setAuthTag(sealed.tag)
    return Buffer.concat([decipher.update(sealed.content), decipher.final()])
  } catch {
    throw decryptFault(
      'SOPS_VALUE',
      'Could not decrypt with AES_GCM: cipher: message authentication failed',
    )
  }
}

const INFINITE = /^([+-]?)inf(?:inity)?$/i

/** As Go reads a float. */
function floatOf(text: string): number {
  const sign = INFINITE.exec(text)?.[1]
  if (sign === undefined) return Number(text)
  return sign === '-' ? -Infinity : Infinity
}

function typed(bytes: Buffer, type: string): TreeValue {
  const text = bytes.toString('utf8')
  switch (type) {
    case 'str':
    case 'bytes':
      return Buffer.from(text).equals(bytes) ? text : bytes
    case 'int':
      if (/^[-+]?\d+$/.test(text)) return BigInt(text)
      throw decryptFault('SOPS_VALUE', 'an encrypted int is none')
    case 'float':
      return floatOf(text)
    case 'bool':
      return /^(?:1|t|T|true|TRUE|True)$/.test(text)
    case 'time':
      return new Moment(text)
    case 'comment':
      return new Comment(text)
    default:
      throw decryptFault('SOPS_VALUE', `Unknown datatype: ${type}`)
  }
}
