import { goFact } from './go-facts.ts'
import type { SchemaType } from './type.ts'

/** A value that does not fit its field. */
export interface Mismatch {
  readonly path: string
  /** The words of Go's decoder (`json: cannot unmarshal string into Go struct field … of type int32`). */
  readonly message: string
  /** The words of Go's conversion of maps into structs, which says less; '' where it goes well. */
  readonly restoring: string
  /** The decoder stops here: what is wrong elsewhere is not told. */
  readonly isLast: boolean
}

/** The one of several that the decoder tells: it stops at some, and of the others tells the first. */
export function told(mismatches: readonly Mismatch[]): Mismatch | undefined {
  return mismatches.find(({ isLast }) => isLast) ?? mismatches[0]
}

/** Where the walk is; written out only when there is something to say. */
export interface Spot {
  readonly up?: Spot
  /** The field, key or index that leads here. */
  readonly step?: string | number | undefined
  /** The struct whose field this is; Go's decoder names it. */
  readonly struct: SchemaType
  /** The struct that stands here, once that is known. */
  readonly inner?: SchemaType | undefined
  /** The step is a key of a map, which Go's decoder does not name. */
  readonly isKey?: boolean
}

/** `spec.containers[0].name`. */
export function pathOf(spot: Spot): string {
  if (spot.up === undefined || spot.step === undefined) return ''
  const before = pathOf(spot.up)
  if (typeof spot.step === 'number') return `${before}[${spot.step}]`
  return before === '' ? spot.step : `${before}.${spot.step}`
}

/** The steps from the top to a spot. */
export function stepsTo(spot: Spot): (string | number)[] {
  const steps: (string | number)[] = []
  for (let at: Spot | undefined = spot; at !== undefined; at = at.up)
    if (at.step !== undefined) steps.unshift(at.step)
  return steps
}

/** `Container.spec.containers.name`: the field as Go's decoder names it. */
export function fieldOf(spot: Spot): string {
  const struct = spot.struct.name?.split('.').at(-1) ?? ''
  const steps: string[] = []
  for (let at: Spot | undefined = spot; at !== undefined; at = at.up)
    if (typeof at.step === 'string' && at.isKey !== true) steps.unshift(...stepsOf(at, at.step))
  return `${struct}.${steps.join('.')}`
}

function stepsOf(spot: Spot, step: string): readonly string[] {
  const via = goFact(spot.struct.name, step)?.via ?? ''
  return via === '' ? [step] : [...via.split('.'), step]
}

const GO_SCALARS: Readonly<Record<string, string>> = {
  int32: 'int32',
  int64: 'int64',
  double: 'float64',
  time: 'string',
  microtime: 'string',
  bytes: '[]uint8',
  'int-or-string': 'int32',
}

/** What Go calls the type at a spot: `v1.Protocol`, `[]v1.Container`, `map[string]string`. */
export function goTypeAt(spot: Spot, type: SchemaType): string {
  let depth = 0
  let at: Spot | undefined = spot
  while (at !== undefined && (typeof at.step === 'number' || at.isKey === true)) {
    depth += 1
    at = at.up
  }
  const named = typeof at?.step === 'string' ? goFact(at.struct.name, at.step)?.type : undefined
  const inner = named === undefined ? '' : inside(named, depth)
  return inner === '' ? goType(type) : inner
}

/** What the items of lists and maps are, some levels down; '' when the name does not tell. */
function inside(named: string, depth: number): string {
  let rest = named
  for (let i = 0; i < depth; i += 1) {
    const next = /^(?:\[\]|map\[[\w.]+\])(.*)$/.exec(rest)?.[1]
    if (next === undefined) return ''
    rest = next
  }
  return rest
}

/** What Go calls a type that its name or form tells. */
function goType(type: SchemaType): string {
  if (type.format !== undefined && GO_SCALARS[type.format] !== undefined)
    return GO_SCALARS[type.format] ?? ''
  if (type.name !== undefined) return type.name.split('.').slice(-2).join('.')
  if (type.scalar === 'boolean') return 'bool'
  if (type.scalar === 'untyped') return 'interface {}'
  if (type.scalar === 'string') return 'string'
  if (type.list !== undefined) return `[]${goType(type.list.element)}`
  const element = type.map?.element
  if (element?.format === 'quantity') return 'v1.ResourceList'
  return element === undefined ? 'string' : `map[string]${goType(element)}`
}
