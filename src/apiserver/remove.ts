import type { KubeObject } from '../object/index.ts'
import { type Attributes, refuseUnadmitted } from './admission/index.ts'
import { consented, type Soon, whenThere } from './admitted.ts'
import type { Ask } from './ask.ts'
import type { Core } from './core.ts'
import { removeObject } from './delete-object.ts'
import { type Removal, removalOf } from './delete-options.ts'
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
  return {
    kind,
    subresource: '',
    operation: 'DELETE',
    namespace: kind.namespaced ? (old.metadata.namespace ?? namespace) : '',
    name: old.metadata.name ?? '',
    user,
    dryRun: removal.dryRun,
    object: undefined,
    old,
    warnings,
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

/** DELETE of a collection: every object selected. */
export function removeAll(core: Core, ask: Ask): Answer {
  const { kind } = ask
  const options = listOptions(kind, ask.query)
  const removal = removalOf(ask)
  warnOfPods(ask, removal)
  // It is listed in pages, so that a revision means that very one.
  const limit = options.limit === 0 ? Number.MAX_SAFE_INTEGER : options.limit
  const page = pageOf(core, kind, { namespace: ask.namespace, options: { ...options, limit } })
  for (const live of page.items) {
    refuseUnadmitted(core, removing(ask, live, removal))
    removeObject(core, kind, live, removal)
  }
  return answerJson(200, shapeList(core, kind, page, ask), {
    format: ask.accepted.format,
    warnings: ask.warnings,
  })
}
