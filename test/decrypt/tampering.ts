import { formatForPath } from '../../src/decrypt/index.ts'
import { sealed } from './keys.ts'
import { type Change, KEYS, METADATA, metadataAt } from './tampering-metadata.ts'

/** One file of the fixtures with one thing changed in it. */
export interface Tampered {
  /** `FILE: what was changed`. */
  readonly name: string
  readonly file: string
  readonly text: string
}

const FILES = [
  'secret.yaml',
  'secret-data.yaml',
  'groups.yaml',
  'pgp.yaml',
  'mac-only-encrypted.yaml',
  'unencrypted-regex.yaml',
  'encrypted-comment.yaml',
  'values.json',
  'settings.env',
  'groups.env',
  'settings.ini',
  'text.bin',
]

/** Every tampering of every file; what changes nothing in a file is left out. */
export function tamperings(): Tampered[] {
  return FILES.flatMap((file) => {
    const text = sealed(file).toString()
    return [...VALUES, ...METADATA, ...KEYS, ...TREES].flatMap(([name, change]) => {
      const out = change(text, file)
      return out === text ? [] : [{ name: `${file}: ${name}`, file, text: out }]
    })
  })
}

const SEALED = /ENC\[AES256_GCM,data:([^,]+),iv:([^,]+),tag:([^,]+),type:(\w+)\]/g

interface Parts {
  readonly data: string
  readonly iv: string
  readonly tag: string
  readonly type: string
}

const seal = ({ data, iv, tag, type }: Parts): string =>
  `ENC[AES256_GCM,data:${data},iv:${iv},tag:${tag},type:${type}]`

/** The sealed texts of a file that are values: neither comments nor the MAC. */
function valuesOf(text: string): string[] {
  const mac = metadataAt(text, 'mac')
  return [...text.matchAll(SEALED)]
    .filter(([all, , , , type]) => type !== 'comment' && all !== mac)
    .map(([all]) => all)
}

/** Changes a sealed text: the second value of a file, as the first is often its kind. */
function onValue(change: (parts: Parts) => string): Change[1] {
  return (text) => replaced(text, valuesOf(text).at(1) ?? valuesOf(text)[0], change)
}

function onMac(change: (parts: Parts) => string): Change[1] {
  return (text) => replaced(text, metadataAt(text, 'mac'), change)
}

function onComment(change: (parts: Parts) => string): Change[1] {
  return (text) =>
    replaced(
      text,
      [...text.matchAll(SEALED)].find(([, , , , type]) => type === 'comment')?.[0],
      change,
    )
}

function replaced(
  text: string,
  from: string | undefined,
  change: (parts: Parts) => string,
): string {
  const match = from === undefined ? undefined : [...from.matchAll(SEALED)][0]
  if (from === undefined || match === undefined) return text
  const [, data = '', iv = '', tag = '', type = ''] = match
  return text.replace(from, () => change({ data, iv, tag, type }))
}

/** Another character in the middle of a text in base64. */
function flipped(base64: string): string {
  const at = Math.max(0, Math.floor(base64.replace(/=+$/, '').length / 2) - 1)
  return `${base64.slice(0, at)}${base64[at] === 'B' ? 'C' : 'B'}${base64.slice(at + 1)}`
}

const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64')
const TYPES = ['str', 'int', 'float', 'bytes', 'bool', 'time', 'comment', 'list', 'STR', 'str]x']
const UNSEALED = [
  '',
  'plain',
  '5',
  'true',
  'null',
  '1.5',
  '[]',
  '{}',
  '2020-01-02',
  'ENC[]',
  'ENC[AES256_GCM,data:,iv:,tag:,type:]',
]

