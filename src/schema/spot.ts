import type { SchemaType } from './type.ts'

/** A value that does not fit its field. */
export interface Mismatch {
  readonly path: string
  /** The words of Go's decoder (`json: cannot unmarshal string into Go struct field … of type int32`). */
  readonly message: string
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

/** `Container.spec.containers.name`: the field as Go's decoder names it. */
export function fieldOf(spot: Spot): string {
  const struct = spot.struct.name?.split('.').at(-1) ?? ''
  const steps: string[] = []
  for (let at: Spot | undefined = spot; at !== undefined; at = at.up)
    if (typeof at.step === 'string' && at.isKey !== true) steps.unshift(...stepsOf(at, at.step))
  return `${struct}.${steps.join('.')}`
}

/** Structs whose fields are those of another by inheritance: the decoder names that one too. */
const INHERITED: Readonly<Record<string, readonly [string, readonly string[] | 'others']>> = {
  Probe: ['ProbeHandler', ['exec', 'httpGet', 'tcpSocket', 'grpc']],
  Volume: ['VolumeSource', 'others'],
  IngressRule: ['IngressRuleValue', ['http']],
}

function stepsOf(spot: Spot, step: string): readonly string[] {
  const [parent, fields] = INHERITED[spot.struct.name?.split('.').at(-1) ?? ''] ?? ['', []]
  const inherits = fields === 'others' ? step !== 'name' : fields.includes(step)
  return inherits ? [parent, step] : [step]
}

const GO_SCALARS: Readonly<Record<string, string>> = {
  int32: 'int32',
  int64: 'int64',
  double: 'float64',
  time: 'time.Time',
  microtime: 'time.Time',
  bytes: '[]uint8',
  'int-or-string': 'int32',
}

/** What Go calls a type: `[]v1.Container`, `map[string]string`. */
export function goType(type: SchemaType): string {
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
