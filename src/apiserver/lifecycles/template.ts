import { isArray, isObject, type Json, type JsonObject, sameJson } from '../../object/index.ts'
import { readJsonPath } from '../jsonpath.ts'
import type { Wanted } from './lifecycle.ts'

/** What templates may name: the object's own fields, and variables that win over them. */
export interface Scope {
  readonly object: JsonObject
  readonly variables: Readonly<Record<string, Json>>
}

const WHOLE = /^\$\{([^}]+)\}$/
const PART = /\$\{([^}]+)\}/g

/** Fills a template in; what is absent in the object is left out of it. */
export function fill(template: Json, scope: Scope): Json | undefined {
  if (typeof template === 'string') return fillText(template, scope)
  if (isArray(template)) return template.flatMap((each) => fill(each, scope) ?? [])
  if (!isObject(template)) return template
  if (typeof template['forEach'] === 'string') return fillEach(template, scope)
  const out: Record<string, Json> = {}
  for (const [key, value] of Object.entries(template)) {
    const filled = value === undefined ? undefined : fill(value, scope)
    if (filled !== undefined) out[key] = filled
  }
  return out
}

function fillText(text: string, scope: Scope): Json | undefined {
  const whole = WHOLE.exec(text)?.[1]
  if (whole !== undefined) return lookUp(whole, scope)
  return text.replaceAll(PART, (_, path: string) => {
    const values = lookUpAll(path, scope)
    return values.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))).join(' ')
  })
}

function fillEach(template: JsonObject, scope: Scope): Json {
  const items = lookUp(String(template['forEach']), scope)
  if (!isArray(items)) return []
  return items.flatMap((each, index) => {
    const variables = { ...scope.variables, each, index }
    return fill(template['value'] ?? null, { ...scope, variables }) ?? []
  })
}

function lookUp(path: string, scope: Scope): Json | undefined {
  return lookUpAll(path, scope)[0]
}

function lookUpAll(path: string, { object, variables }: Scope): Json[] {
  const [head = ''] = path.split(/[.[]/)
  const from = Object.hasOwn(variables, head) ? (variables as JsonObject) : object
  return readJsonPath(from, path)
}

/** Says whether an object has what a lifecycle wants. */
export function matches(
  match: Readonly<Record<string, Wanted>> | undefined,
  scope: Scope,
): boolean {
  return Object.entries(match ?? {}).every(([path, wanted]) => {
    const value = lookUp(path, scope) ?? null
    if (isObject(wanted) && wanted['not'] !== undefined)
      return !sameJson(value, filled(wanted['not'], scope))
    const want = filled(wanted as Json, scope)
    return isArray(want) ? want.some((each) => sameJson(each, value)) : sameJson(value, want)
  })
}

function filled(template: Json, scope: Scope): Json {
  return fill(template, scope) ?? null
}
