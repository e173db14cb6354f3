import { type Budget, checkLength } from './budget.ts'
import { substituteFault } from './faults.ts'
import { applyOperator } from './operators.ts'
import { type Form, type Piece, parseTemplate } from './parse.ts'

/** Looks a variable up; undefined means that it is not set, which strict mode refuses. */
export type Lookup = (name: string) => string | undefined

/** Steps of glob matching that one text may cost. */
const MAX_GLOB_STEPS = 20_000_000

/** Operators that have a value of their own for a variable that is not set. */
const DEFAULTS = new Set([':-', ':+', '=', ':=', ':?'])

/**
 * Replaces each form in a text. Values are not expanded again. `onForm` is told what became of each
 * form, by the name of its variable.
 * @throws Fault VARIABLE_SYNTAX, VARIABLE_UNSET, SUBSTITUTION_LIMIT
 */
export function expand(
  text: string,
  lookup: Lookup,
  onForm: (name: string, out: string) => void = () => undefined,
): string {
  const run: Run = { lookup, onForm, budget: { steps: MAX_GLOB_STEPS }, length: 0 }
  return parseTemplate(text)
    .map((piece) => {
      const out = valueOf(piece, run)
      run.length += out.length
      checkLength(run.length)
      return out
    })
    .join('')
}

interface Run {
  readonly lookup: Lookup
  readonly onForm: (name: string, out: string) => void
  readonly budget: Budget
  length: number
}

function valueOf(piece: Piece, run: Run): string {
  return typeof piece === 'string' ? piece : formValue(piece, run)
}

function formValue(form: Form, run: Run): string {
  const args = form.args.map((arg) => valueOf(arg, run))
  const value = run.lookup(form.name)
  if (value === undefined && !DEFAULTS.has(form.operator))
    throw substituteFault(
      'VARIABLE_UNSET',
      `variable not set (strict mode): ${JSON.stringify(form.name)}`,
    )
  const out = applyOperator(form.operator, { value: value ?? '', args, budget: run.budget })
  checkLength(out.length)
  run.onForm(form.name, out)
  return out
}
