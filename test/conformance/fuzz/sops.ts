/**
 * Random documents, encrypted by the real sops with random settings, decrypted by it and by us:
 * `tsx test/conformance/fuzz/sops.ts SOPS AGE-KEYGEN [COUNT] [SEED]` prints what differs.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isFault, seededRandom } from '../../../src/base/index.ts'
import { decryptFile, type Format, localKeys, readKeySecret } from '../../../src/decrypt/index.ts'

const [sops = 'sops', keygen = 'age-keygen', countText = '200', seedText = '1'] =
  process.argv.slice(2)

const FORMATS: readonly Format[] = ['yaml', 'json', 'dotenv', 'ini', 'binary']
const ENDINGS = { yaml: 'yaml', json: 'json', dotenv: 'env', ini: 'ini', binary: 'bin' } as const
const LONG = ['y'.repeat(10_000), `${'long words '.repeat(500)}end`, 'ü'.repeat(3000)]
const WORDS = ['key', 'password', 'Name', 'data', 'token_unencrypted', 'x_enc', 'a-b', 'über', '_x']
const TEXTS = [
  'plain',
  'two words',
  '',
  ' lead',
  'trail ',
  'true',
  'null',
  '~',
  '1',
  '1.50',
  '0x1f',
  '1e3',
  '-',
  '- x',
  'a: b',
  'a #b',
  '#c',
  '"q"',
  "it's",
  'line\nbreak',
  'line\nbreak\n',
  '\nx',
  'tab\tx',
  'ünï ☃ 😀',
  'back\\slash',
  '2024-01-02',
  '2024-01-02T03:04:05Z',
  '{a}',
  '[b]',
  '*x',
  '&x',
  '!x',
  '|',
  '%',
  '@a',
  '`b',
  'x'.repeat(200),
  'ENC[AES256_GCM,no]',
  '=',
  '<<',
  'yes',
  '0o17',
  '.inf',
  '.nan',
  '1_000',
  '12:30',
]

type Dice = (sides: number) => number

interface Case {
  readonly format: Format
  readonly text: string
  readonly settings: readonly string[]
}

function diceOf(seed: number): Dice {
  const random = seededRandom(seed)
  return (sides) => Math.floor(random.next() * sides)
}

function pick<T>(dice: Dice, from: readonly T[]): T {
  return from[dice(from.length)] as T
}

function makeCase(dice: Dice): Case {
  const format = pick(dice, FORMATS)
  const makers = {
    yaml: yamlText,
    json: jsonText,
    dotenv: dotenvText,
    ini: iniText,
    binary: binaryText,
  }
  return { format, text: makers[format](dice), settings: settings(dice, format) }
}

function settings(dice: Dice, format: Format): string[] {
  const out: string[] = []
  const rule = format === 'binary' ? 99 : dice(12)
  if (rule === 0) out.push('--encrypted-regex', '^(data|password|key)$')
  if (rule === 1) out.push('--unencrypted-regex', '^(N|x)')
  if (rule === 2) out.push('--encrypted-suffix', '_enc')
  if (rule === 3) out.push('--unencrypted-suffix', '-b')
  if (rule === 4 && format === 'yaml') out.push('--encrypted-comment-regex', 'sops')
  if (rule === 5 && format === 'yaml') out.push('--unencrypted-comment-regex', 'plain')
  if (dice(4) === 0) out.push('--mac-only-encrypted')
  return out
}

function name(dice: Dice, used: Set<string>): string {
  for (;;) {
    const word = `${pick(dice, WORDS)}${dice(3) === 0 ? dice(50) : ''}`
    if (used.has(word)) continue
    used.add(word)
    return word
  }
}

function scalar(dice: Dice): string {
  switch (dice(9)) {
    case 0:
      return String(dice(100000) - 500)
    case 1:
      return pick(dice, [
        '1.5',
        '-0.25',
        '1e10',
        '1.0',
        '123456789.125',
        '1e-7',
        '0.1',
        '100000000000000000000.0',
        '-0',
        '0.0',
        '12345678901234567890',
        '-9223372036854775808',
        '9223372036854775807',
        '99999999999999999999999999',
        '1e400',
        '4.9e-324',
        '0.30000000000000004',
        '123456789012345678',
        '1E+2',
        '.5',
        '5.',
        '-.5',
      ])
    case 2:
      return pick(dice, ['true', 'false'])
    case 3:
      return pick(dice, ['null', '~', ''])
    case 4:
      return pick(dice, [
        '2024-01-02',
        '2024-01-02T03:04:05Z',
        '0x1f',
        '0o17',
        '017',
        '.inf',
        '+1',
        '1_000',
        '0b101',
        '-0x1F',
        '0X1f',
        '-.Inf',
        '.NaN',
        '+.inf',
        '2024-01-02 03:04:05',
        '2024-01-02 03:04:05.5 +02:00',
        '2024-01-02T03:04:05.123456789-07:00',
        '0001-01-01',
        '2024-13-45',
        '12:30:45',
        '!!str 5',
        '!!int "7"',
        '!!float 3',
        '!!binary aGVsbG8=',
        '!custom x',
        'y',
        'No',
        'ON',
      ])
    case 5:
      return JSON.stringify(pick(dice, dice(20) === 0 ? LONG : TEXTS))
    case 6:
      return `'${pick(dice, TEXTS).replaceAll("'", "''").replaceAll('\n', ' ')}'`
    default:
      return pick(dice, ['plain', 'two words', 'a-b', 'x/y', 'ünï', '1.2.3', 'a:b'])
  }
}

function comment(dice: Dice, margin: string): string {
  if (dice(5) > 0) return ''
  return `${margin}${pick(dice, ['# plain', '#sops', '# ünï', '#', '#  spaced  '])}\n`
}

function yamlText(dice: Dice): string {
  const documents = dice(6) === 0 ? 2 + dice(2) : 1
  const text = Array.from({ length: documents }, () => yamlMap(dice, '', 0)).join('---\n')
  const framed = dice(10) === 0 ? `---\n${text}` : dice(15) === 0 ? `${text}...\n` : text
  return dice(25) === 0 ? framed.replaceAll('\n', '\r\n') : framed
}

function yamlMap(dice: Dice, margin: string, depth: number): string {
  const used = new Set<string>()
  let out = ''
  for (let i = 1 + dice(4); i > 0; i -= 1) {
    const key = name(dice, used)
    out += comment(dice, margin)
    const kind = depth > 2 ? 3 + dice(7) : dice(10)
    if (kind === 0) out += `${margin}${key}:\n${yamlMap(dice, `${margin}  `, depth + 1)}`
    else if (kind === 1) out += `${margin}${key}:\n${yamlList(dice, `${margin}  `, depth + 1)}`
    else if (kind === 2)
      out += `${margin}${key}: ${pick(dice, ['[]', '{}', '[1, a, true]', '{a: 1, b: x}'])}\n`
    else if (kind === 4 && dice(3) === 0) out += yamlReference(dice, margin, key)
    else if (kind === 3)
      out += `${margin}${key}: ${pick(dice, ['|', '|-', '|+', '>', '>-'])}\n${margin}  first line\n${margin}  second: #x\n${dice(3) === 0 ? '\n' : ''}${margin}  end\n`
    else out += `${margin}${key}: ${scalar(dice)}${dice(8) === 0 ? ' # behind' : ''}\n`
  }
  return out
}

/** Anchors, what refers to them, and keys that are no plain words. */
function yamlReference(dice: Dice, margin: string, key: string): string {
  const anchor = `a${dice(1000)}`
  return pick(dice, [
    `${margin}${key}: &${anchor} ${pick(dice, ['one', '1', 'true', '"q"'])}\n${margin}${key}-ref: *${anchor}\n`,
    `${margin}${key}: &${anchor}\n${margin}  inner: x\n${margin}${key}-ref: *${anchor}\n`,
    `${margin}${key}: &${anchor}\n${margin}  inner: x\n${margin}${key}-more:\n${margin}  <<: *${anchor}\n${margin}  other: y\n`,
    `${margin}"${key} quoted": x\n`,
    `${margin}'${key}: colon': x\n`,
    `${margin}${dice(100)}: number\n`,
    `${margin}? ${key}\n${margin}: asked\n`,
    `${margin}true: boolean\n`,
  ])
}

