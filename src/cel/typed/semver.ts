import { EvalError } from './values.ts'

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

const FORM =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/

/**
 * Reads a version; a loose one may lack numbers, or begin with `v` or zeros.
 * @throws EvalError
 * @see k8s.io/apiserver pkg/cel/library/semverlib.go (v0.36.3)
 */
export function semverOf(text: string, isLoose = false): Semver {
  const found = parse(isLoose ? normal(text) : text)
  if (found === undefined) throw new EvalError('No Major.Minor.Patch elements found')
  return found
}

/** Whether a text is a version. */
export function isSemver(text: string, isLoose = false): boolean {
  return parse(isLoose ? normal(text) : text) !== undefined
}

function parse(text: string): Semver | undefined {
  const match = FORM.exec(text)
  if (match === null) return undefined
  const core = match.slice(1, 4).map((each) => BigInt(each))
  return new Semver(core, match[4] === undefined ? [] : match[4].split('.'))
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
