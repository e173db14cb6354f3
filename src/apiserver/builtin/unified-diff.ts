import type { Json } from '../../object/index.ts'

/** Lines that match: where they begin in each text, and how many there are. */
interface Block {
  readonly a: number
  readonly b: number
  readonly size: number
}

interface Span {
  readonly fromA: number
  readonly toA: number
  readonly fromB: number
  readonly toB: number
}

const CONTEXT = 3
/** From so many lines on, those that come often are not looked at first. */
const MANY_LINES = 200

/**
 * How two values differ, written as JSON: a unified diff without names of files.
 * @see k8s.io/apimachinery pkg/util/diff (v0.36.3), which asks github.com/pmezard/go-difflib
 */
export function jsonDiff(a: Json, b: Json): string {
  return lineDiff(linesOf(a), linesOf(b))
}

/** Go escapes what HTML gives a meaning to. */
function linesOf(value: Json): string[] {
  const text = JSON.stringify(value, null, 1)
  return text.replaceAll(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`).split('\n')
}

function lineDiff(a: readonly string[], b: readonly string[]): string {
  return groupsOf(changesOf(matchingBlocks(a, b), a.length, b.length))
    .map((group) => hunk(a, b, group))
    .join('')
}

interface Change extends Span {
  readonly isEqual: boolean
}

function changesOf(blocks: readonly Block[], lengthA: number, lengthB: number): Change[] {
  const changes: Change[] = []
  let [i, j] = [0, 0]
  for (const { a, b, size } of [...blocks, { a: lengthA, b: lengthB, size: 0 }]) {
    if (i < a || j < b) changes.push({ isEqual: false, fromA: i, toA: a, fromB: j, toB: b })
    if (size > 0) changes.push({ isEqual: true, fromA: a, toA: a + size, fromB: b, toB: b + size })
    i = a + size
    j = b + size
  }
  return changes
}

/** Changes with the lines around them; what lies far apart makes groups of its own. */
function groupsOf(changes: readonly Change[]): Change[][] {
  const groups: Change[][] = []
  let group: Change[] = []
  for (const [i, change] of changes.entries()) {
    const { isEqual, fromA, toA, fromB, toB } = change
    const isEdge = i === 0 || i === changes.length - 1
    if (isEqual && !isEdge && toA - fromA > 2 * CONTEXT) {
      group.push({ ...change, toA: fromA + CONTEXT, toB: fromB + CONTEXT })
      groups.push(group)
      group = [{ ...change, fromA: toA - CONTEXT, fromB: toB - CONTEXT }]
    } else if (isEqual && i === 0)
      group.push({
        ...change,
        fromA: Math.max(fromA, toA - CONTEXT),
        fromB: Math.max(fromB, toB - CONTEXT),
      })
    else if (isEqual && isEdge)
      group.push({
        ...change,
        toA: Math.min(toA, fromA + CONTEXT),
        toB: Math.min(toB, fromB + CONTEXT),
      })
    else group.push(change)
  }
  if (group.some((each) => !each.isEqual)) groups.push(group)
  return groups
}

function hunk(a: readonly string[], b: readonly string[], group: readonly Change[]): string {
  const [first, last] = [group[0], group.at(-1)]
  if (first === undefined || last === undefined) return ''
  const lines = group.flatMap(({ isEqual, fromA, toA, fromB, toB }) =>
    isEqual
      ? a.slice(fromA, toA).map((line) => ` ${line}`)
      : [
          ...a.slice(fromA, toA).map((line) => `-${line}`),
          ...b.slice(fromB, toB).map((line) => `+${line}`),
        ],
  )
  const head = `@@ -${range(first.fromA, last.toA)} +${range(first.fromB, last.toB)} @@\n`
  return head + lines.map((line) => `${line}\n`).join('')
}

function range(from: number, to: number): string {
  const length = to - from
  if (length === 1) return String(from + 1)
  return `${length === 0 ? from : from + 1},${length}`
}

/** The longest run of equal lines, then what lies left and right of it, and so on. */
function matchingBlocks(a: readonly string[], b: readonly string[]): Block[] {
  const places = placesOf(b)
  const blocks: Block[] = []
  const rest: Span[] = [{ fromA: 0, toA: a.length, fromB: 0, toB: b.length }]
  for (let span = rest.pop(); span !== undefined; span = rest.pop()) {
    const block = longestMatch(a, b, places, span)
    if (block.size === 0) continue
    blocks.push(block)
    rest.push({ ...span, toA: block.a, toB: block.b })
    rest.push({ ...span, fromA: block.a + block.size, fromB: block.b + block.size })
  }
  return joined(blocks.sort((x, y) => x.a - y.a))
}

function joined(blocks: readonly Block[]): Block[] {
  const out: Block[] = []
  for (const block of blocks) {
    const last = out.at(-1)
    if (last !== undefined && last.a + last.size === block.a && last.b + last.size === block.b)
      out[out.length - 1] = { ...last, size: last.size + block.size }
    else out.push(block)
  }
  return out
}

function placesOf(lines: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>()
  for (const [i, line] of lines.entries()) {
    const found = places.get(line)
    if (found === undefined) places.set(line, [i])
    else found.push(i)
  }
  if (lines.length < MANY_LINES) return places
  const most = Math.floor(lines.length / 100) + 1
  for (const [line, found] of places) if (found.length > most) places.delete(line)
  return places
}

function longestMatch(
  a: readonly string[],
  b: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  span: Span,
): Block {
  let best: Block = { a: span.fromA, b: span.fromB, size: 0 }
  let lengths = new Map<number, number>()
  for (let i = span.fromA; i < span.toA; i += 1) {
    const next = new Map<number, number>()
    for (const j of places.get(a[i] ?? '') ?? []) {
      if (j < span.fromB) continue
      if (j >= span.toB) break
      const size = (lengths.get(j - 1) ?? 0) + 1
      next.set(j, size)
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size }
    }
    lengths = next
  }
  return grown(a, b, best, span)
}

/** A match takes in equal lines beside it that are too frequent to be looked for. */
function grown(a: readonly string[], b: readonly string[], block: Block, span: Span): Block {
  let { a: i, b: j, size } = block
  while (i > span.fromA && j > span.fromB && a[i - 1] === b[j - 1]) {
    i -= 1
    j -= 1
    size += 1
  }
  while (i + size < span.toA && j + size < span.toB && a[i + size] === b[j + size]) size += 1
  return { a: i, b: j, size }
}
