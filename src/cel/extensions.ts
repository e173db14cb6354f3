import { Environment as Engine } from '@marcbachmann/cel-js'
import { type GoRegex, goRegex } from '../base/index.ts'

/** Compiled patterns that are kept. */
const MAX_PATTERNS = 500
const patterns = new Map<string, GoRegex>()

/** An engine with what both our environments share. */
export function baseEngine(options: { readonly openNames: boolean }): Engine {
  const engine = new Engine({
    unlistedVariablesAreDyn: options.openNames,
    homogeneousAggregateLiterals: true,
    enableOptionalTypes: true,
    limits: { maxAstNodes: 10_000, maxDepth: 100 },
  })
  addRegex(engine)
  addNumbers(engine)
  return engine
}

/** Matching in RE2, which cannot run away. */
function addRegex(engine: Engine): void {
  const matches = (text: string, pattern: string): boolean => regex(pattern).matches(text)
  engine.registerFunction('string.goMatches(string): bool', matches, { async: false })
  engine.registerFunction('goMatches(string, string): bool', matches, { async: false })
}

function regex(pattern: string): GoRegex {
  const known = patterns.get(pattern)
  if (known !== undefined) return known
  if (patterns.size >= MAX_PATTERNS) patterns.clear()
  const compiled = goRegex(pattern)
  patterns.set(pattern, compiled)
  return compiled
}

/** Equality across the types of numbers. */
function addNumbers(engine: Engine): void {
  const same = (a: unknown, b: unknown): boolean => Number(a) === Number(b)
  for (const pair of ['int == double', 'uint == int', 'uint == double'])
    engine.registerOperator(pair, same)
}
