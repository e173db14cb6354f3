import { isArray, isObject, type Json, type LabelMatcher } from '../../object/index.ts'

const parsed = new WeakMap<object, LabelMatcher>()

/** A LabelSelector object (`matchLabels`, `matchExpressions`) as a matcher; none selects nothing. */
export function parseSelectorObject(selector: Json | undefined): LabelMatcher {
  if (!isObject(selector)) return () => false
  const known = parsed.get(selector)
  if (known !== undefined) return known
  const matcher = matcherOf(selector)
  parsed.set(selector, matcher)
  return matcher
}

/** A map of labels as a matcher: all of them have to be there. None selects nothing. */
export function parseLabels(labels: Json | undefined): LabelMatcher {
  if (!isObject(labels)) return () => false
  const wanted = Object.entries(labels)
  return (given) => wanted.every(([key, value]) => given?.[key] === value)
}

function matcherOf(selector: { readonly [key: string]: Json | undefined }): LabelMatcher {
  const labels = isObject(selector['matchLabels']) ? Object.entries(selector['matchLabels']) : []
  const expressions = isArray(selector['matchExpressions']) ? selector['matchExpressions'] : []
  return (given) => {
    const has = given ?? {}
    return (
      labels.every(([key, value]) => has[key] === value) &&
      expressions.every((each) => !isObject(each) || holds(each, has))
    )
  }
}

function holds(
  expression: { readonly [key: string]: Json | undefined },
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = labels[String(expression['key'])]
  const values = isArray(expression['values']) ? expression['values'] : []
  switch (expression['operator']) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    default:
      return false
  }
}

/** A selector as Go prints it. */
export function selectorText(selector: Json | undefined): string {
  if (!isObject(selector)) return 'nil'
  const { matchLabels, matchExpressions } = selector
  const labels = isObject(matchLabels) ? Object.entries(matchLabels) : []
  const sorted = labels.sort(([a], [b]) => (a < b ? -1 : 1))
  const list = (isArray(matchExpressions) ? matchExpressions : []).filter(isObject).map((each) => {
    const values = isArray(each['values']) ? each['values'] : []
    return `LabelSelectorRequirement{Key:${String(each['key'])},Operator:${String(each['operator'])},Values:[${values.join(' ')}],},`
  })
  return `&LabelSelector{MatchLabels:map[string]string{${sorted.map(([name, value]) => `${name}: ${String(value)},`).join('')}},MatchExpressions:[]LabelSelectorRequirement{${list.join('')}},}`
}
