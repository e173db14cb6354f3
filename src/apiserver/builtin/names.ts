/**
 * Forms of names and labels, in the words of the API server.
 * @see k8s.io/apimachinery pkg/util/validation, pkg/api/validate/content (v0.36.3)
 */

/** What is wrong with a text; empty when nothing is. */
export type Form = (text: string) => readonly string[]

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const LABEL_KEY = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const LABEL_VALUE = `(${LABEL_KEY})?`
const KEY_WORDS =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"

/** The message of a text that does not match. */
export function regexError(
  message: string,
  pattern: string,
  ...examples: readonly string[]
): string {
  if (examples.length === 0) return `${message} (regex used for validation is '${pattern}')`
  // Two spaces stand before `or`: upstream writes it so.
  const text = examples.map((each) => `'${each}'`).join(',  or ')
  return `${message} (e.g. ${text}, regex used for validation is '${pattern}')`
}

function bytes(text: string): number {
  return Buffer.byteLength(text)
}

function whole(pattern: string): RegExp {
  return new RegExp(`^${pattern}$`)
}

/** What is said of texts that do not match a pattern, or are too long. */
export function form(given: {
  readonly max?: number
  /** Forms of labels, and those that are declared beside the types, measure bytes by name. */
  readonly unit?: 'bytes'
  readonly pattern: string
  readonly words: string
  readonly examples: readonly string[]
}): Form {
  const regex = whole(given.pattern)
  const { max, unit, pattern, words, examples } = given
  return (text) => {
    // A unit of a text is three bytes at the most, so that most need not be counted.
    const isLong = max !== undefined && text.length * 3 > max && bytes(text) > max
    const isFormed = regex.test(text)
    if (isFormed && !isLong) return []
    const problem = isFormed ? [] : [regexError(words, pattern, ...examples)]
    return isLong ? [maxLength(max, unit), ...problem] : problem
  }
}

/** Whatever is said, bytes are counted. */
function maxLength(max: number, unit: 'bytes' | 'characters' = 'characters'): string {
  return `must be no more than ${max} ${unit}`
}

const plainLabel: Form = form({
  max: 63,
  pattern: LABEL,
  words:
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  examples: ['my-name', '123-abc'],
})

/** A lower case DNS label. */
export const dnsLabel: Form = (text) => {
  const found = plainLabel(text)
  if (found.length === 0 || !(text.includes('.') && whole(SUBDOMAIN).test(text))) return found
  return [...(bytes(text) > 63 ? [maxLength(63)] : []), 'must not contain dots']
}

const subdomain = {
  max: 253,
  pattern: SUBDOMAIN,
  words:
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  examples: ['example.com'],
}

/** Lower case DNS labels with dots between. */
export const dnsSubdomain: Form = form(subdomain)

/** The same where the form is declared beside the type. */
export const declaredSubdomain: Form = form({ ...subdomain, unit: 'bytes' })

const LABEL_UNDER = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?'

/** DNS labels as search paths have them: with underscores. */
export const underscoredSubdomain: Form = form({
  max: 253,
  pattern: `${LABEL_UNDER}(\\.${LABEL_UNDER})*`,
  words:
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
  examples: ['example.com'],
})

/** A lower case DNS label that starts with a letter. */
export const dns1035Label: Form = form({
  max: 63,
  pattern: LABEL_1035,
  words:
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  examples: ['my-name', 'abc-123'],
})

/** `*.` and lower case DNS labels. */
export const wildcardSubdomain: Form = form({
  max: 253,
  pattern: `\\*\\.${SUBDOMAIN}`,
  words:
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  examples: ['*.example.com'],
})

const labelName: Form = form({
  max: 63,
  unit: 'bytes',
  pattern: LABEL_KEY,
  words: KEY_WORDS,
  examples: ['MyName', 'my.name', '123-abc'],
})

/** The key of a label or annotation: an optional DNS prefix and a name. */
export const qualifiedName: Form = (text) => {
  const parts = text.split('/')
  if (parts.length > 2)
    return [
      `a valid label key ${regexError(KEY_WORDS, LABEL_KEY, 'MyName', 'my.name', '123-abc')} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  const prefix = parts.length === 2 ? parts[0] : undefined
  const name = parts.at(-1) ?? ''
  const found =
    prefix === undefined
      ? []
      : prefix === ''
        ? ['prefix part must be non-empty']
        : declaredSubdomain(prefix).map((each) => `prefix part ${each}`)
  const own = name === '' ? ['must be non-empty', ...labelName(name)] : labelName(name)
  return found.concat(own.map((each) => `name part ${each}`))
}

/** The value of a label. */
export const labelValue: Form = form({
  max: 63,
  unit: 'bytes',
  pattern: LABEL_VALUE,
  words:
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  examples: ['MyValue', 'my_value', '12345'],
})

const configKey: Form = form({
  max: 253,
  pattern: '[-._a-zA-Z0-9]+',
  words: "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  examples: ['key.name', 'KEY_NAME', 'key-name'],
})

/** The key of a ConfigMap or Secret. */
export const configMapKey: Form = (text) => [...configKey(text), ...upwards(text)]

function upwards(text: string): readonly string[] {
  if (text === '.' || text === '..') return [`must not be '${text}'`]
  return text.startsWith('..') ? ["must not start with '..'"] : []
}

/** The name of an environment variable. */
export const envVarName: Form = (text) => {
  if (text === '') return ['environment variable name must be non-empty']
  return /^[ -<>-~]+$/.test(text)
    ? []
    : [
        "a valid environment variable name must consist only of printable ASCII characters other than '='",
      ]
}

/** The name of a port: an IANA service name. */
export const portName: Form = (text) => {
  const found: string[] = []
  if (text.length > 15) found.push('must be no more than 15 characters')
  if (!/^[-a-z0-9]+$/.test(text))
    found.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(text)) found.push('must contain at least one letter (a-z)')
  if (text.includes('--')) found.push('must not contain consecutive hyphens')
  if (text.startsWith('-') || text.endsWith('-')) found.push('must not begin or end with a hyphen')
  return found
}

/** A percentage. */
export const percent: Form = form({
  pattern: '[0-9]+%',
  words: "a valid percent string must be a numeric string followed by an ending '%'",
  examples: ['1%', '93%'],
})

/** The name of an HTTP header. */
export const headerName: Form = form({
  pattern: '[-A-Za-z0-9]+',
  words: "a valid HTTP header must consist of alphanumeric characters or '-'",
  examples: ['X-Header-Name'],
})

/** A segment of a URL's path: the name of an object whose kind asks for no more. */
export const pathSegment: Form = (text) => {
  if (text === '.' || text === '..') return [`may not be '${text}'`]
  return ['/', '%'].filter((each) => text.includes(each)).map((each) => `may not contain '${each}'`)
}