function yamlList(dice: Dice, margin: string, depth: number): string {
  let out = ''
  for (let i = 1 + dice(3); i > 0; i -= 1) {
    out += comment(dice, margin)
    if (depth < 3 && dice(4) === 0)
      out += `${margin}- ${yamlMap(dice, `${margin}  `, depth + 1).replace(/^(?:\s*#.*\n)*\s*/, '')}`
    else out += `${margin}- ${scalar(dice)}\n`
  }
  return out
}

function jsonValue(dice: Dice, depth: number): unknown {
  switch (depth > 3 ? 3 + dice(6) : dice(9)) {
    case 0:
    case 1:
      return jsonObject(dice, depth + 1)
    case 2:
      return Array.from({ length: dice(4) }, () => jsonValue(dice, depth + 1))
    case 3:
      return dice(100000)
    case 4:
      return pick(dice, [1.5, -0.25, 1e21, 1e-7, 123456789.125, 0.1])
    case 5:
      return dice(2) === 0
    case 6:
      return null
    default:
      return pick(dice, TEXTS)
  }
}

function jsonObject(dice: Dice, depth: number): Record<string, unknown> {
  const used = new Set<string>()
  return Object.fromEntries(
    Array.from({ length: 1 + dice(4) }, () => [name(dice, used), jsonValue(dice, depth)]),
  )
}

