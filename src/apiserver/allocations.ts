import type { KubeObject } from '../object/index.ts'
import { allocationsOf } from './builtin/index.ts'
import type { Store } from './store/store.ts'

const SERVICES = 'services'

/** What Services hold in the whole cluster, each with the key of its holder. */
export interface Allocations {
  readonly ips: ReadonlyMap<string, string>
  readonly ports: ReadonlyMap<number, string>
}

interface Held {
  readonly ips: Map<string, string>
  readonly ports: Map<number, string>
}

const known = new WeakMap<Store, Held>()

/** The allocations of a store: read once, and kept up with its changes from then on. */
export function allocationsIn(store: Store): Allocations {
  const there = known.get(store)
  if (there !== undefined) return there
  const held: Held = { ips: new Map(), ports: new Map() }
  for (const key of store.keys(SERVICES)) take(held, key, store.get(SERVICES, key))
  store.subscribe(SERVICES, ({ type, key, object, previous }) => {
    release(held, key, previous)
    if (type !== 'DELETED') take(held, key, object)
  })
  known.set(store, held)
  return held
}

function take({ ips, ports }: Held, key: string, service: KubeObject | undefined): void {
  if (service === undefined) return
  const own = allocationsOf(service)
  for (const ip of own.ips) ips.set(ip, key)
  for (const port of own.ports) ports.set(port, key)
}

function release({ ips, ports }: Held, key: string, service: KubeObject | undefined): void {
  if (service === undefined) return
  const own = allocationsOf(service)
  for (const ip of own.ips) if (ips.get(ip) === key) ips.delete(ip)
  for (const port of own.ports) if (ports.get(port) === key) ports.delete(port)
}
