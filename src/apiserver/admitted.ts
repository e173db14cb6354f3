import type { KubeObject, ObjectMeta } from '../object/index.ts'
import {
  type Attributes,
  callMutatingWebhooks,
  callValidatingWebhooks,
  hasWebhooks,
  mutatedByPolicies,
  refuseByPolicy,
} from './admission/index.ts'
import type { Ask } from './ask.ts'
import type { Core } from './core.ts'
import { conformTo, withDefaults } from './pipeline.ts'
import { liveObject } from './read.ts'
import { scaled } from './scale.ts'
import { conflict, MODIFIED } from './status.ts'
import { attributesOf, type Write } from './write.ts'
import {
  commitCreate,
  commitUpdate,
  draftCreate,
  draftUpdate,
  preparedCreate,
  preparedUpdate,
  storeCreated,
  storeUpdated,
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
  const prepared = preparedCreate(core, write, settled(write, object, draft))
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
  const asked = attributesOf(write, draft, live)
  const object = await callMutatingWebhooks(core, asked)
  const next =
    asked.speaks !== undefined && object !== undefined && asked.object !== undefined
      ? scaled(write.kind, draft, asked.object, object)
      : settled(write, object, draft)
  const prepared = preparedUpdate(core, write, live, next)
  await callValidatingWebhooks(core, attributesOf(write, prepared, live))
  const { resourceVersion } = liveObject(core, ask).metadata
  if (resourceVersion === live.metadata.resourceVersion)
    return storeUpdated(core, write, live, prepared)
  if (at.tries <= 1) throw conflict(ask.kind, ask.name, MODIFIED)
  return updatingWhenAsked(core, ask, { ...at, tries: at.tries - 1 })
}

/** What webhooks changed gets the form and the defaults of its kind again. */
function settled(write: Write, object: KubeObject | undefined, draft: KubeObject): KubeObject {
  if (object === undefined || object === draft) return draft
  const { kind } = write
  const formed = withDefaults(kind, conformTo(kind, object).object)
  const problem = managedProblem(formed.metadata.managedFields)
  if (problem === undefined) return formed
  write.warnings?.push(
    `.metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: ${problem}`,
  )
  const { managedFields } = draft.metadata
  const { managedFields: _, ...metadata } = formed.metadata
  return {
    ...formed,
    metadata: { ...metadata, ...(managedFields === undefined ? {} : { managedFields }) },
  }
}

/** @see k8s.io/apimachinery pkg/util/managedfields/internal/managedfields.go (v0.36.3) */
function managedProblem(entries: ObjectMeta['managedFields'] = []): string | undefined {
  for (const { operation, fieldsType } of entries) {
    if (operation !== 'Apply' && operation !== 'Update')
      return 'operation must be `Apply` or `Update`'
    if (fieldsType !== 'FieldsV1') return 'fieldsType must be `FieldsV1`'
  }
  return undefined
}

/** Asks the webhooks about a deletion. */
export function consented(core: Core, attributes: Attributes): Soon<void> {
  if (!hasWebhooks(core)) return undefined
  return callMutatingWebhooks(core, attributes).then(() => callValidatingWebhooks(core, attributes))
}

/**
 * Asks policies and webhooks about what is never stored: a part of an object that is made, a
 * connection, a question. Answers what they made of it.
 * @throws StatusFault
 */
export function consulted(core: Core, attributes: Attributes): Soon<KubeObject> {
  const { object } = attributes
  if (object === undefined) throw new TypeError('nothing to ask about')
  const next = mutatedByPolicies(core, attributes, object)
  if (!hasWebhooks(core)) {
    refuseByPolicy(core, { ...attributes, object: next })
    return next
  }
  return consultedWebhooks(core, { ...attributes, object: next }, next)
}

async function consultedWebhooks(
  core: Core,
  attributes: Attributes,
  given: KubeObject,
): Promise<KubeObject> {
  const object = (await callMutatingWebhooks(core, attributes)) ?? given
  refuseByPolicy(core, { ...attributes, object })
  await callValidatingWebhooks(core, { ...attributes, object })
  return object
}