function jsonText(dice: Dice): string {
  const text = JSON.stringify(jsonObject(dice, 0), null, dice(2) === 0 ? 2 : 0)
  if (dice(4) > 0) return text
  const number = pick(dice, ['1.0', '-0', '1e5', '12345678901234567890', '1E-3', '0.10', '1e400'])
  return text.replace(/^\{/, `{"number": ${number},`)
}

function dotenvText(dice: Dice): string {
  const used = new Set<string>()
  let out = ''
  for (let i = 1 + dice(6); i > 0; i -= 1) {
    if (dice(5) === 0) out += `${pick(dice, ['# plain', '#', '#sops x'])}\n`
    const given = name(dice, used)
    const left = dice(12) === 0 ? pick(dice, [` ${given}`, `export ${given}`, `${given} `]) : given
    const odd =
      dice(12) === 0 ? pick(dice, ['"a b"', "'a b'", 'a=b=c', '"a\\nb"', '$X']) : undefined
    out += `${left}=${odd ?? pick(dice, TEXTS).replaceAll('\n', '\\n')}\n`
    if (dice(15) === 0) out += '\n'
  }
  return out
}

const ODD_INI = [
  '"a b"',
  "'a b'",
  '`a;b`',
  '',
  'a \\; b',
  '"""a',
  'x ; behind',
  'x # behind',
  '"a',
  'C:\\x',
]

function iniText(dice: Dice): string {
  const sections = new Set<string>()
  let out = ''
  for (let s = 1 + dice(3); s > 0; s -= 1) {
    out += `[${name(dice, sections)}]\n`
    const used = new Set<string>()
    for (let i = 1 + dice(4); i > 0; i -= 1) {
      if (dice(6) === 0) out += `${pick(dice, ['; plain', '# hash'])}\n`
      const value = pick(
        dice,
        dice(8) === 0 ? ODD_INI : TEXTS.filter((text) => !/[\n"'`\\;#]|^ | $|^$/.test(text)),
      )
      out += `${name(dice, used)} = ${value}\n`
    }
  }
  return out
}

function binaryText(dice: Dice): string {
  return Array.from({ length: dice(40) }, () => pick(dice, TEXTS)).join('\n')
}

async function judge(
  seed: number,
  at: { readonly dir: string; readonly recipient: string; readonly key: string },
): Promise<'same' | 'refused' | 'different'> {
  const made = makeCase(diceOf(seed))
  const file = join(at.dir, `case.${ENDINGS[made.format]}`)
  const sealed = join(at.dir, `sealed.${ENDINGS[made.format]}`)
  writeFileSync(file, made.text)
  const types = ['--input-type', made.format, '--output-type', made.format]
  const encrypted = spawnSync(sops, [
    'encrypt',
    '--age',
    at.recipient,
    ...made.settings,
    ...types,
    file,
  ])
  if (encrypted.status !== 0) return 'refused'
  writeFileSync(sealed, encrypted.stdout)
  const env = { PATH: process.env['PATH'], SOPS_AGE_KEY: at.key }
  const theirs = spawnSync(sops, ['decrypt', ...types, sealed], { env })
  const keys = await localKeys(readKeySecret({ 'a.agekey': Buffer.from(at.key) }, 'fuzz'))
  const ours = await decryptFile(
    encrypted.stdout,
    { input: made.format, verify: true },
    keys,
  ).catch((error: unknown) => {
    if (isFault(error)) return error
    throw error
  })
  if (isFault(ours)) {
    if (theirs.status !== 0) return 'same'
    report(seed, made, theirs.stdout.toString(), `fault: ${ours.message}`)
    return 'different'
  }
  if (theirs.status === 0 && Buffer.from(ours).equals(theirs.stdout)) return 'same'
  const want = theirs.status === 0 ? theirs.stdout.toString() : `fault: ${theirs.stderr}`
  report(seed, made, want, Buffer.from(ours).toString())
  return 'different'
}

function report(seed: number, made: Case, want: string, got: string): void {
  process.stdout.write(
    `seed ${seed} ${made.format} ${made.settings.join(' ')}\n--- plain\n${made.text}\n--- sops\n${want}\n--- ours\n${got}\n======\n`,
  )
}

async function main(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'tidegate-fuzz-'))
  const key = execFileSync(keygen, [], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const recipient = /public key: (\S+)/.exec(key)?.[1] ?? ''
  const counts = { same: 0, refused: 0, different: 0 }
  for (let i = 0; i < Number(countText); i += 1)
    counts[await judge(Number(seedText) + i, { dir, recipient, key })] += 1
  process.stdout.write(`${JSON.stringify(counts)}\n`)
  rmSync(dir, { recursive: true })
}

await main()
