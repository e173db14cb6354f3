import { EvalError } from '../values.ts'
import { quoted } from './texts.ts'

/** A version by semver.org; what it was built of does not count. */
export class Semver {
  readonly celType = 'kubernetes.Semver'
  readonly core: readonly bigint[]
  readonly before: readonly string[]

  constructor(core: readonly bigint[], before: readonly string[]) {
    this.core = core
    this.before = before
  }

  order(other: Semver): number {
    return compare(this, other)
  }

  equals(other: Semver): boolean {
    return compare(this, other) === 0
  }
}

/**
 * Reads a version; a loose one may lack numbers, or begin with `v` or zeros.
 * @throws EvalError
 * @see k8s.io/apiserver pkg/cel/library/semverlib.go (v0.36.3)
 */
export function semverOf(text: string, isLoose = false): Semver {
  const found = parse(isLoose ? normal(text) : text)
  if (typeof found === 'string') throw new EvalError(found)
  return found
}

/** Whether a text is a version. */
export function isSemver(text: string, isLoose = false): boolean {
  return typeof parse(isLoose ? normal(text) : text) !== 'string'
}

/** A version, or why a text is none. @see github.com/blang/semver v4 semver.go Parse */
function parse(text: string): Semver | string {
  if (text === '') return 'Version string empty'
  const [major, minor, ...rest] = text.split('.')
  if (major === undefined || minor === undefined || rest.length === 0)
    return 'No Major.Minor.Patch elements found'
  const [whole = '', ...builds] = rest.join('.').split('+')
  const dash = whole.indexOf('-')
  const patch = dash < 0 ? whole : whole.slice(0, dash)
  const before = dash < 0 ? undefined : whole.slice(dash + 1).split('.')
  const build = builds.length === 0 ? [] : builds.join('+').split('.')
  const numbers = [major, minor, patch].map((each, i) => numberFault(each, PARTS[i] ?? ''))
  const fault =
    numbers.find((each) => each !== undefined) ??
    (before ?? []).map(beforeFault).find((each) => each !== undefined) ??
    build.map(buildFault).find((each) => each !== undefined)
  if (fault !== undefined) return fault
  return new Semver([major, minor, patch].map(BigInt), before ?? [])
}

const PARTS = ['Major', 'Minor', 'Patch']

function numberFault(text: string, name: string): string | undefined {
  const said = quoted(text)
  if (/[^0-9]/.test(text))
    return `Invalid character(s) found in ${name.toLowerCase()} number ${said}`
  if (/^0\d/.test(text)) return `${name} number must not contain leading zeroes ${said}`
  if (text === '') return `strconv.ParseUint: parsing ${said}: invalid syntax`
  if (BigInt(text) >= 2n ** 64n) return `strconv.ParseUint: parsing ${said}: value out of range`
  return undefined
}

function beforeFault(text: string): string | undefined {
  if (text === '') return 'Prerelease is empty'
  if (/^0\d+$/.test(text))
    return `Numeric PreRelease version must not contain leading zeroes ${quoted(text)}`
  if (/[^0-9A-Za-z-]/.test(text)) return `Invalid character(s) found in prerelease ${quoted(text)}`
  return undefined
}

function buildFault(text: string): string | undefined {
  if (text === '') return 'Build meta data is empty'
  return /[^0-9A-Za-z-]/.test(text)
    ? `Invalid character(s) found in build meta data ${quoted(text)}`
    : undefined
}

/** Without a `v`, with all three numbers, none of which begins with zeros. */
function normal(text: string): string {
  const [numbers, rest] = splitAt(text.replace(/^v/, ''), /[-+]/)
  const parts = numbers.split('.').map((each) => each.replace(/^0+(?=\d)/, ''))
  if (parts.length < 3 && rest !== '') return text
  while (parts.length < 3) parts.push('0')
  return parts.join('.') + rest
}

function splitAt(text: string, mark: RegExp): [string, string] {
  const at = text.search(mark)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)]
}

function compare(a: Semver, b: Semver): number {
  for (const [i, x] of a.core.entries()) {
    const y = b.core[i] ?? 0n
    if (x !== y) return x < y ? -1 : 1
  }
  if (a.before.length === 0 || b.before.length === 0)
    return Math.sign(b.before.length - a.before.length)
  for (const [i, x] of a.before.entries()) {
    const y = b.before[i]
    if (y === undefined) return 1
    if (x !== y) return comparePart(x, y)
  }
  return a.before.length < b.before.length ? -1 : 0
}

/** Numbers come before words. */
function comparePart(x: string, y: string): number {
  const [isX, isY] = [/^\d+$/.test(x), /^\d+$/.test(y)]
  if (isX && isY) return BigInt(x) < BigInt(y) ? -1 : 1
  if (isX !== isY) return isX ? -1 : 1
  return x < y ? -1 : 1
}
