import type { Environment as Engine } from '@marcbachmann/cel-js'
import { charge } from './ast.ts'
import { format } from './format.ts'

/**
 * Strings by code points, as cel-go's strings extension has them.
 * @see google/cel-go v0.26.1 ext/strings.go
 */
export function addStrings(engine: Engine): void {
  const sync = { async: false }
  const register = (signature: string, handler: (...args: never[]) => unknown): void => {
    engine.registerFunction(signature, handler as (...args: unknown[]) => unknown, sync)
  }
  register('string.lowerAscii_(): string', (s: string) =>
    s.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase()),
  )
  register('string.upperAscii_(): string', (s: string) =>
    s.replaceAll(/[a-z]+/g, (letters) => letters.toUpperCase()),
  )
  register('string.charAt(int): string', charAt)
  register('string.reverse(): string', (s: string) => Array.from(s).reverse().join(''))
  register('string.substring_(int): string', (s: string, from: bigint) => substring(s, from))
  register('string.substring_(int, int): string', substring)
  register('string.indexOf_(string): int', (s: string, part: string) => indexOf(s, part, 0n))
  register('string.indexOf_(string, int): int', indexOf)
  register('string.lastIndexOf_(string): int', (s: string, part: string) =>
    lastIndexOf(s, part, undefined),
  )
  register('string.lastIndexOf_(string, int): int', lastIndexOf)
  register('string.replace(string, string): string', (s: string, from: string, to: string) =>
    replace(s, from, to, -1n),
  )
  register('string.replace(string, string, int): string', replace)
  register('string.split_(string): list<string>', (s: string, by: string) => split(s, by, -1n))
  register('string.split_(string, int): list<string>', split)
  register('list<string>.join_(): string', (parts: readonly unknown[]) => join(parts, ''))
  register('list<string>.join_(string): string', join)
  register('string.format(list<dyn>): string', (pattern: string, args: readonly unknown[]) =>
    format(pattern, args),
  )
  addQuote(engine)
}

function addQuote(engine: Engine): void {
  class StringsNamespace {}
  engine.registerType('StringsNamespace', StringsNamespace)
  engine.registerConstant('strings', 'StringsNamespace', new StringsNamespace())
  engine.registerFunction(
    'StringsNamespace.quote(string): string',
    (_: unknown, text: string) => JSON.stringify(text),
    { async: false },
  )
}

function charAt(s: string, at: bigint): string {
  const runes = Array.from(s)
  if (at < 0n || at > BigInt(runes.length)) throw new Error(`index out of range: ${at}`)
  return runes[Number(at)] ?? ''
}

function substring(s: string, from: bigint, to?: bigint): string {
  const runes = Array.from(s)
  const length = BigInt(runes.length)
  if (to !== undefined && from > to)
    throw new Error(`invalid substring range. start: ${from}, end: ${to}`)
  if (from < 0n || from > length) throw new Error(`index out of range: ${from}`)
  if (to !== undefined && (to < 0n || to > length)) throw new Error(`index out of range: ${to}`)
  return runes.slice(Number(from), to === undefined ? undefined : Number(to)).join('')
}

function indexOf(s: string, part: string, from: bigint): bigint {
  if (part === '') return from
  const runes = Array.from(s)
  if (from < 0n || from > BigInt(runes.length)) throw new Error(`index out of range: ${from}`)
  const before = runes.slice(0, Number(from)).join('').length
  const found = s.indexOf(part, before)
  return found < 0 ? -1n : BigInt(Array.from(s.slice(0, found)).length)
}

function lastIndexOf(s: string, part: string, from: bigint | undefined): bigint {
  const runes = Array.from(s)
  if (part === '') return from ?? BigInt(runes.length)
  if (from !== undefined && (from < 0n || from >= BigInt(runes.length)))
    throw new Error(`index out of range: ${from}`)
  const before = from === undefined ? undefined : runes.slice(0, Number(from)).join('').length
  const found = s.lastIndexOf(part, before)
  return found < 0 ? -1n : BigInt(Array.from(s.slice(0, found)).length)
}

function replace(s: string, from: string, to: string, count: bigint): string {
  const parts = from === '' ? ['', ...Array.from(s), ''] : s.split(from)
  const limit = count < 0n ? parts.length - 1 : Math.min(Number(count), parts.length - 1)
  charge((s.length + limit * to.length) / 10)
  const head = parts.slice(0, limit + 1).join(to)
  const tail = parts.slice(limit + 1)
  return tail.length === 0 ? head : `${head}${from}${tail.join(from)}`
}

/** Each part costs a step, before there is any. */
function split(s: string, by: string, limit: bigint): readonly string[] {
  if (limit === 0n) return []
  charge(by === '' ? s.length : s.length / by.length)
  const parts = s.split(by)
  if (limit < 0n || BigInt(parts.length) <= limit) return parts
  const last = Number(limit) - 1
  return [...parts.slice(0, last), parts.slice(last).join(by)]
}

function join(parts: readonly unknown[], by: string): string {
  let length = parts.length * by.length
  for (const part of parts) {
    if (typeof part !== 'string') throw new Error('no such overload')
    length += part.length
  }
  charge(length / 10)
  return parts.join(by)
}