/** What may be done to the text of one sealed value, whatever it stands for. */
const SEALS: readonly (readonly [string, (parts: Parts) => string])[] = [
  ['data changed', (p) => seal({ ...p, data: flipped(p.data) })],
  ['data cut', (p) => seal({ ...p, data: bytes(p.data).subarray(1).toString('base64') || 'AA==' })],
  [
    'data longer',
    (p) =>
      seal({ ...p, data: Buffer.concat([bytes(p.data), Buffer.from('x')]).toString('base64') }),
  ],
  ['data without padding', (p) => seal({ ...p, data: p.data.replace(/=+$/, '') })],
  ['data with more padding', (p) => seal({ ...p, data: `${p.data}=` })],
  [
    'data in the alphabet of addresses',
    (p) => seal({ ...p, data: p.data.replaceAll('+', '-').replaceAll('/', '_') }),
  ],
  ['data with a space', (p) => seal({ ...p, data: `${p.data.slice(0, 1)} ${p.data.slice(1)}` })],
  ['data with a foreign letter', (p) => seal({ ...p, data: `!${p.data}` })],
  [
    'data with bits behind its end',
    (p) => seal({ ...p, data: p.data.replace(/[A-Za-z0-9+/](=+)$/, '/$1') }),
  ],
  ['iv changed', (p) => seal({ ...p, iv: flipped(p.iv) })],
  ['iv cut', (p) => seal({ ...p, iv: bytes(p.iv).subarray(0, 12).toString('base64') })],
  ['iv with a foreign letter', (p) => seal({ ...p, iv: `${p.iv}!` })],
  ['tag changed', (p) => seal({ ...p, tag: flipped(p.tag) })],
  ['tag cut', (p) => seal({ ...p, tag: bytes(p.tag).subarray(0, 12).toString('base64') })],
  [
    'tag cut to four bytes',
    (p) => seal({ ...p, tag: bytes(p.tag).subarray(0, 4).toString('base64') }),
  ],
  [
    'tag longer',
    (p) => seal({ ...p, tag: Buffer.concat([bytes(p.tag), Buffer.from('x')]).toString('base64') }),
  ],
  ['tag with a foreign letter', (p) => seal({ ...p, tag: `${p.tag}!` })],
  [
    'a byte of the tag in the data',
    (p) =>
      seal({
        ...p,
        data: Buffer.concat([bytes(p.data), bytes(p.tag).subarray(0, 1)]).toString('base64'),
        tag: bytes(p.tag).subarray(1).toString('base64'),
      }),
  ],
  [
    'a byte of the data in the tag',
    (p) =>
      bytes(p.data).length < 2
        ? seal(p)
        : seal({
            ...p,
            data: bytes(p.data).subarray(0, -1).toString('base64'),
            tag: Buffer.concat([bytes(p.data).subarray(-1), bytes(p.tag)]).toString('base64'),
          }),
  ],
  ['data and tag exchanged', (p) => seal({ ...p, data: p.tag, tag: p.data })],
  ...TYPES.map((type) => [`type ${type}`, (p: Parts) => seal({ ...p, type })] as const),
  ['another cipher', (p) => seal(p).replace('AES256', 'AES128')],
  ['a text in front', (p) => `x${seal(p)}`],
  ['a text behind', (p) => `${seal(p)}x`],
  [
    'fields in another order',
    (p) => `ENC[AES256_GCM,iv:${p.iv},data:${p.data},tag:${p.tag},type:${p.type}]`,
  ],
  ['without its end', (p) => seal(p).slice(0, -1)],
  ['twice', (p) => `${seal(p)}${seal(p)}`],
]

const other = (file: string): string =>
  sealed(
    file === 'values.json'
      ? 'text.bin'
      : file === 'secret.yaml'
        ? 'secret-data.yaml'
        : 'secret.yaml',
  ).toString()

/** What may be done to a value, to the MAC and to a comment. */
const VALUES: readonly Change[] = [
  ...SEALS.map(([name, change]): Change => [`value, ${name}`, onValue(change)]),
  ...SEALS.map(([name, change]): Change => [`mac, ${name}`, onMac(change)]),
  ...SEALS.map(([name, change]): Change => [`comment, ${name}`, onComment(change)]),
  ...UNSEALED.map(
    (plain): Change => [`value, in plain as ${JSON.stringify(plain)}`, onValue(() => plain)],
  ),
  ['comment, in plain', onComment(() => 'plain')],
  [
    'two values exchanged',
    (text) => {
      const [, first = '', second = first] = valuesOf(text)
      return text.replace(first, '@@').replace(second, first).replace('@@', second)
    },
  ],
  [
    'a value twice',
    (text) =>
      text.replace(valuesOf(text).at(2) ?? valuesOf(text)[0] ?? '', valuesOf(text).at(1) ?? ''),
  ],
  [
    'a value of another file',
    (text, file) =>
      text.replace(
        valuesOf(text).at(1) ?? valuesOf(text)[0] ?? '',
        valuesOf(other(file)).at(-1) ?? '',
      ),
  ],
  [
    'the MAC of another file',
    (text, file) =>
      text.replace(metadataAt(text, 'mac') ?? '', metadataAt(other(file), 'mac') ?? ''),
  ],
  [
    'the MAC in place of a value',
    (text) => text.replace(valuesOf(text)[0] ?? '', metadataAt(text, 'mac') ?? ''),
  ],
  [
    'a value in place of the MAC',
    (text) => text.replace(metadataAt(text, 'mac') ?? '', valuesOf(text)[0] ?? ''),
  ],
]

