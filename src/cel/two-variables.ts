import type { Environment as Engine } from '@marcbachmann/cel-js'
import { CostExceeded } from './ast.ts'
import type { Call, Checker, Context, Evaluator } from './macro-parts.ts'

/** What stands at a key, or at an index, of what is looped over. */
type Entry = readonly [key: unknown, value: unknown]
type Ask = (body: unknown, entry: Entry) => unknown
/** What a loop answers, of all entries; `bodies` are its expressions. */
type Loop = (entries: readonly Entry[], bodies: readonly unknown[], ask: Ask) => unknown

/**
 * Loops that know the index or key beside the value.
 * @see google/cel-go v0.26.1 ext/comprehensions.go
 */
export function addTwoVariables(engine: Engine): void {
  const add = (call: string, type: string, loop: Loop): void => {
    for (const on of ['list', 'map'])
      engine.registerFunction(`${on}.${call}: ${type}`, macro(type, loop))
  }
  add('all(ast, ast, ast)', 'bool', (entries, [body], ask) => !decided(entries, body, ask, false))
  add('exists(ast, ast, ast)', 'bool', (entries, [body], ask) => decided(entries, body, ask, true))
  for (const name of ['existsOne', 'exists_one'])
    add(`${name}(ast, ast, ast)`, 'bool', (entries, [body], ask) => {
      return entries.filter((entry) => asBool(ask(body, entry))).length === 1
    })
  add('transformList(ast, ast, ast)', 'list<dyn>', (entries, [body], ask) =>
    entries.map((entry) => ask(body, entry)),
  )
  add('transformList(ast, ast, ast, ast)', 'list<dyn>', (entries, [filter, body], ask) =>
    entries.filter((entry) => asBool(ask(filter, entry))).map((entry) => ask(body, entry)),
  )
  add('transformMap(ast, ast, ast)', 'map<dyn, dyn>', (entries, [body], ask) =>
    mapOf(entries.map((entry) => [entry[0], ask(body, entry)])),
  )
  add('transformMap(ast, ast, ast, ast)', 'map<dyn, dyn>', (entries, [filter, body], ask) =>
    mapOf(
      entries
        .filter((entry) => asBool(ask(filter, entry)))
        .map((entry) => [entry[0], ask(body, entry)]),
    ),
  )
  add('transformMapEntry(ast, ast, ast)', 'map<dyn, dyn>', (entries, [body], ask) =>
    mapOf(entries.flatMap((entry) => entriesOf(ask(body, entry)))),
  )
  add('transformMapEntry(ast, ast, ast, ast)', 'map<dyn, dyn>', (entries, [filter, body], ask) =>
    mapOf(
      entries
        .filter((entry) => asBool(ask(filter, entry)))
        .flatMap((entry) => entriesOf(ask(body, entry))),
    ),
  )
}

function macro(type: string, loop: Loop): (call: Call) => object {
  return ({ args, receiver }) => {
    const [first, second, ...bodies] = args
    const [key, value] = [nameOf(first), nameOf(second)]
    let outer: Context | undefined
    let inner: Context | undefined
    return {
      args,
      typeCheck: (checker: Checker, _macro: unknown, context: Context): unknown => {
        checker.check(receiver, context)
        const dyn = checker.getType('dyn')
        outer = context.forkWithVariable(key, dyn)
        inner = outer.forkWithVariable(value, dyn)
        for (const body of bodies) checker.check(body, inner)
        return checker.getType(type)
      },
      evaluate: (evaluator: Evaluator, _macro: unknown, context: Context): unknown => {
        const entries = entriesOf(evaluator.run(receiver, context))
        return loop(entries, bodies, (body, [k, v]) => {
          const named = (outer ?? context).reuse(context).setIterValue(k, evaluator)
          return evaluator.run(body, (inner ?? named).reuse(named).setIterValue(v, evaluator))
        })
      },
    }
  }
}

/** Whether one entry gives the answer that ends the loop; else the first fault is told. */
function decided(entries: readonly Entry[], body: unknown, ask: Ask, by: boolean): boolean {
  let fault: Error | undefined
  for (const entry of entries)
    try {
      if (asBool(ask(body, entry)) === by) return true
    } catch (error) {
      if (error instanceof CostExceeded || !(error instanceof Error)) throw error
      fault ??= error
    }
  if (fault !== undefined) throw fault
  return false
}

function asBool(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw new Error('no such overload')
}

function entriesOf(value: unknown): Entry[] {
  if (Array.isArray(value)) return value.map((item: unknown, i) => [BigInt(i), item])
  if (value instanceof Map) return [...value] as Entry[]
  if (typeof value === 'object' && value !== null) return Object.entries(value)
  throw new Error('no such overload')
}

function mapOf(entries: readonly Entry[]): Record<string, unknown> {
  const out: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const [key, value] of entries) {
    const name = String(key)
    if (Object.hasOwn(out, name)) throw new Error(`insert failed: key ${name} already exists`)
    out[name] = value
  }
  return out
}

function nameOf(node: unknown): string {
  const isName = typeof node === 'object' && node !== null && Reflect.get(node, 'op') === 'id'
  const name: unknown = isName ? Reflect.get(node, 'args') : undefined
  if (typeof name === 'string') return name
  throw new Error('argument must be a simple name')
}
