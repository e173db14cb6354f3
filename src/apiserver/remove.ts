import type { KubeObject } from '../object/index.ts'
import { type Attributes, hasWebhooks, refuseUnadmitted } from './admission/index.ts'
import { consented, type Soon, whenThere } from './admitted.ts'
import type { Ask } from './ask.ts'
import { listed, resuming } from './convert/convert.ts'
import type { Core } from './core.ts'
import { removeObject } from './delete-object.ts'
import { type Removal, removalOf } from './delete-options.ts'
import { keyOf } from './kind.ts'
import { listOptions } from './list-options.ts'
import { liveObject } from './read.ts'
import { pageOf } from './store/pages.ts'
import { isReturned } from './update-rules.ts'
import { type Answer, answerJson } from './wire/respond.ts'
import { shapeList, shapeObject } from './wire/shape.ts'

/** DELETE of one object. */
export function remove(core: Core, ask: Ask): Soon<Answer> {
  const removal = removalOf(ask)
  warnOfPods(ask, removal)
  const attributes = removing(ask, liveObject(core, ask), removal)
  return whenThere(consented(core, attributes), () => removeLive(core, ask, removal))
}

/** Jobs are the one kind that people delete whose dependents stay unless they say. */
function warnOfPods({ kind, warnings }: Ask, { propagation }: Removal): void {
  if (kind.table === 'jobs.batch' && propagation === undefined) warnings.push(PODS_STAY)
}

const PODS_STAY =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning'

/** A deletion as admission sees it. */
function removing(ask: Ask, old: KubeObject, removal: Removal): Attributes {
  const { kind, namespace, user, warnings } = ask
  const { options } = removal
  return {
    kind,
    subresource: '',
    operation: 'DELETE',
    namespace: kind.namespaced ? (old.metadata.namespace ?? namespace) : '',
    // Of a collection no name was asked for.
    name: ask.name,
    user,
    dryRun: removal.dryRun,
    object: undefined,
    old,
    warnings,
    ...(options === undefined ? {} : { options }),
  }
}

function removeLive(core: Core, ask: Ask, removal: Removal): Answer {
  const { kind } = ask
  const live = liveObject(core, ask)
  refuseUnadmitted(core, removing(ask, live, removal))
  const { object, gone } = removeObject(core, kind, live, removal)
  if (!gone || isReturned(kind))
    return answerJson(
      !gone && removal.isOldCascade ? 202 : 200,
      shapeObject(core, kind, object, ask),
      {
        format: ask.accepted.format,
        warnings: ask.warnings,
      },
    )
  const details = {
    name: ask.name,
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.plural,
    uid: live.metadata.uid ?? '',
  }
  return answerJson(
    200,
    { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details },
    { format: ask.accepted.format, warnings: ask.warnings },
  )
}

/** DELETE of a collection: every object selected; the first that is refused ends it. */
export function removeAll(core: Core, ask: Ask): Soon<Answer> {
  const { kind } = ask
  const options = listOptions(kind, ask.query)
  const removal = removalOf(ask)
  warnOfPods(ask, removal)
  // It is listed in pages, so that a revision means that very one.
  const limit = options.limit === 0 ? Number.MAX_SAFE_INTEGER : options.limit
  const page = pageOf(core, kind, { namespace: ask.namespace, options: { ...options, limit } })
  const { items } = page
  const answer = (): Answer =>
    answerJson(200, shapeList(core, kind, page, ask), {
      format: ask.accepted.format,
      warnings: ask.warnings,
    })
  if (hasWebhooks(core) || kind.custom?.conversion !== undefined)
    return removeEachWhenAsked(core, ask, { items, removal }).then(answer)
  for (const { metadata } of items) {
    // A list of an older revision may tell what is gone, or was changed since.
    const key = keyOf(kind, metadata.namespace ?? '', metadata.name ?? '')
    const stored = core.store.get(kind.table, key)
    if (stored === undefined) continue
    const live = listed(stored, kind)
    refuseUnadmitted(core, removing(ask, live, removal))
    removeObject(core, kind, live, removal)
  }
  return answer()
}

async function removeEachWhenAsked(
  core: Core,
  ask: Ask,
  { items, removal }: { readonly items: readonly KubeObject[]; readonly removal: Removal },
): Promise<void> {
  const resumed = resuming()
  for (const live of items) {
    const attributes = removing(ask, live, removal)
    await resumed(() => consented(core, attributes))
    await resumed(() => refuseUnadmitted(core, attributes))
    const { name = '', namespace = '' } = live.metadata
    const stored = core.store.get(ask.kind.table, keyOf(ask.kind, namespace, name))
    // It may be gone, or another, by the time that webhooks have answered.
    if (stored?.metadata.uid === live.metadata.uid && stored !== undefined)
      await resumed(() => removeObject(core, ask.kind, listed(stored, ask.kind), removal))
  }
}
