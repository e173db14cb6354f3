import { isArray, isObject, type Json } from '../../object/index.ts'
import type { Refusal } from '../builtin/index.ts'

const REASONS: Readonly<Record<number, string>> = { 400: 'BadRequest', 422: 'Invalid' }

/** A patch that can not be applied; never leaves this folder but as its refusal. */
export class PatchProblem extends Error {
  readonly refusal: Refusal

  constructor(code: number, message: string) {
    super(message)
    this.refusal = { code, reason: REASONS[code] ?? '', message }
  }
}

/** A value as Go's `%v` prints it. */
export function printGo(value: Json | undefined): string {
  if (value === undefined || value === null) return '<nil>'
  if (isArray(value)) return `[${value.map(printGo).join(' ')}]`
  if (isObject(value)) {
    const parts = Object.keys(value)
      .sort()
      .map((key) => `${key}:${printGo(value[key])}`)
    return `map[${parts.join(' ')}]`
  }
  return String(value)
}
