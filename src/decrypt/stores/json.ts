import { decryptFault } from '../faults.ts'
import { Comment, decimalText, Moment, type TreeMap, type TreeValue } from '../tree.ts'

/** Deeper nesting is no file that anyone wrote. */
const MAX_DEPTH = 1000

/**
 * Reads JSON as a tree: keys keep their order, whole numbers their digits; of a key
 * that stands twice the last one is kept.
 * @throws Fault SOPS_FORMAT
 */
export function parseJsonTree(text: string): {
  readonly tree: TreeMap
  readonly isRepeated: boolean
} {
  const reader = new JsonReader(text)
  const value = reader.whole()
  if (value instanceof Map) return { tree: value, isRepeated: reader.isRepeated }
  throw decryptFault(
    'SOPS_FORMAT',
    "SOPS only supports JSON files with a top-level object (starting with '{'), not arrays or other types",
  )
}

class JsonReader {
  readonly #text: string
  #at = 0
  /** A map had a key twice. */
  isRepeated = false

  constructor(text: string) {
    this.#text = text
  }

  whole(): TreeValue {
    // What stands behind the object is not looked at, as in SOPS.
    return this.#value(0)
  }

  #value(depth: number): TreeValue {
    if (depth > MAX_DEPTH) throw this.#fail()
    this.#blank()
    switch (this.#text[this.#at]) {
      case '{':
        return this.#map(depth)
      case '[':
        return this.#list(depth)
      case '"':
        return this.#string()
      default:
        return this.#word()
    }
  }

  #map(depth: number): TreeMap {
    const map: TreeMap = new Map()
    this.#at += 1
    if (this.#ends('}')) return map
    for (;;) {
      this.#blank()
      const key = this.#string()
      this.#expect(':')
      if (depth === 0 && key === 'sops' && map.has(key))
        throw decryptFault('SOPS_FORMAT', 'Found duplicate sops entry')
      this.isRepeated ||= map.has(key)
      map.set(key, this.#value(depth + 1))
      if (this.#ends('}')) return map
      this.#expect(',')
    }
  }

  #list(depth: number): TreeValue[] {
    const list: TreeValue[] = []
    this.#at += 1
    if (this.#ends(']')) return list
    for (;;) {
      list.push(this.#value(depth + 1))
      if (this.#ends(']')) return list
      this.#expect(',')
    }
  }

  #string(): string {
    const match = /"(?:[^"\\]|\\.)*"/sy
    match.lastIndex = this.#at
    const found = match.exec(this.#text)?.[0]
    if (found === undefined) throw this.#fail()
    this.#at += found.length
    try {
      return JSON.parse(found) as string
    } catch {
      throw this.#fail()
    }
  }

  #word(): TreeValue {
    const match = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
    match.lastIndex = this.#at
    const found = match.exec(this.#text)?.[0]
    if (found === undefined) throw this.#fail()
    this.#at += found.length
    if (found === 'null') return null
    if (found === 'true' || found === 'false') return found === 'true'
    return /^-?\d+$/.test(found) && fits(BigInt(found)) ? BigInt(found) : Number(found)
  }

  #ends(character: string): boolean {
    this.#blank()
    if (this.#text[this.#at] !== character) return false
    this.#at += 1
    return true
  }

  #expect(character: string): void {
    if (!this.#ends(character)) throw this.#fail()
  }

  #blank(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? 'x')) this.#at += 1
  }

  #fail(): ReturnType<typeof decryptFault> {
    return decryptFault(
      'SOPS_FORMAT',
      `Could not unmarshal input data: no JSON at character ${this.#at + 1}`,
    )
  }
}

function fits(value: bigint): boolean {
  return value >= -(2n ** 63n) && value < 2n ** 63n
}

/** Writes a tree as SOPS writes JSON: a tab a level, a space after the colon, a newline at the end. */
export function printJsonTree(tree: TreeMap): string {
  return `${print(tree, '')}\n`
}

function print(value: TreeValue, indent: string): string {
  const inner = `${indent}\t`
  if (value instanceof Map) {
    const lines = [...value].map(([key, item]) => `${inner}${quote(key)}: ${print(item, inner)}`)
    return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n${indent}}`
  }
  if (Array.isArray(value)) {
    const items = value.filter((item) => !(item instanceof Comment))
    const lines = items.map((item) => `${inner}${print(item, inner)}`)
    return lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n${indent}]`
  }
  if (typeof value === 'string') return quote(value)
  if (value instanceof Uint8Array) return quote(Buffer.from(value).toString())
  if (typeof value === 'number') return floatText(value)
  if (value instanceof Moment) return quote(value.text)
  return value instanceof Comment ? 'null' : String(value)
}

/** A text as Go's encoding/json writes it, which escapes what HTML would misread. */
function quote(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function floatText(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-6 || size >= 1e21)) return value.toExponential()
  return decimalText(value)
}
