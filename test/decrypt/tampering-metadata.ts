import { sealed } from './keys.ts'

/** One thing that may be done to a file; the same text where it has nothing of the kind. */
export type Change = readonly [name: string, change: (text: string, file: string) => string]

/** The line of a field of the metadata. */
function lineOf(text: string, field: string): RegExpExecArray | null {
  return new RegExp(
    text.startsWith('{')
      ? `^(\\t\\t"${field}": )(.*?)(,?)$`
      : text.includes('\nsops_mac=')
        ? `^(sops_${field}=)(.*)()$`
        : text.includes('\n[sops]')
          ? `^(${field} *= )(.*)()$`
          : `^(    ${field}: )(.*)()$`,
    'm',
  ).exec(text)
}

/** A field of the metadata, without quotes. */
export function metadataAt(text: string, field: string): string | undefined {
  return lineOf(text, field)?.[2]?.replaceAll('"', '')
}

/** A field of the metadata set, in the words of JSON; without a value: removed. */
function field(name: string, value?: string): Change[1] {
  return (text) => {
    const found = lineOf(text, name)
    const isFlat = text.includes('\nsops_mac=') || text.includes('\n[sops]')
    const written = isFlat && value !== undefined ? value.replaceAll('"', '') : value
    if (found !== null) {
      const [line, head = '', , end = ''] = found
      if (written !== undefined) return text.replace(line, () => `${head}${written}${end}`)
      // The last field of JSON has no comma to give away.
      return text.replace(end === '' && text.startsWith('{') ? `,\n${line}` : `${line}\n`, '')
    }
    if (written === undefined) return text
    const version = lineOf(text, 'mac')
    if (version === null) return text
    const [line, head = '', , end = ''] = version
    return text.replace(
      line,
      () =>
        `${head.replace('mac', name)}${written}${end === '' && text.startsWith('{') ? ',' : end}\n${line}`,
    )
  }
}

const SET: Readonly<Record<string, readonly (string | undefined)[]>> = {
  mac: [undefined, '""', 'null', '5', '"x"', '[]', '{}'],
  lastmodified: [
    undefined,
    '""',
    '"yesterday"',
    '"2026-11-21"',
    '"2026-11-21T12:46:02Z"',
    '2026-11-21T12:46:00Z',
    '"2026-11-21T12:46:00"',
    '"2026-11-21 12:46:00Z"',
    '"2026-11-21T12:46:00.5Z"',
    '"2026-11-21T12:46:00,5Z"',
    '"2026-11-21T12:46:00+00:00"',
    '"2026-11-21T13:46:00+01:00"',
    '"2026-11-21T12:46:00z"',
    '"2026-02-30T12:46:00Z"',
    '"2026-11-21T24:00:00Z"',
    '5',
    'null',
    '[]',
  ],
  version: [undefined, '""', '"0"', '"99.0.0"', '3.5', '[]', '"x\\u0000"'],
  unencrypted_suffix: [undefined, '""', '"_other"', '"d"', '"_unencrypted"', 'null', '5'],
  encrypted_suffix: ['""', '"a"', '"password"', 'null'],
  unencrypted_regex: [undefined, '""', '"."', '"^data$"', '"("', '"^password$"'],
  encrypted_regex: [
    undefined,
    '""',
    '"."',
    '"("',
    '"^(data|stringData)$"',
    '"^stringData$"',
    '"nothing"',
  ],
  unencrypted_comment_regex: ['"x"', '""', '"."', '"ENC"'],
  encrypted_comment_regex: [undefined, '"x"', '""', '"."', '"ENC"', '"("'],
  mac_only_encrypted: [
    undefined,
    'true',
    'false',
    '"true"',
    '"false"',
    '1',
    '0',
    '"yes"',
    '"T"',
    '""',
    'null',
    '[]',
    '2',
  ],
  shamir_threshold: [
    undefined,
    '0',
    '1',
    '2',
    '3',
    '4',
    '-1',
    '1.5',
    '"2"',
    '"x"',
    '""',
    'null',
    '[]',
    '"0x2"',
    '99999999999999999999',
  ],
  key_groups: ['[]', 'null', '"x"', '{}'],
  kms: [
    '[]',
    'null',
    '"x"',
    '[{"arn": "x", "enc": "y"}]',
    '[{"arn": "arn:aws:kms:eu-west-1:1:key/a", "created_at": "2026-11-21T12:46:00Z", "enc": "y"}]',
  ],
  hc_vault: [
    '[{"vault_address": "x"}]',
    '[{"created_at": "2026-11-21T12:46:00Z"}]',
    '[null]',
    '[[]]',
  ],
  age: ['null', '[]', '{}', '"x"', '[{}]', '[null]', '[{"enc": 5}]'],
  pgp: [
    '[{"fp": "x", "enc": "y"}]',
    '[{"fp": "x", "enc": "y", "created_at": "2026-11-21T12:46:00Z"}]',
  ],
  unknown: ['"x"', '[]', 'null'],
}

