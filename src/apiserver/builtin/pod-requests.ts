import type { Json, JsonObject } from '../../object/index.ts'
import { parseQuantity } from '../../schema/index.ts'
import { at, items, text } from './check.ts'

/**
 * What the containers of a pod ask for together, at any time of its life; undefined where none of them
 * asks. As text in the words of the one that asks for that much, where there is one.
 * @see k8s.io/component-helpers resource/helpers.go AggregateContainerRequests (v0.36.3)
 */
export function requestsOf(
  spec: JsonObject,
  name: string,
): { readonly nanos: bigint; readonly text: string } | undefined {
  const asked = (container: JsonObject): Json | undefined =>
    at(at(container, 'resources'), 'requests')[name]
  const given: Json[] = []
  const nanos = (container: JsonObject): bigint => {
    const value = asked(container)
    if (value === undefined) return 0n
    given.push(value)
    return nanosOf(value)
  }
  let running = items(spec, 'containers').reduce((sum, each) => sum + nanos(each), 0n)
  let beside = 0n
  let most = 0n
  for (const container of items(spec, 'initContainers')) {
    const own = nanos(container)
    if (text(container, 'restartPolicy') === 'Always') {
      running += own
      beside += own
      most = beside > most ? beside : most
    } else if (own + beside > most) most = own + beside
  }
  const total = running > most ? running : most
  if (given.length === 0) return undefined
  const single = given.find((value) => nanosOf(value) === total)
  return { nanos: total, text: single === undefined ? inUnits(total, name) : String(single) }
}

const NANO = 1_000_000_000n

function inUnits(nanos: bigint, name: string): string {
  if (nanos % NANO === 0n) return inBytes(nanos / NANO, name)
  return `${nanos / 1_000_000n}m`
}

/** Sums of bytes keep the unit of powers of two, as long as they are whole in it. */
function inBytes(value: bigint, name: string): string {
  if (name === 'cpu') return String(value)
  const units = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
  let at = 0
  let left = value
  while (left !== 0n && left % 1024n === 0n && at + 1 < units.length) {
    left /= 1024n
    at += 1
  }
  return `${left}${units[at]}`
}

/** An amount in billionths. */
export function nanosOf(value: Json | undefined): bigint {
  return parseQuantity(String(value))?.nanos ?? 0n
}
