import type { InventoryEntry } from '../../api/index.ts'
import { pool } from '../../base/index.ts'
import {
  type Cluster,
  fieldAt,
  gvkOf,
  idOf,
  idText,
  isApiFault,
  type KubeObject,
} from '../../object/index.ts'
import {
  compileIgnore,
  FIELD_MANAGER,
  parseStageKinds,
  type Stage,
  stagesOf,
  widenInventory,
} from '../../plan/index.ts'
import { auditWrite } from './audit-writes.ts'
import type { BuiltSet } from './build-cache.ts'
import type { Run } from './context.ts'
import { failed } from './ending.ts'
import { type Action, type Examiner, examine, Refused, refOf, refusalOf } from './examine.ts'
import { waitForHealth } from './health-wait.ts'
import { filesText } from './object-files.ts'
import { emit, writeStatus } from './record.ts'
import { digestOf } from './seen.ts'
import { isTrouble } from './troubles.ts'

const STAGE_TIMEOUT_MS = 60_000
const NEW_KIND_TRIES_MAX = 10
const NEW_KIND_WAIT_MS = 100
const GONE_WAIT_MS = 100

/** The state of an apply under way. */
interface Apply {
  readonly run: Run
  readonly examiner: Examiner
  readonly set: BuiltSet
  readonly old: readonly InventoryEntry[]
  readonly digestOf: ReadonlyMap<KubeObject, string>
  readonly done: Action[]
  /** What is, or may be, in the cluster by now: what it said no to is not. */
  readonly made: InventoryEntry[]
  /** What is, or is about to be, in the cluster. */
  attempted: readonly InventoryEntry[]
}

/**
 * Applies the objects stage by stage. All of a stage is examined before its first write, and every
 * refusal is reported; the inventory in the status covers what is about to be created before it is.
 * @throws RunEnd ReconciliationFailed
 */
export async function applyAll(
  run: Run,
  cluster: Cluster,
  set: BuiltSet,
): Promise<readonly Action[]> {
  const old = run.draft.status.inventory?.entries ?? []
  const apply: Apply = {
    run,
    set,
    old,
    examiner: {
      run,
      cluster,
      ignore: compileIgnore(run.object.spec.ignore),
      tracked: new Set(old.map(({ id }) => id)),
    },
    digestOf: digestsOf(run, set),
    done: [],
    made: [],
    attempted: old,
  }
  const custom = parseStageKinds(run.context.options.customApplyStageKinds)
  for (const stage of stagesOf(set.objects, custom)) await applyStage(apply, stage)
  reportChanges(run, apply.done)
  return apply.done
}

/** What is as applied may have drifted under other rules of `ignore`, or be refused to others. */
function digestsOf({ object }: Run, set: BuiltSet): ReadonlyMap<KubeObject, string> {
  const { ignore, serviceAccountName } = object.spec
  const isPlain = ignore === undefined && serviceAccountName === undefined
  const rules = isPlain ? '' : digestOf([ignore, serviceAccountName])
  return new Map(set.objects.map((each, i) => [each, `${set.digests[i] ?? ''}${rules}`]))
}

async function applyStage(apply: Apply, stage: Stage): Promise<void> {
  const actions = await examineStage(apply, stage)
  const writes = actions.filter(({ payload }) => payload !== undefined)
  if (writes.length > 0) await widen(apply, writes)
  const { concurrentSsa, fluxTiming } = apply.run.context.options
  const turnedOut = new Map<Action, Action>()
  try {
    for (const batch of sameKindRuns(writes))
      await pool(batch, fluxTiming ? 1 : concurrentSsa, async (action) =>
        turnedOut.set(action, await write(apply, action)),
      )
  } catch (error) {
    // Only now, when nothing is under way any more, is it known what was made.
    if (error instanceof Refused) throw failedApply(apply, error.message, [error])
    throw error
  }
  apply.done.push(...actions.map((action) => turnedOut.get(action) ?? action))
  for (const action of actions)
    if (action.live !== undefined)
      apply.run.applied.record(apply.run.key, action.digest, action.live)
  if (!stage.waits) return
  const ids = actions.filter(({ kind }) => kind !== 'skipped').map(({ object }) => idOf(object))
  const fault = await waitForHealth(apply.run, apply.examiner.cluster, ids, {
    timeoutMs: STAGE_TIMEOUT_MS,
    failsFast: false,
  })
  if (fault !== undefined) throw failedApply(apply, fault)
}

async function examineStage(apply: Apply, stage: Stage): Promise<Action[]> {
  const { clock, options } = apply.run.context
  for (let tries = 1; ; tries += 1) {
    const results = await pool(stage.objects, options.concurrentSsa, (object) =>
      examineOne(apply, object),
    )
    const refusals = results.filter((result): result is Refused => result instanceof Refused)
    if (refusals.length === 0)
      return results.filter((result): result is Action => !(result instanceof Refused))
    if (tries > NEW_KIND_TRIES_MAX || !refusals.every((refusal) => isOfNewKind(apply, refusal)))
      throw failedApply(apply, refusals[0]?.message ?? '', refusals)
    apply.examiner.cluster.forgetDiscovery()
    await clock.sleep(NEW_KIND_WAIT_MS, apply.run.turn.signal)
  }
}

async function examineOne(apply: Apply, object: KubeObject): Promise<Action | Refused> {
  try {
    return await examine(apply.examiner, object, apply.digestOf.get(object) ?? '')
  } catch (error) {
    if (error instanceof Refused) return error
    throw error
  }
}

