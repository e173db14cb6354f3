import {
  type AdmissionOptions,
  admissionNames,
  type CelType,
  typedExpression,
  typeWords,
} from '../../cel/index.ts'
import type { JsonObject } from '../../object/index.ts'
import {
  type Cause,
  duplicate,
  invalid,
  qualifiedName,
  required,
  tooMany,
} from '../builtin/index.ts'
import { textOf } from './check-rules.ts'
import { objectsOf } from './matching.ts'

const MOST_CONDITIONS = 64

/** Conditions that a request has to meet before it is looked at. */
export function conditionProblems(
  value: JsonObject,
  path: string,
  options: AdmissionOptions = { authorizer: true },
): Cause[] {
  const conditions = objectsOf(value['matchConditions'])
  const names = new Set<string>()
  const causes: Cause[] =
    conditions.length > MOST_CONDITIONS ? [tooMany(path, conditions.length, MOST_CONDITIONS)] : []
  for (const [i, each] of conditions.entries()) {
    const at = `${path}[${i}]`
    const name = textOf(each, 'name')
    causes.push(
      ...expressionProblems(each, 'expression', at, { types: ['bool'], missing: '', options }),
    )
    if (name === '') causes.push(required(`${at}.name`))
    else causes.push(...qualifiedName(name).map((words) => invalid(`${at}.name`, name, words)))
    if (name !== '' && names.has(name)) causes.push(duplicate(`${at}.name`, name))
    names.add(name)
  }
  return causes
}

/** What one expression of a policy has to be, and what it may name. */
export interface Wanted {
  /** The types that it may give; none: any. */
  readonly types?: readonly string[]
  readonly missing?: string
  readonly options: AdmissionOptions
}

/** What is wrong with one expression. */
export function expressionProblems(
  value: JsonObject,
  key: string,
  path: string,
  wanted: Wanted,
): Cause[] {
  return checkedExpression(value, key, path, wanted).causes
}

/** The faults of one expression, and the type of what it gives. */
export function checkedExpression(
  value: JsonObject,
  key: string,
  path: string,
  { types = [], missing, options }: Wanted,
): { readonly causes: Cause[]; readonly type: CelType | undefined } {
  const at = `${path}.${key}`
  const whole = textOf(value, key)
  if (whole.trim() === '') {
    const said =
      missing ?? `${key === 'valueExpression' ? 'valueExpression' : 'expression'} is not specified`
    return { causes: [required(at, said)], type: undefined }
  }
  const isTrimmed = key === 'valueExpression' || options.mutates === true
  const expression = isTrimmed ? whole.trim() : whole
  const { problem, unmade, type } = typedExpression(expression, admissionNames(options))
  const said = key === 'valueExpression' ? whole : expression
  if (problem !== undefined)
    return { causes: [invalid(at, said, `compilation failed: ${problem}`)], type: undefined }
  const given = typeWords(type)
  if (types.length > 0 && !types.includes(given)) {
    const words = types.length === 1 ? (types[0] ?? '') : `one of [${types.join(' ')}]`
    return {
      causes: [invalid(at, said, `must evaluate to ${words} but got ${given}`)],
      type: undefined,
    }
  }
  if (unmade === undefined) return { causes: [], type }
  const message = `Internal error: program instantiation failed: ${unmade}`
  return { causes: [{ reason: 'InternalError', field: at, message }], type: undefined }
}
