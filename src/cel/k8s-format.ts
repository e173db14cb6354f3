import { type Environment as Engine, Optional } from '@marcbachmann/cel-js'
import { register } from './k8s-values.ts'

/** A named format: what is wrong with a text, line by line; nothing when it fits. */
class Format {
  readonly check: (text: string) => readonly string[]

  constructor(check: (text: string) => readonly string[]) {
    this.check = check
  }
}

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const NAME = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'

const LABEL_MESSAGE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character"
const SUBDOMAIN_MESSAGE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"
const LABEL_1035_MESSAGE =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character"
const VALUE_MESSAGE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"

function sized(pattern: RegExp, max: number, message: string): Format {
  return new Format((text) => [
    ...(text.length > max ? [`must be no more than ${max} characters`] : []),
    ...(pattern.test(text) ? [] : [message]),
  ])
}

function plain(test: (text: string) => boolean, message: string): Format {
  return new Format((text) => (test(text) ? [] : [message]))
}

const FORMATS: Readonly<Record<string, Format>> = {
  dns1123Label: sized(new RegExp(`^${LABEL}$`), 63, LABEL_MESSAGE),
  dns1123Subdomain: sized(new RegExp(`^${LABEL}(\\.${LABEL})*$`), 253, SUBDOMAIN_MESSAGE),
  dns1035Label: sized(/^[a-z]([-a-z0-9]*[a-z0-9])?$/, 63, LABEL_1035_MESSAGE),
  qualifiedName: sized(
    new RegExp(`^(${LABEL}(\\.${LABEL})*/)?${NAME}$`),
    317,
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  ),
  labelValue: sized(new RegExp(`^(${NAME})?$`), 63, VALUE_MESSAGE),
  uri: plain((text) => URL.canParse(text), 'invalid URI'),
  uuid: plain(
    (text) => /^[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$/.test(text),
    'does not match the UUID format',
  ),
  byte: plain(
    (text) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text),
    'invalid base64',
  ),
  date: plain(
    (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)),
    'invalid date',
  ),
  datetime: plain(
    (text) =>
      /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/.test(text) &&
      !Number.isNaN(Date.parse(text)),
    'invalid datetime',
  ),
}

/** `format.dns1123Label().validate(text)` and its like. @see k8s.io/apiserver v0.36 cel/library/format.go */
export function addFormats(engine: Engine): void {
  class FormatNamespace {}
  engine.registerType('Format', Format)
  engine.registerType('FormatNamespace', FormatNamespace)
  engine.registerConstant('format', 'FormatNamespace', new FormatNamespace())
  for (const [name, format] of Object.entries(FORMATS))
    register(engine, `FormatNamespace.${name}(): Format`, () => format)
  register(engine, 'FormatNamespace.named(string): optional<Format>', (_: unknown, name: string) =>
    Object.hasOwn(FORMATS, name) ? Optional.of(FORMATS[name]) : Optional.none(),
  )
  register(
    engine,
    'Format.validate(string): optional<list<string>>',
    (format: Format, text: string) => {
      const faults = format.check(text)
      return faults.length === 0 ? Optional.none() : Optional.of(faults)
    },
  )
}
