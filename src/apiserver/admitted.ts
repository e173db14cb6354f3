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
import { resuming, type Soon } from './convert/convert.ts'
import type { Core } from './core.ts'
import { conformTo, withDefaults } from './pipeline.ts'
import { liveObject, storedAt } from './read.ts'
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

export type { Soon }

/** Goes on with a value when it is there: at once where nobody has to be waited for. */
export function whenThere<T, R>(value: Soon<T>, next: (value: T) => R): Soon<R> {
  if (!(value instanceof Promise)) return next(value)
  return awaited(value, resuming(), next)
}

async function awaited<T, R>(
  value: Promise<T>,
  resumed: ReturnType<typeof resuming>,
  next: (value: T) => R,
): Promise<R> {
  const given = await value
  return resumed(() => next(given))
}

/** Creates an object with the consent of the webhooks. */
export function creating(core: Core, write: Write, body: KubeObject): Soon<Written> {
  const draft = draftCreate(core, write, body)
  return hasWebhooks(core) || write.kind.custom?.conversion !== undefined
    ? creatingWhenAsked(core, write, draft)
    : commitCreate(core, write, draft)
}

async function creatingWhenAsked(core: Core, write: Write, draft: KubeObject): Promise<Written> {
  const resumed = resuming()
  const object = await callMutatingWebhooks(core, attributesOf(write, draft))
  const prepared = await resumed(() => preparedCreate(core, write, settled(write, object, draft)))
  await resumed(() => callValidatingWebhooks(core, attributesOf(write, prepared)))
  return resumed(() => storeCreated(core, write, prepared))
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
  if (hasWebhooks(core) || write.kind.custom?.conversion !== undefined)
    return updatingWhenAsked(core, ask, { write, compute, tries: TRIES })
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
  const resumed = resuming()
  const { live, draft } = await resumed(() => {
    const live = liveObject(core, ask)
    return { live, draft: draftUpdate(core, write, live, compute(live)) }
  })
  const asked = attributesOf(write, draft, live)
  const object = await resumed(() => callMutatingWebhooks(core, asked))
  const next =
    asked.speaks !== undefined && object !== undefined && asked.object !== undefined
      ? scaled(write.kind, draft, asked.object, object)
      : settled(write, object, draft)
  const prepared = await resumed(() => preparedUpdate(core, write, live, next))
  await resumed(() => callValidatingWebhooks(core, attributesOf(write, prepared, live)))
  const written = await resumed(() => {
    const { resourceVersion } = storedAt(core, ask).metadata
    if (resourceVersion !== live.metadata.resourceVersion) return undefined
    return storeUpdated(core, write, live, prepared)
  })
  if (written !== undefined) return written
  if (at.tries <= 1) throw conflict(ask.kind, ask.name, MODIFIED)
  return resumed(() => updatingWhenAsked(core, ask, { ...at, tries: at.tries - 1 }))
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
  const resumed = resuming()
  return callMutatingWebhooks(core, attributes).then(() =>
    resumed(() => callValidatingWebhooks(core, attributes)),
  )
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
  const resumed = resuming()
  const object = (await callMutatingWebhooks(core, attributes)) ?? given
  await resumed(() => refuseByPolicy(core, { ...attributes, object }))
  await resumed(() => callValidatingWebhooks(core, { ...attributes, object }))
  return object
}
