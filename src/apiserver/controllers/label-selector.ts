import { isArray, isObject, type Json, type LabelMatcher } from '../../object/index.ts'

/** A LabelSelector object (`matchLabels`, `matchExpressions`) as a matcher; none selects nothing. */
export function parseSelectorObject(selector: Json | undefined): LabelMatcher {
  if (!isObject(selector)) return () => false
  const labels = isObject(selector['matchLabels']) ? selector['matchLabels'] : {}
  const expressions = isArray(selector['matchExpressions']) ? selector['matchExpressions'] : []
  return (given) => {
    const has = given ?? {}
    return (
      Object.entries(labels).every(([key, value]) => has[key] === value) &&
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
