import { compareText } from '../base/index.ts'
import { gitFault } from './git/fault.ts'

/** A version as tags carry it. */
export interface Version {
  readonly numbers: readonly [bigint, bigint, bigint]
  /** Identifiers after the dash, unparsed; `''` for a release. */
  readonly prerelease: string
  readonly original: string
}

interface Comparator {
  readonly operator: string
  readonly version: Version
  /** How many numbers were written out: 0 (`*`) to 3. */
  readonly precision: number
}

/** A range: alternatives, each a list of comparators that all must hold. */
export type Range = readonly (readonly Comparator[])[]

const IDENTIFIERS = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*'
const TAIL = `(?:-(${IDENTIFIERS}))?(?:\\+(${IDENTIFIERS}))?`
const VERSION = new RegExp(`^v?([0-9]+)(?:\\.([0-9]+))?(?:\\.([0-9]+))?${TAIL}$`)
const PLACE = '[0-9|xX*]+'
const PARTIAL = `v?(${PLACE})(?:\\.(${PLACE}))?(?:\\.(${PLACE}))?${TAIL}`
const OPERATOR = '!=|>=|=>|<=|=<|~>|=|>|<|~|\\^|'
const HYPHEN = new RegExp(`\\s*(${PARTIAL})\\s+-\\s+(${PARTIAL})\\s*`, 'g')
const COMPARATOR = new RegExp(`(${OPERATOR})\\s*(${PARTIAL})`, 'g')
const ALTERNATIVE = new RegExp(
  `^\\s*(?:${OPERATOR})\\s*${PARTIAL}\\s*(?:(?:\\s+|,\\s*)(?:${OPERATOR})\\s*${PARTIAL}\\s*)*$`,
)
/** The library keeps 64 bits of each number. */
const NUMBER_MAX = 2n ** 64n - 1n
const RANGE_LENGTH_MAX = 512
const VERSION_LENGTH_MAX = 256
const ALTERNATIVES_MAX = 32

/**
 * Parses a range in the syntax of Masterminds/semver.
 * @throws Fault GIT_REF with the words of that library
 * @see Masterminds/semver constraints.go (v3.5.0)
 */
export function parseRange(text: string): Range {
  if (text.length > RANGE_LENGTH_MAX)
    throw improper(`constraint string is too long (max ${RANGE_LENGTH_MAX} bytes)`)
  const spelled = text.replace(HYPHEN, (...match: string[]) => `>= ${match[1]}, <= ${match[7]} `)
  const alternatives = spelled.split('||')
  if (alternatives.length > ALTERNATIVES_MAX)
    throw improper(`too many constraint groups (max ${ALTERNATIVES_MAX})`)
  return alternatives.map((alternative) => {
    if (!ALTERNATIVE.test(alternative)) throw improper(`improper constraint: ${quote(alternative)}`)
    return [...alternative.matchAll(COMPARATOR)].map(comparator)
  })
}

function quote(text: string): string {
  return JSON.stringify(text)
}

function improper(message: string): Error {
  return gitFault('GIT_REF', `semver parse error: ${message}`)
}

function comparator(match: RegExpMatchArray): Comparator {
  const [, operator = '', , major = '', minor, patch, prerelease = ''] = match
  const written = [major, minor, patch]
  const wild = written.findIndex((part) => part === undefined || /^[xX*]$/.test(part))
  const precision = wild < 0 ? 3 : wild
  const numbers = written.map((part, i) => {
    if (i >= precision) return 0n
    if (!/^[0-9]+$/.test(part ?? '')) throw improper('constraint parser error')
    const number = BigInt(part ?? 0)
    if (number > NUMBER_MAX) throw improper('constraint parser error')
    return number
  })
  const [a = 0n, b = 0n, c = 0n] = numbers
  return { operator, precision, version: { numbers: [a, b, c], prerelease, original: match[0] } }
}

/** Parses a tag; only those with all three numbers count. */
export function parseVersion(tag: string): Version | undefined {
  const match = tag.length > VERSION_LENGTH_MAX ? null : VERSION.exec(tag)
  const [, major, minor, patch, prerelease = ''] = match ?? []
  if (major === undefined || minor === undefined || patch === undefined) return undefined
  const hasPaddedIdentifier = prerelease.split('.').some((part) => /^0[0-9]+$/.test(part))
  if (hasPaddedIdentifier) return undefined
  const numbers = [BigInt(major), BigInt(minor), BigInt(patch)] as const
  if (numbers.some((number) => number > NUMBER_MAX)) return undefined
  return { numbers, prerelease, original: tag }
}

