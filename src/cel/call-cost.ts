import type { Expr } from './expr.ts'
import {
  either,
  fixed,
  MOST,
  NONE,
  ONE,
  plus,
  product,
  type Range,
  scaled,
  UNKNOWN,
} from './range.ts'
import type { Type } from './type.ts'

/** A value that is handed to a function: its type, and how big it may be where that is known. */
export interface Given {
  readonly type: Type
  readonly size: Range | undefined
  readonly expr: Expr | undefined
  /** An item of it, where it is a list. */
  readonly item: (() => Given) | undefined
}

/** What a call costs without its arguments, and how big what it gives is. */
export interface CallCost {
  readonly cost: Range
  readonly size?: Range
}

/** What a walk over a text costs for each letter, and over a pattern. */
export const LETTER = 0.1
export const PATTERN_LETTER = 0.25
const LONGEST_NAME_PATTERN = 128
const LONGEST_FORMAT = 64

function sizeOf(given: Given | undefined): Range {
  return given?.size ?? UNKNOWN
}

const CHEAP = new Set(
  `masked prefixLength family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast
  isGlobalUnicast format.named sign asInteger isInteger asApproximateFloat isGreaterThan isLessThan
  compareTo add sub major minor patch getScheme getHostname getHost getPort getEscapedPath getQuery`.split(
    /\s+/,
  ),
)

/**
 * What calls of Kubernetes' and of cel-go's further functions cost; undefined: as cel-go's own do.
 * @see k8s.io/apiserver pkg/cel/library/cost.go EstimateCallCost (v0.36.3)
 */
export function libraryCost(
  name: string,
  id: string,
  { target, args }: { readonly target: Given | undefined; readonly args: readonly Given[] },
): CallCost | undefined {
  const [first, second] = args
  const overFirst = (factor: number): CallCost | undefined =>
    first === undefined ? undefined : { cost: scaled(sizeOf(first), factor) }
  if (CHEAP.has(name)) return { cost: ONE }
  switch (name) {
    case 'isSorted':
    case 'sum':
    case 'max':
    case 'min':
    case 'indexOf':
    case 'lastIndexOf':
      return target === undefined ? undefined : traversal(target)
    case 'url': {
      const size = sizeOf(first)
      return { cost: scaled(size, LETTER), size }
    }
    case 'lowerAscii':
    case 'upperAscii':
    case 'substring':
    case 'trim': {
      const size = sizeOf(target)
      return target === undefined ? undefined : { cost: scaled(size, LETTER), size }
    }
    case 'replace':
      return target === undefined || second === undefined
        ? undefined
        : replaceCost(sizeOf(target), sizeOf(first), sizeOf(second))
    case 'split':
      return target === undefined ? undefined : splitCost(sizeOf(target), second)
    case 'join':
      return target === undefined ? undefined : joinCost(target, first)
    case 'find':
    case 'findAll':
      return target === undefined ? undefined : findCost(sizeOf(target), sizeOf(first))
    case 'ip':
      return id === 'cidr_ip' ? { cost: ONE } : overFirst(LETTER)
    case 'cidr':
    case 'isIP':
    case 'isCIDR':
    case 'quantity':
    case 'isQuantity':
    case 'semver':
    case 'isSemver':
      return overFirst(LETTER)
    case 'ip.isCanonical':
      return overFirst(2 * LETTER)
    case 'validate':
      return { cost: scaled(scaled(sizeOf(first), LETTER), LONGEST_NAME_PATTERN * PATTERN_LETTER) }
    case 'containsIP':
    case 'containsCIDR':
      return { cost: containsCost(name, id, sizeOf(first)) }
    case '_==_':
      return equalCost(first, second)
    default:
      return undefined
  }
}

function traversal(target: Given): CallCost {
  const item = target.item?.()
  if (item === undefined) return { cost: scaled(sizeOf(target), LETTER) }
  const isText = item.type.kind === 'string' || item.type.kind === 'bytes'
  const each = isText ? plus(ONE, scaled(sizeOf(item), LETTER)) : ONE
  return { cost: product(sizeOf(target), each) }
}

function replaceCost(size: Range, from: Range, to: Range): CallCost {
  let [countMax, keptMax, countMin, keptMin] = [0, 0, 0, 0]
  if (from.min === 0) [countMax, keptMax] = [Math.min(MOST, size.max + 1), size.max]
  else if (to.max <= from.min) keptMax = size.max
  else countMax = Math.ceil(size.max / from.min)
  if (from.max === 0) [countMin, keptMin] = [Math.min(MOST, size.min + 1), size.min]
  else if (from.max <= to.min) keptMin = size.min
  else countMin = Math.ceil(size.min / from.max)
  const result = plus(product({ min: countMin, max: countMax }, to), { min: keptMin, max: keptMax })
  return { cost: scaled(size, 2 * LETTER), size: result }
}

function splitCost(size: Range, limit: Given | undefined): CallCost {
  const { expr } = limit ?? {}
  const said = expr?.kind === 'literal' && typeof expr.value === 'bigint' ? expr.value : undefined
  const max = said === undefined ? size.max : said < 0n ? MOST : Number(said)
  return { cost: scaled(size, 2 * LETTER), size: { min: 0, max } }
}

function joinCost(target: Given, separator: Given | undefined): CallCost {
  const list = sizeOf(target)
  const item = target.item?.()
  let size = item === undefined ? NONE : product(list, sizeOf(item))
  if (separator !== undefined) {
    const between = { min: Math.max(0, list.min - 1), max: Math.max(0, list.max - 1) }
    size = plus(size, product(sizeOf(separator), between))
  }
  return { cost: scaled(size, LETTER), size }
}

