import type { KubeObject } from '../object/index.ts'
import {
  type Attributes,
  callMutatingWebhooks,
  callValidatingWebhooks,
  hasWebhooks,
} from './admission/index.ts'
import type { Ask } from './ask.ts'
import type { Core } from './core.ts'
import type { Kind } from './kind.ts'
import { conformTo, withDefaults } from './pipeline.ts'
import { liveObject } from './read.ts'
import { conflict, MODIFIED } from './status.ts'
import {
  attributesOf,
  commitCreate,
  commitUpdate,
  draftCreate,
  draftUpdate,
  preparedCreate,
  preparedUpdate,
  storeCreated,
  storeUpdated,
  type Write,
  type Written,
} from './writes.ts'

/** Something now, or when webhooks have been asked. */
export type Soon<T> = T | Promise<T>

/** Goes on with a value when it is there: at once where nobody has to be waited for. */
export function whenThere<T, R>(value: Soon<T>, next: (value: T) => R): Soon<R> {
  return value instanceof Promise ? awaited(value, next) : next(value)
}

async function awaited<T, R>(value: Promise<T>, next: (value: T) => R): Promise<R> {
  return next(await value)
}

/** Creates an object with the consent of the webhooks. */
export function creating(core: Core, write: Write, body: KubeObject): Soon<Written> {
  const draft = draftCreate(core, write, body)
  return hasWebhooks(core)
    ? creatingWhenAsked(core, write, draft)
    : commitCreate(core, write, draft)
}

async function creatingWhenAsked(core: Core, write: Write, draft: KubeObject): Promise<Written> {
  const object = await callMutatingWebhooks(core, attributesOf(write, draft))
  const prepared = preparedCreate(core, write, settled(write.kind, object, draft))
  await callValidatingWebhooks(core, attributesOf(write, prepared))
  return storeCreated(core, write, prepared)
}

const TRIES = 5

/**
 * Replaces an object with the consent of the webhooks. While they are asked the object may change;
 * then the new state is computed once more from what it has become.
 */
export function updating(
  core: Core,
  ask: Ask,
  write: Write,
  compute: (live: KubeObject) => KubeObject,
): Soon<Written> {
  if (hasWebhooks(core)) return updatingWhenAsked(core, ask, { write, compute, tries: TRIES })
  const live = liveObject(core, ask)
  const next = compute(live)
  if (next === live) return { object: live, created: false, removed: false }
  return commitUpdate(core, write, live, draftUpdate(core, write, live, next))
}

async function updatingWhenAsked(
  core: Core,
  ask: Ask,
  at: {
    readonly write: Write
    readonly compute: (live: KubeObject) => KubeObject
    readonly tries: number
  },
): Promise<Written> {
  const { write, compute } = at
  const live = liveObject(core, ask)
  const draft = draftUpdate(core, write, live, compute(live))
  const object = await callMutatingWebhooks(core, attributesOf(write, draft, live))
  const prepared = preparedUpdate(core, write, live, settled(write.kind, object, draft))
  await callValidatingWebhooks(core, attributesOf(write, prepared, live))
  const { resourceVersion } = liveObject(core, ask).metadata
  if (resourceVersion === live.metadata.resourceVersion)
    return storeUpdated(core, write, live, prepared)
  if (at.tries <= 1) throw conflict(ask.kind, ask.name, MODIFIED)
  return updatingWhenAsked(core, ask, { ...at, tries: at.tries - 1 })
}

/** What webhooks changed gets the form and the defaults of its kind again. */
function settled(kind: Kind, object: KubeObject | undefined, draft: KubeObject): KubeObject {
  if (object === undefined || object === draft) return draft
  return withDefaults(kind, conformTo(kind, object).object)
}

/** Asks the webhooks about a deletion. */
export function consented(core: Core, attributes: Attributes): Soon<void> {
  if (!hasWebhooks(core)) return undefined
  return callMutatingWebhooks(core, attributes).then(() => callValidatingWebhooks(core, attributes))
}
