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
  readonly step?: string | number
  /** The struct that Go's decoder would name. */
  readonly struct: SchemaType
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
    if (typeof at.step === 'string' && at.isKey !== true) steps.unshift(at.step)
  return `${struct}.${steps.join('.')}`
}
