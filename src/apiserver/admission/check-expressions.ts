import { messageOf } from '../../base/index.ts'
import { admissionEnvironment, compile } from '../../cel/index.ts'
import type { Json, JsonObject } from '../../object/index.ts'
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
import { withPlainMaps } from './object-literals.ts'

const MOST_CONDITIONS = 64

/** Conditions that a request has to meet before it is looked at. */
export function conditionProblems(value: JsonObject, path: string): Cause[] {
  const conditions = objectsOf(value['matchConditions'])
  const names = new Set<string>()
  const causes: Cause[] =
    conditions.length > MOST_CONDITIONS ? [tooMany(path, conditions.length, MOST_CONDITIONS)] : []
  for (const [i, each] of conditions.entries()) {
    const at = `${path}[${i}]`
    const name = textOf(each, 'name')
    causes.push(...expressionProblems(each, 'expression', at, { type: 'bool', missing: '' }))
    if (name === '') causes.push(required(`${at}.name`))
    else causes.push(...qualifiedName(name).map((words) => invalid(`${at}.name`, name, words)))
    if (name !== '' && names.has(name)) causes.push(duplicate(`${at}.name`, name))
    names.add(name)
  }
  return causes
}

/** What is wrong with one expression; `type` is what it has to give. */
export function expressionProblems(
  value: JsonObject,
  key: string,
  path: string,
  wanted: {
    readonly type?: 'bool' | 'string'
    readonly missing?: string
    readonly mutates?: boolean
  } = {},
): Cause[] {
  const { type, mutates = false } = wanted
  const missing =
    wanted.missing ??
    `${key === 'valueExpression' ? 'valueExpression' : 'expression'} is not specified`
  const at = `${path}.${key}`
  const expression = textOf(value, key).trim()
  if (expression === '') return [required(at, missing)]
  try {
    const text = mutates ? withPlainMaps(expression) : expression
    const environment = admissionEnvironment({ mutates })
    compile(text, type === undefined ? environment : { ...environment, output: type })
    return []
  } catch (error) {
    const message = messageOf(error)
    const mismatch = /output type mismatch: expected (\S+), got (.*)$/s.exec(message)
    if (mismatch?.[2] === 'dyn' && TYPED.test(expression)) return []
    const why =
      mismatch === null
        ? `compilation failed: ${message.replace(PARSING, '')}`
        : `must evaluate to ${mismatch[1]} but got ${mismatch[2]}`
    return [invalid(at, value[key] as Json, why)]
  }
}

/** What has types on the real server that are not known here. */
const TYPED = /\b(?:variables|request|namespaceObject)\./

const PARSING = /^failed to parse the CEL expression '[\s\S]*?': (?=ERROR)/
