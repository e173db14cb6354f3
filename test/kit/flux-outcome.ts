import {
  compile,
  type Environment,
  fluxEnvironment,
  readyEnvironment,
} from '../../src/cel/index.ts'
import type { Json } from '../../src/object/index.ts'
import type { FluxAnswer, FluxCase, Way } from './flux-expressions.ts'

function environmentOf(kind: Way): Environment {
  if (kind === 'health' || kind === 'parsed') return fluxEnvironment()
  const { names, ...rest } = readyEnvironment()
  return names !== undefined && kind === 'checked'
    ? { names }
    : { ...rest, ...(names && { names }) }
}

/** What we make of an expression, as the recorder tells what Flux's package makes of it. */
export function evaluatedAs({ kind, text, object }: FluxCase): FluxAnswer {
  try {
    const program = compile(text, environmentOf(kind))
    if (kind === 'health' || kind === 'ready') return { value: program.evaluateBool(object) }
    const value = program.evaluate(object)
    if (typeof value === 'string') return { value: value as Json }
    return { error: `failed to evaluate CEL expression as string: '${text}'` }
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') !== undefined)
      return { error: error.message }
    throw error
  }
}
