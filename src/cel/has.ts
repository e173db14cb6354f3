import { Optional } from '@marcbachmann/cel-js'

interface Checker {
  check(node: unknown, context: unknown): unknown
  getType(name: string): unknown
}

interface Evaluator {
  run(node: unknown, context: unknown): unknown
}

/** The place of `has(…)` whose argument is no selection of a field. */
export class BadHasArgument extends Error {
  readonly node: unknown

  constructor(node: unknown) {
    super('invalid argument to has() macro')
    this.node = node
  }
}

/**
 * `has(e.f)` for any operand `e`; the engine's own takes plain chains of names alone.
 * @throws BadHasArgument
 */
export function hasMacro(args: unknown): object {
  const argument: unknown = Array.isArray(args) ? args[0] : undefined
  const parts = selectionOf(argument)
  if (parts === undefined) throw new BadHasArgument(argument)
  const [operand, field] = parts
  return {
    args,
    typeCheck: (checker: Checker, _macro: unknown, context: unknown): unknown => {
      checker.check(operand, context)
      return checker.getType('bool')
    },
    evaluate: (evaluator: Evaluator, _macro: unknown, context: unknown): boolean =>
      isPresent(evaluator.run(operand, context), field),
  }
}

function selectionOf(argument: unknown): readonly [unknown, string] | undefined {
  if (typeof argument !== 'object' || argument === null) return undefined
  const op: unknown = Reflect.get(argument, 'op')
  const args: unknown = Reflect.get(argument, 'args')
  if ((op !== '.' && op !== '.?') || !Array.isArray(args)) return undefined
  const field: unknown = args[1]
  return typeof field === 'string' ? [args[0], field] : undefined
}

function isPresent(operand: unknown, field: string): boolean {
  if (operand instanceof Optional) return operand.hasValue() && isPresent(operand.value(), field)
  if (operand instanceof Map) return operand.has(field)
  if (typeof operand !== 'object' || operand === null || Array.isArray(operand))
    throw new Error('no such overload')
  return Object.hasOwn(operand, field) && Reflect.get(operand, field) !== undefined
}
