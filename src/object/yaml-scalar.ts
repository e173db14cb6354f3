/** What a scalar without quotes stands for. Whole numbers beyond 2^53 are bigints. */
export type ScalarValue = null | boolean | number | bigint | string

/** A tag and the value that a text has under it. */
export interface Resolved {
  readonly tag: string
  readonly value: ScalarValue
}

const WORDS = new Map<string, Resolved>([
  ...word('!!bool', true, ['true', 'True', 'TRUE']),
  ...word('!!bool', false, ['false', 'False', 'FALSE']),
  ...word('!!null', null, ['', '~', 'null', 'Null', 'NULL']),
  ...word('!!float', Number.NaN, ['.nan', '.NaN', '.NAN']),
  ...word('!!float', Number.POSITIVE_INFINITY, ['.inf', '.Inf', '.INF']),
  ...word('!!float', Number.POSITIVE_INFINITY, ['+.inf', '+.Inf', '+.INF']),
  ...word('!!float', Number.NEGATIVE_INFINITY, ['-.inf', '-.Inf', '-.INF']),
])

const WORDS_1_1 = new Map<string, Resolved>([
  ...WORDS,
  ...word('!!bool', true, ['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON']),
  ...word('!!bool', false, ['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF']),
])

const SMALL = /^(?:0|[1-9]\d{0,14})$/
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/
const DOT_FLOAT = /^\.[0-9]+([eE][-+]?[0-9]+)?$/
const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[oO]([0-7]+)|0[bB]([01]+)|(0[0-7]*|[1-9][0-9]*))$/
const TIME =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})([.,]\d+)?(Z|[-+]\d\d:\d\d)| +(\d{1,2}):(\d{1,2}):(\d{1,2})([.,]\d+)?))?$/

function word(tag: string, value: ScalarValue, texts: readonly string[]): [string, Resolved][] {
  return texts.map((text) => [text, { tag, value }])
}

/**
 * Resolves a scalar without quotes and tag as Go's YAML library, version 3, does.
 * @see go.yaml.in/yaml/v3 v3.0.3 resolve.go
 */
export function resolveScalar(text: string): Resolved {
  return resolveBy(WORDS, text)
}

/**
 * The same as version 2 of that library does it, which `sigs.k8s.io/yaml` uses: yes, no, on, off, y
 * and n are booleans.
 * @see go.yaml.in/yaml/v2 v2.4.2 resolve.go
 */
export function resolveScalar11(text: string): Resolved {
  return resolveBy(WORDS_1_1, text)
}

function resolveBy(words: ReadonlyMap<string, Resolved>, text: string): Resolved {
  const first = text.charCodeAt(0)
  if (mayBeWord(first)) {
    const known = words.get(text)
    if (known !== undefined) return known
  }
  if (first === 0x2e) {
    const value = DOT_FLOAT.test(text) ? finite(text) : undefined
    return value === undefined ? { tag: '!!str', value: text } : { tag: '!!float', value }
  }
  if ((first >= 0x30 && first <= 0x39) || first === 0x2b || first === 0x2d) return numeric(text)
  return { tag: '!!str', value: text }
}

/** First letters of the words above: anything else needs no look-up. NaN is the empty text. */
function mayBeWord(first: number): boolean {
  switch (first) {
    case 0x2b:
    case 0x2d:
    case 0x2e:
    case 0x7e:
      return true
    default:
      return Number.isNaN(first) || 'yYnNtTfFoO'.includes(String.fromCharCode(first))
  }
}

function numeric(text: string): Resolved {
  const time = parseTime(text)
  if (time !== undefined) return { tag: '!!timestamp', value: time }
  const plain = text.includes('_') ? text.replaceAll('_', '') : text
  const whole = wholeNumber(plain)
  if (whole !== undefined) return { tag: '!!int', value: whole }
  const value = FLOAT.test(plain) ? finite(plain) : undefined
  return value === undefined ? { tag: '!!str', value: text } : { tag: '!!float', value }
}

/** As Go's ParseInt and ParseUint with base 0, in 64 bits. */
function wholeNumber(text: string): number | bigint | undefined {
  if (SMALL.test(text)) return Number(text)
  const match = INTEGER.exec(text)
  if (match === null) return undefined
  const [, sign = '', hex, octal, binary, decimal = '0'] = match
  const digits = literal({ hex, octal, binary, decimal })
  const value = sign === '-' ? -digits : digits
  if (value < -(2n ** 63n)) return undefined
  if (value >= 2n ** (sign === '' ? 64n : 63n)) return undefined
  const small = Number(value)
  return Number.isSafeInteger(small) ? small : value
}

function literal(parts: {
  readonly hex: string | undefined
  readonly octal: string | undefined
  readonly binary: string | undefined
  readonly decimal: string
}): bigint {
  if (parts.hex !== undefined) return BigInt(`0x${parts.hex}`)
  if (parts.octal !== undefined) return BigInt(`0o${parts.octal}`)
  if (parts.binary !== undefined) return BigInt(`0b${parts.binary}`)
  const isOctal = parts.decimal.length > 1 && parts.decimal.startsWith('0')
  return BigInt(isOctal ? `0o${parts.decimal.slice(1)}` : parts.decimal)
}

function finite(text: string): number | undefined {
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}

/** A YAML timestamp as Go prints it in JSON (RFC 3339); undefined when the text is none. */
export function parseTime(text: string): string | undefined {
  if (text.charCodeAt(4) !== 0x2d) return undefined
  const match = TIME.exec(text)
  if (match === null) return undefined
  const [, year = '', month = '', day = '', h1, m1, s1, f1, zone = 'Z', h2, m2, s2, f2] = match
  const [hour, minute, second] = [h1 ?? h2 ?? '0', m1 ?? m2 ?? '0', s1 ?? s2 ?? '0'].map(Number)
  if (!isDate(Number(year), Number(month), Number(day))) return undefined
  if (hour === undefined || minute === undefined || second === undefined) return undefined
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const fraction = (f1 ?? f2 ?? '').slice(1, 10).replace(/0+$/, '')
  const clock = [hour, minute, second].map(two).join(':')
  const offset = /^[-+]00:00$/.test(zone) ? 'Z' : zone
  const date = `${year}-${two(Number(month))}-${two(Number(day))}`
  return `${date}T${clock}${fraction === '' ? '' : `.${fraction}`}${offset}`
}

function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false
  return day <= new Date(Date.UTC(year < 100 ? year + 400 : year, month, 0)).getUTCDate()
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
