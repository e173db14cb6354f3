import { type DerElement, derElement, derElements, derOid } from './der.ts'

/** The names of kinds of attributes, as Go writes them. */
const KINDS: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'SERIALNUMBER',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.17': 'POSTALCODE',
}
const NEEDED = ['C', 'ST', 'O']

/** That a name does not do. Callers make a fault of it. */
export class BadName extends Error {}

/** A name in DER as text, the last part first. @see RFC 4514 */
export function nameText(der: Buffer): string {
  return derElements(derElement(der).content)
    .map((set) => derElements(set.content).map(attributeText).join('+'))
    .reverse()
    .join(',')
}

function attributeText({ content }: DerElement): string {
  const [type, value] = derElements(content)
  const oid = derOid(type?.content ?? Buffer.alloc(0))
  const kind = KINDS[oid]
  const isText = [0x0c, 0x13, 0x14, 0x16].includes(value?.tag ?? 0)
  if (kind === undefined || !isText) return `${kind ?? oid}=#${value?.whole.toString('hex') ?? ''}`
  return `${kind}=${escaped(value?.content.toString() ?? '')}`
}

function escaped(text: string): string {
  return text
    .replaceAll(/[,+"\\<>;]/g, '\\$&')
    .replace(/^[# ]/, '\\$&')
    .replace(/ $/, '\\ ')
}

/**
 * Reads a name that is written as text: kinds to values.
 * @throws BadName
 * @see RFC 4514; notation-go internal/pkix (v1.3)
 */
export function parseName(name: string): ReadonlyMap<string, string> {
  const shown = JSON.stringify(name)
  if (name.includes('=#'))
    throw new BadName(
      `unsupported distinguished name (DN) ${shown}: notation does not support x509.subject identities containing "=#"`,
    )
  const found = new Map<string, string>()
  for (const part of partsOf(name)) {
    const [, type = '', text = ''] = /^\s*([A-Za-z0-9.-]+)\s*=\s*(.*)$/s.exec(part) ?? []
    if (type === '')
      throw new BadName(
        `parsing distinguished name (DN) ${shown} failed with err: DN ended with incomplete type, value pair. A valid DN must contain 'C', 'ST' or 'S', and 'O' RDN attributes at a minimum, and follow RFC 4514 standard`,
      )
    const kind = type === 'S' ? 'ST' : type
    if (/(?<!\\)(?:\\\\)*\+/.test(text))
      throw new BadName(
        `distinguished name (DN) ${shown} has multi-valued RDN attributes, remove multi-valued RDN attributes as they are not supported`,
      )
    if (found.get(kind))
      throw new BadName(
        `distinguished name (DN) ${shown} has duplicate RDN attribute for ${JSON.stringify(kind)}, DN can only have unique RDN attributes`,
      )
    found.set(kind, plain(text))
  }
  for (const kind of NEEDED)
    if (!found.get(kind))
      throw new BadName(
        `distinguished name (DN) ${shown} has no mandatory RDN attribute for ${JSON.stringify(kind)}, it must contain 'C', 'ST' or 'S', and 'O' RDN attributes at a minimum`,
      )
  return found
}

/** Parts end with a comma or a semicolon that no backslash stands before. */
function partsOf(name: string): readonly string[] {
  const parts: string[] = []
  let part = ''
  for (let at = 0; at < name.length; at++) {
    const letter = name.charAt(at)
    if (letter === '\\') {
      part += letter + name.charAt(at + 1)
      at++
    } else if (letter === ',' || letter === ';') {
      parts.push(part)
      part = ''
    } else part += letter
  }
  return [...parts, part]
}

function plain(text: string): string {
  const ended = /\\ *$/.test(text) ? text : text.trimEnd()
  const bytes = ended.replaceAll(/(?:\\[0-9a-fA-F]{2})+/g, (codes) =>
    Buffer.from(codes.replaceAll('\\', ''), 'hex').toString(),
  )
  return bytes.replaceAll(/\\(.)/g, '$1')
}

/** Says whether all that one name says, the other says too. */
export function isPartOf(
  one: ReadonlyMap<string, string>,
  other: ReadonlyMap<string, string>,
): boolean {
  return [...one].every(([kind, value]) => (other.get(kind) ?? '') === value)
}
