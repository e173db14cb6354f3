import { type Environment as Engine, Optional } from '@marcbachmann/cel-js'
import type { Call, Checker, Context, Evaluator } from './macro-parts.ts'

/**
 * `optMap` and `optFlatMap`: work on the value of an optional that has one.
 * @see google/cel-go v0.26.1 cel/library.go optMap
 */
export function addOptionalMacros(engine: Engine): void {
  engine.registerFunction(
    'optional.optMap(ast, ast): optional<dyn>',
    macro((value) => Optional.of(value)),
  )
  engine.registerFunction(
    'optional.optFlatMap(ast, ast): optional<dyn>',
    macro((value) => {
      if (value instanceof Optional) return value
      throw new Error('no such overload')
    }),
  )
}

function macro(wrap: (value: unknown) => unknown): (call: Call) => object {
  return ({ args, receiver }) => {
    const name = nameOf(args[0])
    const body = args[1]
    let inner: Context | undefined
    return {
      args,
      typeCheck: (checker: Checker, _macro: unknown, context: Context): unknown => {
        const type = checker.check(receiver, context)
        const valueType = type.kind === 'optional' ? type.valueType : checker.getType('dyn')
        inner = context.forkWithVariable(name, valueType)
        checker.check(body, inner)
        return checker.getType('optional<dyn>')
      },
      evaluate: (evaluator: Evaluator, _macro: unknown, context: Context): unknown => {
        const value = evaluator.run(receiver, context)
        if (!(value instanceof Optional)) throw new Error('no such overload')
        if (!value.hasValue() || inner === undefined) return Optional.none()
        const scope = inner.reuse(context).setIterValue(value.value(), evaluator)
        return wrap(evaluator.run(body, scope))
      },
    }
  }
}

function nameOf(node: unknown): string {
  const isName = typeof node === 'object' && node !== null && Reflect.get(node, 'op') === 'id'
  const name: unknown = isName ? Reflect.get(node, 'args') : undefined
  if (typeof name === 'string') return name
  throw new Error('argument must be a simple name')
}