/**
 * The tags with the highest version that the range allows: several only when they are equal but for
 * their build metadata or their spelling.
 */
export function matchingTags(tags: readonly string[], range: Range): readonly string[] {
  let best: Version[] = []
  for (const tag of tags) {
    const version = parseVersion(tag)
    if (version === undefined || !satisfies(version, range)) continue
    const order = best[0] === undefined ? 1 : compareVersions(version, best[0])
    if (order > 0) best = [version]
    else if (order === 0) best.push(version)
  }
  return best.map((version) => version.original).sort(compareText)
}

/** Says whether a version is in a range. Prereleases are, where the range names one itself. */
export function satisfies(version: Version, range: Range): boolean {
  return range.some((comparators) => {
    const allowsPrerelease = comparators.some((c) => c.version.prerelease !== '')
    if (version.prerelease !== '' && !allowsPrerelease) return false
    return comparators.every((c) => holds(version, c))
  })
}

function holds(v: Version, c: Comparator): boolean {
  const order = compareVersions(v, c.version)
  switch (c.operator) {
    case '>':
      return c.precision === 3 ? order > 0 : sameUpTo(v, c, c.precision) > 0
    case '<':
      return order < 0
    case '>=':
    case '=>':
      return order >= 0
    case '<=':
    case '=<':
      return c.precision === 3 ? order <= 0 : sameUpTo(v, c, c.precision) <= 0
    case '!=':
      return c.precision === 3 ? order !== 0 : differs(v, c)
    case '~':
    case '~>':
      return tilde(v, c, order)
    case '^':
      return caret(v, c, order)
    default:
      return c.precision === 3 ? order === 0 : tilde(v, c, order)
  }
}

/** Compares the first numbers alone. */
function sameUpTo(v: Version, c: Comparator, count: number): number {
  for (let i = 0; i < count; i += 1) {
    const difference = (v.numbers[i] ?? 0n) - (c.version.numbers[i] ?? 0n)
    if (difference !== 0n) return difference > 0n ? 1 : -1
  }
  return 0
}

function differs(v: Version, c: Comparator): boolean {
  if (sameUpTo(v, c, c.precision) !== 0) return true
  if (c.precision < 2) return false
  return (
    (v.prerelease !== '' || c.version.prerelease !== '') &&
    comparePrereleases(v.prerelease, c.version.prerelease) !== 0
  )
}

function tilde(v: Version, c: Comparator, order: number): boolean {
  if (order < 0) return false
  const isZero = c.version.numbers.every((number) => number === 0n)
  if (isZero && (c.precision === 0 || c.precision === 3)) return true
  return sameUpTo(v, c, Math.min(c.precision, 2)) === 0
}

function caret(v: Version, c: Comparator, order: number): boolean {
  if (order < 0) return false
  const [major, minor] = c.version.numbers
  if (major > 0n || c.precision === 1) return sameUpTo(v, c, 1) === 0
  if (minor > 0n || c.precision === 2) return sameUpTo(v, c, 2) === 0
  return sameUpTo(v, c, 3) === 0
}

/** Orders versions; build metadata does not count. */
export function compareVersions(a: Version, b: Version): number {
  for (let i = 0; i < 3; i += 1) {
    const difference = (a.numbers[i] ?? 0n) - (b.numbers[i] ?? 0n)
    if (difference !== 0n) return difference > 0n ? 1 : -1
  }
  return comparePrereleases(a.prerelease, b.prerelease)
}

function comparePrereleases(a: string, b: string): number {
  if (a === b) return 0
  if (a === '') return 1
  if (b === '') return -1
  const [left, right] = [a.split('.'), b.split('.')]
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const order = compareIdentifiers(left[i], right[i])
    if (order !== 0) return order
  }
  return 0
}

function compareIdentifiers(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0
  if (a === undefined) return -1
  if (b === undefined) return 1
  const [isNumberA, isNumberB] = [/^[0-9]+$/.test(a), /^[0-9]+$/.test(b)]
  if (isNumberA && isNumberB) return BigInt(a) > BigInt(b) ? 1 : BigInt(a) < BigInt(b) ? -1 : 0
  if (isNumberA !== isNumberB) return isNumberA ? -1 : 1
  return compareText(a, b)
}
