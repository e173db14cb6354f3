const KINDS: Readonly<Record<string, string>> = {
  array: 'slice',
  bool: 'bool',
  number: 'int64',
  object: 'map',
  string: 'string',
}

/**
 * What a strategic merge patch is told whose result does not fit its type: it is not read from JSON
 * but converted value by value, with other words than those of Go's JSON.
 * @see k8s.io/apimachinery pkg/runtime/converter.go fromUnstructured (v0.36.3)
 */
export function restoring(message: string): string {
  const parts =
    /^json: cannot unmarshal (\w+)(?: (\S+))? into Go struct field \S+ of type (.+)$/.exec(message)
  if (parts === null) return message
  const [, found = '', number, type = ''] = parts
  const from = number?.includes('.') === true ? 'float64' : (KINDS[found] ?? found)
  if (type.startsWith('[]')) return `cannot restore slice from ${from}`
  if (type.startsWith('map[')) return `cannot restore map from ${from}`
  if (/\.[A-Z]/.test(type) && !ALIAS.test(type)) return `cannot restore struct from: ${from}`
  const to = ALIAS.test(type) ? 'string' : type
  if (from === 'float64' && to.startsWith('int')) return `cannot convert float64 to ${to}`
  // Go would make a letter of a whole number, so it looks convertible, and then is not.
  if (from === 'int64' && to === 'string') return `cannot convert int64 to ${type}`
  return `unrecognized type: ${to}`
}

/** Types that are texts with a name of their own. */
const ALIAS =
  /\.(?:\w*(?:Policy|Type|Mode|Phase|Protocol|Operator|Effect|Name|Affinity|Family|Scheme|Reason|Status|Action|UID|TerminationMessagePolicy|PullPolicy))$/
