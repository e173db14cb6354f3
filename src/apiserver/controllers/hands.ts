import { compareText, invariant } from '../../base/index.ts'
import { type Json, type JsonObject, type KubeObject, sameJson } from '../../object/index.ts'
import { converted } from '../convert/convert.ts'
import { type Core, SYSTEM_USER } from '../core.ts'
import { removeObject } from '../delete-object.ts'
import type { Removal } from '../delete-options.ts'
import { type Kind, keyOf } from '../kind.ts'
import { StatusFault } from '../status.ts'
import type { StoreEvent } from '../store/store.ts'
import { createObject, replaceObject } from '../writes.ts'
import { askAbout } from './asked-pods.ts'
import { ownersIn } from './owners.ts'

/** How controllers read and write: through the same verbs as everybody, in the server's name. */
export interface Hands {
  readonly core: Core
  kind(group: string, kind: string): Kind
  get(kind: Kind, namespace: string, name: string): KubeObject | undefined
  list(kind: Kind, namespace?: string): KubeObject[]
  /** Objects of a kind that name another one of their namespace as an owner, in order. */
  dependents(kind: Kind, owner: KubeObject): KubeObject[]
  /** Creates an object; one that is there already is answered as it is. */
  create(kind: Kind, body: KubeObject): KubeObject
  /**
   * Creates a pod, and tells it when it is made: at once, or when webhooks have consented.
   * @throws AskedWebhooks while they are asked
   */
  createPod(body: KubeObject, made: (pod: KubeObject) => void): void
  update(kind: Kind, live: KubeObject, next: KubeObject, subresource?: string): KubeObject
  /** Replaces `status`, unless it is the same already. */
  setStatus(kind: Kind, live: KubeObject, status: unknown): KubeObject
  remove(kind: Kind, live: KubeObject, removal?: Partial<Removal>): void
  /** The same hands under another name in managedFields. */
  as(manager: string): Hands
}

/**
 * Hands of a controller that is known in managedFields by a name. Webhooks are asked about the pods that
 * it makes, unless `asksWebhooks` is false.
 */
export function handsOf(core: Core, manager: string, asksWebhooks = true): Hands {
  const write = (kind: Kind, object: KubeObject, subresource = '') => ({
    kind,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name ?? '',
    subresource,
    manager,
    user: SYSTEM_USER,
    dryRun: false,
  })
  const get = (kind: Kind, namespace: string, name: string): KubeObject | undefined => {
    const stored = core.store.get(kind.table, keyOf(kind, namespace, name))
    return stored === undefined ? undefined : converted(stored, kind)
  }
  const update: Hands['update'] = (kind, live, next, subresource = '') =>
    replaceObject(core, write(kind, live, subresource), live, next).object
  const kindOf: Hands['kind'] = (group, name) => {
    const found = core.registry.byKind(group, name)
    invariant(found !== undefined, `controllers know only built-in kinds, not ${name}`)
    return found
  }
  const create: Hands['create'] = (kind, body) => {
    try {
      return createObject(core, write(kind, body), body).object
    } catch (error) {
      const { namespace = '', name = '' } = body.metadata
      const there =
        error instanceof StatusFault && error.code === 'AlreadyExists'
          ? get(kind, namespace, name)
          : undefined
      if (there === undefined) throw error
      return there
    }
  }
  return {
    core,
    get,
    update,
    kind: kindOf,
    create,
    createPod: (body, made) => {
      const kind = kindOf('', 'Pod')
      if (asksWebhooks) askAbout(core, write(kind, body), { body, made })
      made(create(kind, body))
    },
    list: (kind, namespace = '') =>
      core.store
        .list(kind.table, namespace === '' ? '' : `${namespace}/`)
        .map((stored) => converted(stored, kind)),
    dependents: (kind, owner) => {
      const { namespace = '', uid = '' } = owner.metadata
      return ownersIn(core.store)
        .dependents(uid)
        .filter(({ table, key }) => table === kind.table && key.startsWith(`${namespace}/`))
        .map(({ key }) => key)
        .sort(compareText)
        .flatMap((key) => core.store.get(kind.table, key) ?? [])
        .map((stored) => converted(stored, kind))
    },
    setStatus: (kind, live, status) =>
      sameJson((live['status'] ?? null) as Json, status as Json)
        ? live
        : update(kind, live, { ...live, status }, 'status'),
    remove: (kind, live, removal) => {
      removeObject(core, kind, live, { propagation: 'Background', dryRun: false, ...removal })
    },
    as: (name) => handsOf(core, name, asksWebhooks),
  }
}

/** One controller: which changes concern which keys, and what to do about a key. */
export interface Controller {
  readonly name: string
  /** The tables of which it is told changes; absent: all. */
  readonly tables?: readonly string[]
  /** The keys to look at after a change; none when it does not concern this controller. */
  concerns(event: StoreEvent): readonly string[]
  /** Looks at one key; answers in how many milliseconds to look again, if at all. */
  sync(key: string): number | undefined
}

/** `spec` of an object. */
export function specOf(object: KubeObject): JsonObject {
  return (object['spec'] ?? {}) as JsonObject
}

/** `status` of an object. */
export function statusOf(object: KubeObject): JsonObject {
  return (object['status'] ?? {}) as JsonObject
}

/** A number in a JSON object, or what stands for it when it is absent. */
export function numberIn(value: JsonObject, key: string, otherwise: number): number {
  const found = value[key]
  return typeof found === 'number' ? found : otherwise
}