/** What may be done to the tree around the values, and to the block of metadata as a whole. */
const TREES: readonly Change[] = [
  [
    'a key renamed',
    (text) =>
      text
        .replace(/^(\s*)(password|"b"|B|key|"data"|kind|b)( *[:=])/m, '$1renamed$3')
        .replace('renamed":', '"renamed":'),
  ],
  [
    'a value removed',
    (text) => text.replace(/\n\s*(password|"b"|B|longer_key_name|kind|b) *[:=].*(?=\n)/, ''),
  ],
  [
    'a plain value added',
    (text) =>
      text
        .replace(/\n(sops:|\[sops\]|sops_age)/, '\nadded: x\n$1')
        .replace('\nadded: x\nsops_', '\nadded=x\nsops_'),
  ],
  [
    'a plain value added that is not to be encrypted',
    (text) =>
      text
        .replace(/\nsops:/, '\nadded_unencrypted: x\nsops:')
        .replace('\t"sops"', '\t"added_unencrypted": "x",\n\t"sops"'),
  ],
  [
    'a key twice',
    (text) =>
      text
        .replace(/\n(kind: .*)/, '\n$1\n$1')
        .replace(/\n(\t"b": .*)/, '\n$1\n$1')
        .replace(/\n(B=.*)/, '\n$1\n$1')
        .replace(/\n(n = .*)/, '\n$1\n$1'),
  ],
  [
    'an empty value added',
    (text) =>
      text
        .replace(/\nsops:/, '\nadded: ""\nsops:')
        .replace(/\nsops_age/, '\nadded=\nsops_age')
        .replace('\t"sops"', '\t"added": "",\n\t"sops"'),
  ],
  [
    'a null added',
    (text) =>
      text
        .replace(/\nsops:/, '\nadded: null\nsops:')
        .replace('\t"sops"', '\t"added": null,\n\t"sops"'),
  ],
  [
    'an order changed',
    (text) =>
      text
        .replace(/\n( *user: .*)\n( *password: .*)/, '\n$2\n$1')
        .replace(/\n(A=.*)\n(B=.*)/, '\n$2\n$1'),
  ],
  [
    'a plain value changed',
    (text) =>
      text.replace('namespace: team', 'namespace: other').replace('"plain": 1', '"plain": 2'),
  ],
  [
    'the metadata removed',
    (text) =>
      text
        .replace(/\nsops:[\s\S]*$/, '\n')
        .replace(/\n\[sops\][\s\S]*$/, '\n')
        .replaceAll(/\nsops_.*/g, '')
        .replace(/,\n\t"sops": \{[\s\S]*\}\n\}/, '\n}'),
  ],
  [
    'the metadata as a list',
    (text) =>
      text
        .replace(/\nsops:[\s\S]*$/, '\nsops: []\n')
        .replace(/\t"sops": \{[\s\S]*\}\n\}/, '\t"sops": []\n}'),
  ],
  [
    'the metadata as null',
    (text) =>
      text
        .replace(/\nsops:[\s\S]*$/, '\nsops: null\n')
        .replace(/\t"sops": \{[\s\S]*\}\n\}/, '\t"sops": null\n}'),
  ],
  [
    'the metadata twice',
    (text) =>
      text
        .replace(/\n(sops:[\s\S]*)$/, '\n$1$1')
        .replace(/(\t"sops": \{[\s\S]*\})\n\}/, '$1,\n$1\n}'),
  ],
  [
    'a second document',
    (text) =>
      text.startsWith('{') || !text.includes('\nsops:') ? text : `${text}---\nsecond: plain\n`,
  ],
  [
    'a second document with the metadata alone',
    (text) => text.replace(/\n(sops:[\s\S]*)$/, '\n$1---\n$1'),
  ],
  [
    'a document in front',
    (text) => (text.includes('\nsops:') ? `first: plain\n---\n${text}` : text),
  ],
  ['a text behind the object', (text) => (text.startsWith('{') ? `${text}{"more": 1}` : text)],
  ['the object cut', (text) => (text.startsWith('{') ? text.replace(/\n\}\s*$/, '\n') : text)],
  ['a byte order mark', (text) => `\uFEFF${text}`],
  ['lines that end as on Windows', (text) => text.replaceAll('\n', '\r\n')],
  ['no line end at the end', (text) => text.replace(/\n$/, '')],
]

/** The format of a tampered file. */
export const formatOf: typeof formatForPath = formatForPath