function findCost(size: Range, pattern: Range): CallCost {
  const cost = product(scaled(plus(size, ONE), LETTER), scaled(pattern, PATTERN_LETTER))
  return { cost, size: { min: 0, max: size.max } }
}

function containsCost(name: string, id: string, text: Range): Range {
  const address: Range = { min: 4, max: 16 }
  const compared = scaled(plus(address, address), LETTER)
  const parsed = id === 'contains_text' ? scaled(text, LETTER) : NONE
  if (name === 'containsIP') return plus(compared, parsed)
  return plus(compared, scaled(address, LETTER), ONE, parsed)
}

const CHEAP_EQUALITY = ['net.IP', 'net.CIDR', 'kubernetes.Quantity', 'kubernetes.Semver']

function equalCost(a: Given | undefined, b: Given | undefined): CallCost | undefined {
  const name = a?.type.name ?? ''
  if (name !== b?.type.name) return undefined
  if (CHEAP_EQUALITY.includes(name)) return { cost: ONE }
  if (name === 'kubernetes.NamedFormat')
    return { cost: scaled({ min: 1, max: LONGEST_FORMAT }, LETTER) }
  if (name !== 'kubernetes.URL') return undefined
  const size = b.size ?? ONE
  return { cost: scaled({ min: 1, max: size.max }, LETTER) }
}

/** What calls of cel-go's own functions cost beside their arguments. */
export function ownCost(
  id: string,
  { target, args }: { readonly target: Given | undefined; readonly args: readonly Given[] },
): CallCost {
  const [first, second] = args
  const [a, b] = [sizeOf(first), sizeOf(second)]
  switch (id) {
    case 'format':
      return { cost: scaled(sizeOf(target), LETTER) }
    case 'string_to_bytes':
      return { cost: scaled(a, LETTER), size: { min: a.min, max: Math.min(MOST, a.max * 4) } }
    case 'bytes_to_string':
      return { cost: scaled(a, LETTER), size: { min: Math.floor(a.min / 4), max: a.max } }
    case 'quote':
      return { cost: scaled(a, LETTER), size: { min: a.min + 2, max: a.max * 2 + 2 } }
    case 'starts':
      return { cost: scaled(a, LETTER) }
    case 'in_list':
      return { cost: scaled(b, 1) }
    case 'matches': {
      const [text, pattern] = target === undefined ? [a, b] : [sizeOf(target), a]
      return { cost: product(scaled(plus(text, ONE), LETTER), scaled(pattern, PATTERN_LETTER)) }
    }
    case 'sets.contains':
    case 'sets.intersects':
      return { cost: plus(product(a, b), ONE) }
    case 'sets.equivalent':
      return { cost: plus(scaled(product(a, b), 2), ONE) }
    case 'slice': {
      const [start, end] = [wholeIn(first, 0), wholeIn(second, sizeOf(target).max)]
      // As Go's numbers without sign have it.
      return allocated(1, fixed(end < start ? MOST : end - start))
    }
    case 'lists.range':
      return allocated(1, fixed(wholeIn(first, MOST)))
    case 'reverse':
      return allocated(1, sizeOf(target))
    case 'flatten':
      return allocated(first === undefined ? 1 : wholeIn(first, MOST), sizeOf(target))
    case 'distinct':
      return allocated(2, product(sizeOf(target), sizeOf(target)))
    case 'sort':
      return sortCost(target)
    case '@sortByAssociatedKeys':
      return sortCost(first)
    case 'contains':
      return { cost: product(scaled(sizeOf(target), LETTER), scaled(a, LETTER)) }
    case 'add_list':
      return { cost: ONE, size: plus(a, b) }
    case 'add_text':
      return { cost: scaled(plus(a, b), LETTER), size: plus(a, b) }
    case 'equals': {
      const max = Math.min(a.max, b.max)
      return { cost: scaled({ min: max > 0 ? 1 : 0, max }, LETTER) }
    }
    default:
      return { cost: ONE }
  }
}

/** The number that an argument writes out. */
function wholeIn(given: Given | undefined, otherwise: number): number {
  const { expr } = given ?? {}
  if (expr?.kind !== 'literal' || typeof expr.value !== 'bigint') return otherwise
  return Math.max(0, Number(expr.value))
}

/** @see google/cel-go v0.26.0 ext/lists.go estimateAllocatingListCall */
function allocated(factor: number, size: Range): CallCost {
  return { cost: plus(scaled(size, factor), fixed(11)), size }
}

function sortCost(keys: Given | undefined): CallCost {
  const kind = keys?.type.params[0]?.kind
  const isText = kind === 'string' || kind === 'bytes'
  return allocated(isText ? 2 + LETTER : 2, product(sizeOf(keys), sizeOf(keys)))
}

/** What one of two costs, after a condition. */
export function branchCost(condition: Range, a: Range, b: Range): Range {
  return plus(condition, either(a, b))
}

/** What the second of two costs that need not be looked at. */
export function shortCost(a: Range, b: Range): Range {
  return { min: a.min, max: plus(a, b).max }
}

/** A list that is written out costs so much, and a map. */
export const LIST_COST: Range = fixed(10)
export const MAP_COST: Range = fixed(30)

/** And an object that is written out. */
export const STRUCT_COST: Range = fixed(40)
