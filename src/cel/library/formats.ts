import { goUrl } from './go-url.ts'

/** A named format: what is wrong with a text, line by line; nothing when it fits. */
export class Format {
  readonly celType = 'kubernetes.NamedFormat'
  readonly name: string
  readonly check: (text: string) => readonly string[]

  constructor(name: string, check: (text: string) => readonly string[]) {
    this.name = name
    this.check = check
  }

  equals(other: Format): boolean {
    return other.name === this.name
  }
}

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const NAME = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const VALUE = `(${NAME})?`

function regexWords(message: string, pattern: string, ...examples: readonly string[]): string {
  const said = examples.map((each) => `'${each}', `).join(' or ')
  return `${message} (e.g. ${said}regex used for validation is '${pattern}')`
}

const LABEL_WORDS = regexWords(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  LABEL,
  'my-name',
  '123-abc',
)
const SUBDOMAIN_WORDS = regexWords(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  SUBDOMAIN,
  'example.com',
)
const LABEL_1035_WORDS = regexWords(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  LABEL_1035,
  'my-name',
  'abc-123',
)
const VALUE_WORDS = regexWords(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  VALUE,
  'MyValue',
  'my_value',
  '12345',
)
const NAME_WORDS = regexWords(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  NAME,
  'MyName',
  'my.name',
  '123-abc',
)

type Check = (text: string) => string[]

function sized(pattern: string, most: number, words: string, unit = 'bytes'): Check {
  const whole = new RegExp(`^${pattern}$`)
  return (text) => [
    ...(Buffer.byteLength(text) > most ? [`must be no more than ${most} ${unit}`] : []),
    ...(whole.test(text) ? [] : [words]),
  ]
}

/** Names that get more at their end: a `-` there is masked. */
function prefix(check: Check): Check {
  return (text) => check(text.length > 1 && text.endsWith('-') ? `${text.slice(0, -2)}a` : text)
}

function plain(test: (text: string) => boolean, words: string): Check {
  return (text) => (test(text) ? [] : [words])
}

const dnsLabel = sized(LABEL, 63, LABEL_WORDS)
const dnsSubdomain = sized(SUBDOMAIN, 253, SUBDOMAIN_WORDS)
const dns1035 = sized(LABEL_1035, 63, LABEL_1035_WORDS)

function qualifiedName(text: string): string[] {
  const parts = text.split('/')
  if (parts.length > 2)
    return [
      `a valid label key ${NAME_WORDS} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  const faults: string[] = []
  const [name = '', domain] = parts.toReversed()
  if (domain === '') faults.push('prefix part must be non-empty')
  else if (domain !== undefined)
    faults.push(...dnsSubdomain(domain).map((each) => `prefix part ${each}`))
  if (name === '') faults.push('name part must be non-empty')
  else if (Buffer.byteLength(name) > 63) faults.push('name part must be no more than 63 bytes')
  if (!new RegExp(`^${NAME}$`).test(name)) faults.push(`name part ${NAME_WORDS}`)
  return faults
}

function isDay(text: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text)
  if (match === null) return false
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number]
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

function uri(text: string): string[] {
  const found = goUrl(text)
  return typeof found === 'string' ? [found] : []
}

const MOMENT =
  /^(\d{4}-\d{2}-\d{2})[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/

const CHECKS: Readonly<Record<string, Check>> = {
  dns1123Label: dnsLabel,
  dns1123Subdomain: dnsSubdomain,
  dns1035Label: dns1035,
  qualifiedName,
  dns1123LabelPrefix: prefix(dnsLabel),
  dns1123SubdomainPrefix: prefix(dnsSubdomain),
  dns1035LabelPrefix: prefix(dns1035),
  labelValue: sized(VALUE, 63, VALUE_WORDS),
  uri,
  uuid: plain(
    (text) => /^[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$/.test(text),
    'does not match the UUID format',
  ),
  byte: plain(
    (text) =>
      /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/.test(text),
    'invalid base64',
  ),
  date: plain(isDay, 'invalid date'),
  datetime: plain((text) => isDay(MOMENT.exec(text)?.[1] ?? ''), 'invalid datetime'),
}

/** The names of the formats. */
export function namesOfFormats(): readonly string[] {
  return Object.keys(CHECKS)
}

/** A format by its name. @see k8s.io/apiserver pkg/cel/library/format.go (v0.36.3) */
export function namedFormat(name: string): Format | undefined {
  const check = Object.hasOwn(CHECKS, name) ? CHECKS[name] : undefined
  return check === undefined ? undefined : new Format(name, check)
}
