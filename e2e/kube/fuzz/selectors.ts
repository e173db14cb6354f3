import type { Draw } from './values.ts'

const KEYS = ['l', 'k', 'x.io/n', 'own']
const ODD_KEYS = [
  '',
  '-x',
  'a/b/c',
  'x.io/',
  '/x',
  'in',
  'notin',
  'A b',
  'é',
  'a'.repeat(64),
  '!',
  '!l',
]
const VALUES = ['1', '2', '', '10', 'abc']
const ODD_VALUES = ['-1', 'a b', 'é', 'a'.repeat(64), '(', 'in', '1)', '=', 'a/b', '5.5', '+3', '_']

/** A label selector: every operator, now and then one that can not be read. */
export function labelSelector(draw: Draw): string {
  const parts = [requirement(draw)]
  while (draw.below(4) === 0) parts.push(requirement(draw))
  return parts.join(draw.of([',', ',', ',', ', ', ' ,', ',,', ' ']))
}

function requirement(draw: Draw): string {
  const key = draw.below(8) === 0 ? draw.of(ODD_KEYS) : draw.of(KEYS)
  const value = (): string => (draw.below(8) === 0 ? draw.of(ODD_VALUES) : draw.of(VALUES))
  const space = draw.of(['', '', '', ' '])
  const list = `(${[value(), value()].slice(draw.below(2)).join(draw.of([',', ',', ' , ', ' ']))})`
  return draw.of([
    () => `${key}${space}=${space}${value()}`,
    () => `${key}==${value()}`,
    () => `${key}!=${value()}`,
    () => `${key} in ${list}`,
    () => `${key} notin${space}${list}`,
    () => key,
    () => `!${space}${key}`,
    () => `${key}>${value()}`,
    () => `${key}<${value()}`,
    () =>
      draw.of([
        `${key} in`,
        `${key} in (`,
        `${key} in ()`,
        `${key}===1`,
        `${key}=!1`,
        `${key} exists`,
        `(${key})`,
        `${key}=(1)`,
        `in in (in)`,
        `${key} gt 1`,
        `!${key}=1`,
        `${key} in (1`,
        `${key},in (a)`,
      ]),
  ])()
}

/** A field selector over what a kind offers, now and then over what it does not. */
export function fieldSelector(
  draw: Draw,
  fields: Readonly<Record<string, readonly string[]>>,
): string {
  const parts = [fieldRequirement(draw, fields)]
  while (draw.below(4) === 0) parts.push(fieldRequirement(draw, fields))
  return parts.join(draw.of([',', ',', ',', ',,', ', ']))
}

const ODD_FIELDS = [
  'spec.nonsense',
  'metadata.labels',
  'metadata.uid',
  '',
  'status.phase',
  'spec.nodeName',
  'METADATA.NAME',
  ' metadata.name',
  'reason',
]

function fieldRequirement(draw: Draw, fields: Readonly<Record<string, readonly string[]>>): string {
  const known = Object.keys(fields)
  const field =
    draw.below(8) === 0
      ? draw.of(ODD_FIELDS)
      : draw.of(['metadata.name', 'metadata.namespace', ...known, ...known])
  const common = { 'metadata.name': ['a', 'b', 'zz'], 'metadata.namespace': ['{ns}', 'zz'] }
  const values = { ...common, ...fields }[field] ?? ['x']
  const value =
    draw.below(10) === 0 ? draw.of(['\\,', '\\=a', '\\', 'a\\b', '=', 'a b', '']) : draw.of(values)
  return draw.of([
    () => `${field}=${value}`,
    () => `${field}=${value}`,
    () => `${field}==${value}`,
    () => `${field}!=${value}`,
    () =>
      draw.of([
        field,
        `!${field}`,
        `${field} in (${value})`,
        `${field}>${value}`,
        `${field} = ${value}`,
      ]),
  ])()
}
