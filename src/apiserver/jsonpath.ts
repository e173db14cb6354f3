import { isArray, isObject, type Json, sameJson } from '../object/index.ts'

type Step =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'all' }
  | {
      readonly kind: 'filter'
      readonly path: string
      readonly operator: string
      readonly value: Json | undefined
    }

/**
 * Values at a path as printer columns write it: `.a.b`, `['k']`, `[0]`, `[*]` and
 * `[?(@.type=="Ready")]`; keys escape dots by a backslash.
 */
export function readJsonPath(value: Json, path: string): Json[] {
  let found: Json[] = [value]
  for (const step of stepsOf(path)) found = found.flatMap((each) => take(each, step))
  return found
}

function take(value: Json, step: Step): Json[] {
  switch (step.kind) {
    case 'key': {
      const child = isObject(value) && Object.hasOwn(value, step.key) ? value[step.key] : undefined
      return child === undefined ? [] : [child]
    }
    case 'index': {
      if (!isArray(value)) return []
      const child = value.at(step.index)
      return child === undefined ? [] : [child]
    }
    case 'all':
      if (isArray(value)) return [...value]
      return isObject(value) ? Object.values(value).flatMap((child) => child ?? []) : []
    case 'filter':
      return isArray(value) ? value.filter((child) => passes(child, step)) : []
  }
}

function passes(value: Json, step: Extract<Step, { kind: 'filter' }>): boolean {
  const [left] = readJsonPath(value, step.path)
  if (step.operator === '') return left !== undefined
  if (left === undefined) return false
  if (step.operator === '==') return sameJson(left, step.value)
  if (step.operator === '!=') return !sameJson(left, step.value)
  const [a, b] = [Number(left), Number(step.value)]
  if (step.operator === '<') return a < b
  if (step.operator === '>') return a > b
  return step.operator === '<=' ? a <= b : a >= b
}

const TOKEN =
  /\.?\[\?\(@(?<filter>[^=!<>)]*?)\s*(?:(?<operator>==|!=|<=|>=|<|>)\s*(?<value>"(?:[^"\\]|\\.)*"|'[^']*'|[^)]*?))?\s*\)\]|\.?\['(?<quoted>[^']*)'\]|\.?\["(?<double>[^"]*)"\]|\.?\[(?<index>-?\d+)\]|\.?\[\*\]|\.\*|\.(?<key>(?:\\.|[^.[\]\\])+)/y

function stepsOf(path: string): Step[] {
  const text = path.replace(/^\{|\}$/g, '').replace(/^\$/, '')
  const body = /^[.[]/.test(text) ? text : `.${text}`
  const steps: Step[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < body.length) {
    const match = TOKEN.exec(body)
    if (match === null) break
    steps.push(stepOf(match.groups ?? {}))
  }
  return steps
}

function stepOf(groups: Readonly<Record<string, string | undefined>>): Step {
  const { filter, operator, value, quoted, double, index, key } = groups
  if (filter !== undefined)
    return { kind: 'filter', path: filter, operator: operator ?? '', value: literal(value) }
  if (quoted !== undefined) return { kind: 'key', key: quoted }
  if (double !== undefined) return { kind: 'key', key: double }
  if (index !== undefined) return { kind: 'index', index: Number(index) }
  if (key !== undefined) return { kind: 'key', key: key.replaceAll(/\\(.)/g, '$1') }
  return { kind: 'all' }
}

function literal(text: string | undefined): Json | undefined {
  if (text === undefined) return undefined
  if (text.startsWith("'")) return text.slice(1, -1)
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}