/** The blocks of keys are not of one line in YAML; there a field is added, not set. */
export const METADATA: readonly Change[] = Object.entries(SET).flatMap(([name, values]) =>
  values.map(
    (value): Change => [
      `${name} ${value === undefined ? 'removed' : `= ${value}`}`,
      field(name, value),
    ],
  ),
)

const AGE_BODY = /(-----BEGIN AGE ENCRYPTED FILE-----(?:\\n|\s+))(\S{20})(\S)/
const AGE_LAST = /(\S)(\S{6})((?:\\n|\s+)-----END AGE ENCRYPTED FILE-----)/
const PGP_BODY = /(-----BEGIN PGP MESSAGE-----(?:\\n|\s+))(\S{30})(\S)/
const swap = (letter: string): string => (letter === 'B' ? 'C' : 'B')

/** What may be done to the stanzas of keys. */
export const KEYS: readonly Change[] = [
  [
    'age, its head changed',
    (text) => text.replace(AGE_BODY, (_, head, body, letter) => `${head}${body}${swap(letter)}`),
  ],
  [
    'age, its end changed',
    (text) => text.replace(AGE_LAST, (_, letter, rest, end) => `${swap(letter)}${rest}${end}`),
  ],
  [
    'age, without its first line',
    (text) => text.replace(/-----BEGIN AGE ENCRYPTED FILE-----(\\n|\s+)/, ''),
  ],
  [
    'age, without its last line',
    (text) => text.replace(/(\\n|\s+)-----END AGE ENCRYPTED FILE-----/, ''),
  ],
  [
    'age, other words in its first line',
    (text) => text.replace('BEGIN AGE ENCRYPTED FILE', 'BEGIN AGE ENCRYPTED FILES'),
  ],
  ['age, another recipient', (text) => text.replace(/age1\w{10}/, 'age1qqqqqqqqqq')],
  ['age, the recipient removed', (text) => text.replace(/\n.*recipient.*(?=\n)/, '')],
  ['age, the recipients exchanged', (text) => exchange(text, /age1\w{40,}/g)],
  [
    'age, the keys of groups exchanged',
    (text) =>
      exchange(text, /-----BEGIN AGE ENCRYPTED FILE-----[\s\S]*?-----END AGE ENCRYPTED FILE-----/g),
  ],
  [
    'age, one key for both groups',
    (text) =>
      same(text, /-----BEGIN AGE ENCRYPTED FILE-----[\s\S]*?-----END AGE ENCRYPTED FILE-----/g),
  ],
  [
    'age, the key of another file',
    (text) => {
      const own = /-----BEGIN AGE ENCRYPTED FILE-----[\s\S]*?-----END AGE ENCRYPTED FILE-----/
      const foreign = own.exec(sealed('indented.yaml').toString())?.[0] ?? ''
      const flat = foreign.split('\n').map((line) => line.trim())
      return text.replace(own, (found) =>
        flat.join(found.includes('\\n') ? '\\n' : (/\n +/.exec(found)?.[0] ?? '\n')),
      )
    },
  ],
  [
    'pgp, its body changed',
    (text) => text.replace(PGP_BODY, (_, head, body, letter) => `${head}${body}${swap(letter)}`),
  ],
  ['pgp, another fingerprint', (text) => text.replace(/[0-9A-F]{40}/, '0'.repeat(40))],
  [
    'pgp, without created_at',
    (text) => text.replace(/- created_at: .*\n\s+/, '- ').replace(/\n.*created_at=.*(?=\n)/, ''),
  ],
  ['pgp, created_at that is none', (text) => text.replace(/(created_at[:=] *"?)2026/, '$1x')],
  ['a list of keys with a gap', (text) => text.replaceAll('list_0', 'list_7')],
  ['a list of keys with a name', (text) => text.replaceAll('list_0', 'list_x')],
  ['a list of keys that is a map', (text) => text.replace('__list_0__map_enc', '__map_enc')],
  ['a key of the metadata twice', (text) => text.replace(/^(sops_mac=.*|mac +=.*)$/m, '$1\n$1')],
  [
    'keys in groups and beside them',
    (text) =>
      text.replace(
        '\n    key_groups:',
        `\n    age:\n        - enc: x\n          recipient: x\n    key_groups:`,
      ),
  ],
  ['one group less', (text) => text.replace(/        - age:\n[\s\S]*?hc_vault: \[\]\n/, '')],
  [
    'a group twice',
    (text) => text.replace(/        - age:\n[\s\S]*?hc_vault: \[\]\n/, (group) => group + group),
  ],
  [
    'an empty group',
    (text) => text.replace('\n    key_groups:\n', '\n    key_groups:\n        - {}\n'),
  ],
]

function exchange(text: string, pattern: RegExp): string {
  const [first, second] = [...text.matchAll(pattern)].map(([found]) => found)
  if (first === undefined || second === undefined) return text
  return text
    .replace(first, '@@')
    .replace(second, () => first)
    .replace('@@', () => second)
}

function same(text: string, pattern: RegExp): string {
  const [first, second] = [...text.matchAll(pattern)].map(([found]) => found)
  return first === undefined || second === undefined ? text : text.replace(second, () => first)
}
