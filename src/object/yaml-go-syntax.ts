import { compareText } from '../base/index.ts'

type Value = null | boolean | number | bigint | string | Value[] | { readonly [key: string]: Value }

/**
 * A value in Go's syntax, as `%#v` prints what its YAML libraries decode: both have words for faults
 * that quote it. Maps of the older one have keys of any type.
 */
export function goSyntax(value: Value, isOlder: boolean): string {
  if (value === null) return 'interface {}(nil)'
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : goFloat(value)
  if (typeof value !== 'object') return String(value)
  if (Array.isArray(value))
    return `[]interface {}{${value.map((item) => goSyntax(item, isOlder)).join(', ')}}`
  const entries = Object.keys(value)
    .sort(compareText)
    .map((key) => `${JSON.stringify(key)}:${goSyntax(value[key] ?? null, isOlder)}`)
  return `map[${isOlder ? 'interface {}' : 'string'}]interface {}{${entries.join(', ')}}`
}

/** A float as Go's `%g` writes it: `1e+06`, `1.5`, `1e-07`. */
export function goFloat(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const [mantissa = '', power = '0'] = value.toExponential().split('e')
  const exponent = Number(power)
  if (exponent >= -4 && exponent < 6) return String(value)
  const size = String(Math.abs(exponent)).padStart(2, '0')
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${size}`
}
