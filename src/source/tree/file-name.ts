import { gitFault } from '../git/fault.ts'

/**
 * Reads a file name. A name that is not UTF-8 keeps its bytes: each one above 127 becomes a lone
 * surrogate (U+DC80 and up), which no text in UTF-8 can contain.
 */
export function decodeName(bytes: Buffer): string {
  const text = bytes.toString()
  if (!text.includes('\uFFFD')) return text
  if (Buffer.from(text).equals(bytes)) return text
  return [...bytes].map((byte) => String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte)).join('')
}

/** The bytes of a name that {@link decodeName} made. */
export function encodeName(name: string): Buffer {
  if (!/[\ud800-\udfff]/u.test(name)) return Buffer.from(name)
  const parts = Array.from(name, (char) => {
    const unit = char.charCodeAt(0)
    return char.length === 1 && unit >= 0xdc80 && unit <= 0xdcff
      ? Buffer.from([unit - 0xdc00])
      : Buffer.from(char)
  })
  return Buffer.concat(parts)
}

const RESERVED = /^(con|prn|aux|nul|com[1-9]|lpt[1-9]|conin\$|conout\$)($|[ .:])/i
/** Code points that HFS+ leaves out when it compares names. */
const INVISIBLE = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g

/**
 * Refuses what a checkout refuses on some system: control characters, names of devices, and whatever
 * one of them could take for `.git`.
 * @throws Fault GIT_OBJECT
 * @see go-git worktree_fs.go validPath (v5.19)
 */
export function checkPath(path: string, name: string): void {
  if (hasControlCharacter(name))
    throw gitFault('GIT_OBJECT', `invalid path ${JSON.stringify(path)}: contains control character`)
  if (name === '' || name === '.' || name === '..' || name.includes('/'))
    throw gitFault('GIT_OBJECT', `invalid path ${JSON.stringify(path)}: cannot use "${name}"`)
  for (const part of name.split('\\')) {
    const plain = part.replace(INVISIBLE, '')
    if (part === '..' || /^(\.git|git~1)([ .]*|[ .]*:.*)$/i.test(plain))
      throw gitFault('GIT_OBJECT', `invalid path component: ${JSON.stringify(path)}`)
    if (RESERVED.test(part))
      throw gitFault('GIT_OBJECT', `openfile: invalid path: ${JSON.stringify(path)}`)
  }
}

/**
 * Refuses a symbolic link that somebody could take for `.gitmodules`.
 * @throws Fault GIT_OBJECT
 */
export function checkLinkName(name: string): void {
  const plain = name.replace(INVISIBLE, '')
  if (/^(\.gitmodules|gitmod~[1-4])([ .]*|[ .]*:.*)$/i.test(plain))
    throw gitFault('GIT_OBJECT', `symlink: ${name} is a symlink`)
}

function hasControlCharacter(name: string): boolean {
  for (let i = 0; i < name.length; i += 1) {
    const unit = name.charCodeAt(i)
    if (unit < 0x20 || unit === 0x7f) return true
  }
  return false
}
