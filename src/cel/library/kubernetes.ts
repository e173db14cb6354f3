import { EvalError, Maybe } from '../values.ts'
import { type Format, namedFormat, namesOfFormats } from './formats.ts'
import type { Forms } from './forms.ts'
import { escapedPathOf, type GoUrl, goUrl, hostnameOf, portOf, queryOf } from './go-url.ts'
import { approximate, parseQuantity, type Quantity, wholeOf } from './quantity.ts'
import { isSemver, Semver, semverOf } from './semver.ts'

/** A quantity as expressions see it. */
class Amount {
  readonly celType = 'kubernetes.Quantity'
  readonly nano: bigint

  constructor(nano: bigint) {
    this.nano = nano
  }

  equals(other: Amount): boolean {
    return this.nano === other.nano
  }
}

/** A URL as expressions see it. */
class Url {
  readonly celType = 'kubernetes.URL'
  readonly url: GoUrl

  constructor(url: GoUrl) {
    this.url = url
  }

  equals({ url }: Url): boolean {
    return url.text === this.url.text
  }
}

const NANO = 1_000_000_000n

function quantity(text: string): Amount {
  const found = parseQuantity(text)
  if (found !== undefined) return new Amount(found.nano)
  const words =
    text === ''
      ? 'quantities must match the regular expression'
      : 'quantities must match the regular expression'
  throw new EvalError(`${words} '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`)
}

function plain({ nano }: Amount): Quantity {
  return { nano, text: '' }
}

function order(a: Amount, b: Amount): bigint {
  return a.nano < b.nano ? -1n : a.nano > b.nano ? 1n : 0n
}

function url(text: string): Url {
  const found = goUrl(text)
  if (typeof found !== 'string') return new Url(found)
  throw new EvalError(`URL parse error during conversion from string: ${found}`)
}

function formatFunctions(): Forms {
  return Object.fromEntries(
    namesOfFormats().map((name) => [`format.${name}`, () => namedFormat(name)]),
  )
}

/**
 * Kubernetes' own functions.
 * @see k8s.io/apiserver pkg/cel/library/quantity.go, urls.go, semverlib.go, format.go (v0.36.3)
 */
export const kubernetesFunctions: Forms = {
  ...formatFunctions(),
  'format.named string': (name: string) => {
    const found = namedFormat(name)
    return found === undefined ? Maybe.none : new Maybe(found)
  },
  'validate kubernetes.NamedFormat string': (format: Format, text: string) => {
    const faults = format.check(text)
    return faults.length === 0 ? Maybe.none : new Maybe(faults)
  },
  'quantity string': quantity,
  'isQuantity string': (text: string) => parseQuantity(text) !== undefined,
  'sign kubernetes.Quantity': (a: Amount) => order(a, new Amount(0n)),
  'isInteger kubernetes.Quantity': (a: Amount) => wholeOf(plain(a)) !== undefined,
  'asInteger kubernetes.Quantity': (a: Amount) => {
    const value = wholeOf(plain(a))
    if (value === undefined) throw new EvalError('cannot convert value to integer')
    return value
  },
  'asApproximateFloat kubernetes.Quantity': (a: Amount) => approximate(plain(a)),
  'add kubernetes.Quantity kubernetes.Quantity': (a: Amount, b: Amount) =>
    new Amount(a.nano + b.nano),
  'add kubernetes.Quantity int': (a: Amount, b: bigint) => new Amount(a.nano + b * NANO),
  'sub kubernetes.Quantity kubernetes.Quantity': (a: Amount, b: Amount) =>
    new Amount(a.nano - b.nano),
  'sub kubernetes.Quantity int': (a: Amount, b: bigint) => new Amount(a.nano - b * NANO),
  'isGreaterThan kubernetes.Quantity kubernetes.Quantity': (a: Amount, b: Amount) =>
    a.nano > b.nano,
  'isLessThan kubernetes.Quantity kubernetes.Quantity': (a: Amount, b: Amount) => a.nano < b.nano,
  'compareTo kubernetes.Quantity kubernetes.Quantity': order,
  'semver string': (text: string) => semverOf(text),
  'semver string bool': semverOf,
  'isSemver string': (text: string) => isSemver(text),
  'isSemver string bool': isSemver,
  'major kubernetes.Semver': ({ core }: Semver) => core[0],
  'minor kubernetes.Semver': ({ core }: Semver) => core[1],
  'patch kubernetes.Semver': ({ core }: Semver) => core[2],
  'isGreaterThan kubernetes.Semver kubernetes.Semver': (a: Semver, b: Semver) => a.order(b) > 0,
  'isLessThan kubernetes.Semver kubernetes.Semver': (a: Semver, b: Semver) => a.order(b) < 0,
  'compareTo kubernetes.Semver kubernetes.Semver': (a: Semver, b: Semver) => BigInt(a.order(b)),
  'url string': url,
  'isURL string': (text: string) => typeof goUrl(text) !== 'string',
  'getScheme kubernetes.URL': (value: Url) => value.url.scheme,
  'getHost kubernetes.URL': (value: Url) => value.url.host,
  'getHostname kubernetes.URL': (value: Url) => hostnameOf(value.url),
  'getPort kubernetes.URL': (value: Url) => portOf(value.url),
  'getEscapedPath kubernetes.URL': (value: Url) => escapedPathOf(value.url),
  'getQuery kubernetes.URL': (value: Url) => queryOf(value.url),
}