/** A kind whose definition this same set has just applied may take a moment to be served. */
function isOfNewKind(apply: Apply, refusal: Refused): boolean {
  if (!refusal.isMissing) return false
  const { group, kind } = gvkOf(refusal.object)
  return apply.set.objects.some(
    (object) =>
      object.kind === 'CustomResourceDefinition' &&
      fieldAt(object, 'spec', 'group') === group &&
      fieldAt(object, 'spec', 'names', 'kind') === kind,
  )
}

/** Puts what is about to be written into the inventory, so that a crash leaves nothing untracked. */
async function widen(apply: Apply, writes: readonly Action[]): Promise<void> {
  const { run } = apply
  const wider = widenInventory(
    apply.attempted,
    writes.map(({ entry }) => entry),
  )
  if (wider.length === apply.attempted.length) return
  apply.attempted = wider
  run.draft.status.inventory = { entries: wider }
  await writeStatus(run)
}

/** @throws Refused when the API server does not take it */
async function write(apply: Apply, action: Action): Promise<Action> {
  const { run, examiner } = apply
  const ref = refOf(action.desired)
  try {
    if (action.isRecreated) await removeFirst(apply, action)
    for (const patch of action.cleanup)
      await examiner.cluster.patch(
        ref,
        { type: 'json', value: patch },
        { fieldManager: FIELD_MANAGER },
      )
    const live = await examiner.cluster.patch(
      ref,
      { type: 'apply', value: action.payload ?? action.desired, force: true },
      { fieldManager: FIELD_MANAGER },
    )
    run.applied.record(run.key, action.digest, live)
    apply.made.push(action.entry)
    if (action.driftedFrom !== undefined && action.driftedFrom === live.metadata.resourceVersion)
      return { ...action, kind: 'unchanged' }
    run.hasChanged = true
    auditWrite(run, action, live)
    return action
  } catch (error) {
    if (!isApiFault(error)) throw error
    const isRefused = error.status >= 400 && error.status < 500
    if (!isRefused) apply.made.push(action.entry)
    if (action.driftedFrom !== undefined) throw refusalOf(run, action.desired, error)
    const message = `${idText(idOf(action.object))} apply failed: ${error.message}`
    throw new Refused(action.object, message, { isTrouble: isTrouble(error) })
  }
}

/** Deletes the live object and waits until it is gone. */
async function removeFirst(apply: Apply, action: Action): Promise<void> {
  const { run, examiner } = apply
  const { clock } = run.context
  const ref = refOf(action.desired)
  const deadline = clock.now() + run.timeoutMs
  try {
    await examiner.cluster.delete(ref, { propagation: 'Background' })
    while (clock.now() < deadline) {
      await examiner.cluster.get(ref, { metadataOnly: true })
      await clock.sleep(GONE_WAIT_MS, run.turn.signal)
    }
  } catch (error) {
    if (!isApiFault(error, 'NOT_FOUND')) throw error
    return
  }
  const message = `${idText(idOf(action.object))} immutable field detected, failed to delete object: timed out waiting for its end`
  throw new Refused(action.object, message)
}

function failedApply(
  apply: Apply,
  message: string,
  refusals: readonly Refused[] = [],
): ReturnType<typeof failed> {
  const entries = widenInventory(apply.old, apply.made)
  if (entries.length > 0) apply.run.draft.status.inventory = { entries }
  const changes = changeLog(apply.done).map((line) => `${line}\n`)
  const rest = refusals.slice(1).map((other) => `${other.message}\n`)
  const places = filesText(
    refusals.map(({ object }) => object),
    apply.set.files,
  )
  const isMissing =
    refusals.some((other) => other.isMissing) || /no matches for|not found/.test(message)
  return failed(
    'ReconciliationFailed',
    `${message}\n${changes.join('')}${rest.join('')}${places}`,
    {
      digest: apply.set.digest,
      ...(isMissing ? { missing: message } : {}),
      isTrouble: refusals.length > 0 && refusals.every((other) => other.isTrouble),
    },
  )
}

function changeLog(actions: readonly Action[]): string[] {
  return actions
    .filter(({ kind }) => kind === 'created' || kind === 'configured')
    .map(({ object, kind }) => `${idText(idOf(object))} ${kind}`)
}

function reportChanges(run: Run, actions: readonly Action[]): void {
  const lines = changeLog(actions)
  if (lines.length === 0) return
  run.hasChanged = true
  const output = run.context.options.gates.GroupChangeLog
    ? grouped(actions)
    : Object.fromEntries(actions.map(({ object, kind }) => [idText(idOf(object)), kind]))
  run.log.info('server-side apply completed', { output, revision: run.revision })
  emit(run, 'info', lines.join('\n'))
}

/** The gate GroupChangeLog: objects by what was done to them. */
function grouped(actions: readonly Action[]): Record<string, string[]> {
  const groups: Record<string, string[]> = {}
  for (const { object, kind } of actions) (groups[kind] ??= []).push(idText(idOf(object)))
  return groups
}

/** Neighbours of one kind may be written side by side; between kinds the order holds. */
function sameKindRuns(actions: readonly Action[]): Action[][] {
  const runs: Action[][] = []
  for (const action of actions) {
    const last = runs.at(-1)
    if (last?.[0] !== undefined && last[0].desired.kind === action.desired.kind) last.push(action)
    else runs.push([action])
  }
  return runs
}
