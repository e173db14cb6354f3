import { compareText } from '../../base/index.ts'
import { isObject, type Json, type KubeObject } from '../../object/index.ts'
import type { Store, StoreEvent } from '../store/store.ts'
import { followStore } from './follow-store.ts'
import { specOf } from './hands.ts'
import { parseLabels } from './label-selector.ts'

const SERVICES = 'services'
const PODS = 'pods'

/**
 * Pods by each of their labels, and Services by one label of their selector, kept up with the store: who
 * asks for those that fit looks at few.
 */
class LabelIndex {
  readonly #store: Store
  readonly #pods = new Map<string, Set<string>>()
  readonly #services = new Map<string, Set<string>>()

  constructor(store: Store) {
    this.#store = store
  }

  /** Takes in a change. */
  note({ table, type, key, object, previous }: StoreEvent): void {
    const [index, pairsOf] =
      table === PODS ? [this.#pods, labelPairs] : [this.#services, selectorPair]
    if (table !== PODS && table !== SERVICES) return
    const before = pairsOf(previous)
    const after = type === 'DELETED' ? [] : pairsOf(object)
    for (const pair of before) if (!after.includes(pair)) drop(index, pair, key)
    if (type === 'DELETED') for (const pair of pairsOf(object)) drop(index, pair, key)
    for (const pair of after) add(index, pair, key)
  }

  /** Keys of Services of a namespace that select what has these labels. */
  services(namespace: string, labels: KubeObject['metadata']['labels']): string[] {
    return Object.entries(labels ?? {}).flatMap(([name, value]) =>
      [...(this.#services.get(pairIn(namespace, name, value)) ?? [])].filter((key) => {
        const service = this.#store.get(SERVICES, key)
        return service !== undefined && parseLabels(specOf(service)['selector'])(labels)
      }),
    )
  }

  /** Pods of a namespace that have all the labels of a selector, by name. */
  pods(namespace: string, selector: Json | undefined): KubeObject[] {
    if (!isObject(selector)) return []
    const pairs = Object.entries(selector)
    const prefix = `${namespace}/`
    const sets = pairs.map(([name, value]) => this.#pods.get(pairIn(namespace, name, value)))
    const [fewest] = sets.map((set) => set ?? NONE).sort((a, b) => a.size - b.size)
    const keys = fewest === undefined ? this.#store.keys(PODS, prefix) : [...fewest]
    const matches = parseLabels(selector)
    return [...keys]
      .sort(compareText)
      .flatMap((key) => this.#store.get(PODS, key) ?? [])
      .filter((pod) => matches(pod.metadata.labels))
  }
}

const NONE: ReadonlySet<string> = new Set()

function pairIn(namespace: string, name: string, value: Json | undefined): string {
  return `${namespace} ${name}=${String(value)}`
}

function labelPairs(object: KubeObject | undefined): string[] {
  const { namespace = '', labels = {} } = object?.metadata ?? {}
  return Object.entries(labels).map(([name, value]) => pairIn(namespace, name, value))
}

function selectorPair(object: KubeObject | undefined): string[] {
  if (object === undefined) return []
  const { selector } = specOf(object)
  const [first] = isObject(selector) ? Object.entries(selector) : []
  return first === undefined ? [] : [pairIn(object.metadata.namespace ?? '', ...first)]
}

function add(index: Map<string, Set<string>>, pair: string, key: string): void {
  const keys = index.get(pair)
  if (keys === undefined) index.set(pair, new Set([key]))
  else keys.add(key)
}

function drop(index: Map<string, Set<string>>, pair: string, key: string): void {
  const keys = index.get(pair)
  keys?.delete(key)
  if (keys?.size === 0) index.delete(pair)
}

const known = new WeakMap<Store, LabelIndex>()

/** The index of a store: read once, and kept up with its changes from then on. */
export function labelIndexOf(store: Store): LabelIndex {
  const there = known.get(store)
  if (there !== undefined) return there
  const index = new LabelIndex(store)
  followStore(store, [PODS, SERVICES], (event) => index.note(event))
  known.set(store, index)
  return index
}
