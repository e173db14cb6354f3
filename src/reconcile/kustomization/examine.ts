import type { InventoryEntry } from '../../api/index.ts'
import {
  ApiFault,
  type Cluster,
  gvkOf,
  idOf,
  idText,
  isApiFault,
  type KubeObject,
  type ObjectRef,
  valueAt,
} from '../../object/index.ts'
import {
  cleanupPatch,
  entryOf,
  FIELD_MANAGER,
  hasDrifted,
  type IgnoreRules,
  inventoryId,
  isApplySkipped,
  isForced,
  keepIgnored,
  keepsManagers,
  mayBeSkipped,
  migrationPatch,
  withoutPointers,
} from '../../plan/index.ts'
import type { Run } from './context.ts'
import { remoteWords } from './network-words.ts'
import { shapeOf } from './seen.ts'
import { isTrouble } from './troubles.ts'

/** What is to be done about one desired object. */
export interface Action {
  readonly desired: KubeObject
  /** Digest of the desired object. */
  readonly digest: string
  readonly kind: 'created' | 'configured' | 'unchanged' | 'skipped'
  /** As the API server knows it: with the namespace that counts. */
  readonly object: KubeObject
  readonly entry: InventoryEntry
  /** What is sent; absent when nothing is written. */
  readonly payload?: KubeObject
  /** The live object has to go first: an immutable field differs. */
  readonly isRecreated: boolean
  /** The live object that is changed. */
  readonly before?: KubeObject
  /** The version that drifted, where nothing was asked: the answer of the apply tells what it did. */
  readonly driftedFrom?: string
  /** JSON patches that come before the apply. */
  readonly cleanup: readonly (readonly import('../../object/index.ts').Json[])[]
  /** State of an object that needs no write. */
  readonly live?: KubeObject
}

/** What all objects of a run are examined with. */
export interface Examiner {
  readonly run: Run
  readonly cluster: Cluster
  readonly ignore: IgnoreRules
  /** Ids of the inventory that the run began with. */
  readonly tracked: ReadonlySet<string>
}

/** An object that the API server refuses. */
export class Refused extends Error {
  readonly object: KubeObject
  /** Something that is not there yet would help: a kind, a namespace. */
  readonly isMissing: boolean
  /** The server could not answer: another try may do. */
  readonly isTrouble: boolean

  constructor(
    object: KubeObject,
    message: string,
    why: { readonly isMissing?: boolean; readonly isTrouble?: boolean } = {},
  ) {
    super(message)
    this.object = object
    this.isMissing = why.isMissing === true
    this.isTrouble = why.isTrouble === true
  }
}

/**
 * Finds out what an apply of one object would do: by what the watch knows, else by a dry run that is
 * compared with the live object. Writes nothing.
 * @throws Refused when the API server would not take it
 */
export async function examine(
  examiner: Examiner,
  desired: KubeObject,
  digest: string,
): Promise<Action> {
  const { run, tracked } = examiner
  const { applied } = run
  // Flux asks each time, and so learns of rights and rules that changed meanwhile. What the managers
  // of --override-manager add is no drift to the watch.
  const { fluxTiming, overrideManagers } = run.context.options
  const asks = fluxTiming || overrideManagers.length > 0
  if (!asks && applied.isAsApplied(run.key, idOf(desired), digest))
    return settled(desired, digest, 'unchanged', desired)
  const trusts = trustsWatch(examiner, desired)
  const drifted = trusts ? applied.plainDrift(run.key, idOf(desired), digest) : undefined
  if (drifted !== undefined)
    return {
      ...written(desired, digest, 'configured', { object: desired, payload: desired }),
      driftedFrom: drifted,
    }
  const isNew = !tracked.has(inventoryId(idOf(desired))) && !mayBeSkipped(desired)
  const early =
    trusts && !isNew && applied.needsNoMore(idOf(desired))
      ? await dryRun(examiner, desired)
      : undefined
  const told = early === undefined || early instanceof Error ? undefined : effectOf(run, early)
  if (early !== undefined && !(early instanceof Error) && told !== undefined)
    return written(desired, digest, told, { object: early, payload: desired })
  const known = isNew ? undefined : await liveObject(examiner, desired)
  if (known !== undefined && isApplySkipped(desired, known))
    return settled(desired, digest, 'skipped', known)
  if (known === undefined && !isNew && isApplySkipped(desired, undefined))
    return settled(desired, digest, 'skipped', desired)
  const attempt = early ?? (await dryRun(examiner, desired))
  const live = known ?? (isNew ? await liveUnlessNew(examiner, desired, attempt) : undefined)
  if (live !== undefined && isApplySkipped(desired, live))
    return settled(desired, digest, 'skipped', live)
  if (attempt instanceof Error) return recreateOr(examiner, { desired, digest, live, attempt })
  if (live === undefined) {
    // Flux takes an object with a resource version, be it that of the manifest, for a known one.
    const kind = desired.metadata.resourceVersion === undefined ? 'created' : 'configured'
    return written(desired, digest, kind, { object: attempt, payload: desired })
  }
  return compare(examiner, { desired, digest, live, attempt })
}

/** Says whether what the watches tell of a live object is enough to decide upon. */
function trustsWatch({ run, ignore }: Examiner, desired: KubeObject): boolean {
  const { options, audit } = run.context
  return (
    !options.fluxTiming &&
    // The audit trail tells each field's old value.
    audit === undefined &&
    options.overrideManagers.length === 0 &&
    run.object.spec.force !== true &&
    !mayBeSkipped(desired) &&
    ignore(desired).length === 0
  )
}

/** What an apply does to an object, by its dry run and what the watch shows at just this version. */
function effectOf(run: Run, attempt: KubeObject): 'created' | 'configured' | undefined {
  const { resourceVersion = '' } = attempt.metadata
  if (resourceVersion === '') return 'created'
  const shape = run.applied.shapeAt(idOf(attempt), resourceVersion)
  return shape === undefined || shape === shapeOf(attempt) ? undefined : 'configured'
}

function compare(
  examiner: Examiner,
  seen: {
    readonly desired: KubeObject
    readonly digest: string
    readonly live: KubeObject
    readonly attempt: KubeObject
  },
): Action {
  const { desired, digest, live, attempt } = seen
  const { options } = examiner.run.context
  const migration = options.gates.MigrateAPIVersion ? migrationPatch(live, desired.apiVersion) : []
  const cleaning = keepsManagers(desired, live) ? [] : cleanupPatch(live, options.overrideManagers)
  const cleanup = [migration, cleaning].filter((patch) => patch.length > 0)
  const pointers = examiner.ignore(attempt)
  const isDrifted = hasDrifted(withoutPointers(live, pointers), withoutPointers(attempt, pointers))
  if (!isDrifted && cleanup.length === 0) return settled(desired, digest, 'unchanged', live)
  const payload =
    pointers.length === 0 ? desired : keepIgnored(desired, { live, dryRun: attempt }, pointers)
  const made = written(desired, digest, 'configured', { object: attempt, payload })
  return { ...made, before: live, cleanup }
}

function settled(
  desired: KubeObject,
  digest: string,
  kind: 'unchanged' | 'skipped',
  object: KubeObject,
): Action {
  const isLive = object !== desired
  return {
    desired,
    // What is left alone is not as desired; its next change is worth a look.
    digest: kind === 'skipped' ? kind : digest,
    kind,
    object,
    entry: entryOf(object),
    isRecreated: false,
    cleanup: [],
    ...(isLive ? { live: object } : {}),
  }
}

function written(
  desired: KubeObject,
  digest: string,
  kind: 'created' | 'configured',
  made: { readonly object: KubeObject; readonly payload: KubeObject },
): Action {
  return {
    desired,
    digest,
    kind,
    ...made,
    entry: entryOf(made.object),
    isRecreated: false,
    cleanup: [],
  }
}

function recreateOr(
  examiner: Examiner,
  seen: {
    readonly desired: KubeObject
    readonly digest: string
    readonly live: KubeObject | undefined
    readonly attempt: ApiFault
  },
): Action {
  const { desired, digest, live, attempt } = seen
  const isAllowed = examiner.run.object.spec.force === true || isForced(desired, live)
  if (live !== undefined && isAllowed && isImmutableOnly(attempt))
    return {
      ...written(desired, digest, 'created', { object: live, payload: desired }),
      isRecreated: true,
    }
  throw refusalOf(examiner.run, desired, attempt)
}

/** What the API server said to a dry run, in Flux's words. */
export function refusalOf(run: Run, desired: KubeObject, fault: ApiFault): Refused {
  const plural = run.context.plurals.get(kindKey(desired))
  const isRemote = run.object.spec.kubeConfig !== undefined
  const message = isRemote ? remoteWords(fault) : fault.message
  const text = refusalText(desired, fault, { plural, message })
  return new Refused(desired, text, { isMissing: isMissing(fault), isTrouble: isTrouble(fault) })
}

/** The live object where the dry run of an object thought to be new says that it is there. */
async function liveUnlessNew(
  examiner: Examiner,
  desired: KubeObject,
  attempt: KubeObject | ApiFault,
): Promise<KubeObject | undefined> {
  if (attempt instanceof Error)
    return isMissing(attempt) ? undefined : liveObject(examiner, desired)
  const { resourceVersion } = attempt.metadata
  return resourceVersion === undefined || resourceVersion === ''
    ? undefined
    : liveObject(examiner, desired)
}

async function liveObject(
  examiner: Examiner,
  desired: KubeObject,
): Promise<KubeObject | undefined> {
  try {
    return await examiner.cluster.get(refOf(desired), { signal: examiner.run.turn.signal })
  } catch (error) {
    // Flux takes no note of a failure here: the dry run that follows tells it better.
    if (isApiFault(error)) return undefined
    throw error
  }
}

async function dryRun(examiner: Examiner, desired: KubeObject): Promise<KubeObject | ApiFault> {
  const { cluster, run } = examiner
  const { plurals } = run.context
  try {
    const answer = await cluster.patch(
      refOf(desired),
      { type: 'apply', value: desired, force: true },
      { fieldManager: FIELD_MANAGER, dryRun: true, signal: run.turn.signal },
    )
    if (!plurals.has(kindKey(desired)))
      plurals.set(kindKey(desired), (await cluster.resource(gvkOf(desired))).plural)
    return answer
  } catch (error) {
    if (isApiFault(error)) return error
    throw error
  }
}

function kindKey({ apiVersion, kind }: KubeObject): string {
  return `${apiVersion}/${kind}`
}

/** Names an object for the API, with the version that it is written in. */
export function refOf(object: KubeObject): ObjectRef {
  return { ...idOf(object), version: gvkOf(object).version }
}

const IMMUTABLE =
  /is immutable|immutable field|immutable after|may not change once set|cannot change roleRef|updates to \w+ spec for fields other than|may not be changed|cannot be changed/i

/** Says whether nothing but immutable fields made the API server refuse. */
function isImmutableOnly(fault: ApiFault): boolean {
  const causes = valueAt(fault.details, 'causes')
  if (!Array.isArray(causes) || causes.length === 0) return IMMUTABLE.test(fault.message)
  return causes.every((cause) => IMMUTABLE.test(String(valueAt(cause, 'message') ?? '')))
}

function isMissing(fault: ApiFault): boolean {
  return fault.code === 'NO_MATCH' || fault.code === 'NOT_FOUND'
}

/**
 * Flux's words for a refused dry run.
 * @see fluxcd/pkg ssa/errors/dry_run.go (v0.76.1)
 */
function refusalText(
  object: KubeObject,
  fault: ApiFault,
  { plural, message }: { readonly plural: string | undefined; readonly message: string },
): string {
  const subject = idText(idOf(object))
  const { group } = gvkOf(object)
  if (fault.code === 'NO_MATCH' && plural !== undefined) {
    const resource = group === '' ? plural : `${plural}.${group}`
    const asked = `(patch ${resource} ${object.metadata.name ?? ''})`
    return `${subject} not found: the server could not find the requested resource ${asked}`
  }
  if (fault.code === 'NOT_FOUND') {
    if ((object.metadata.namespace ?? '') !== '') return `${subject} not found: ${message}`
    return `${subject} namespace not specified: ${message.replace(/ \([^()]*\)$/, '')}`
  }
  const causes = valueAt(fault.details, 'causes')
  const isConflict =
    Array.isArray(causes) &&
    causes.some((cause) => valueAt(cause, 'reason') === 'FieldManagerConflict')
  const reason = isConflict ? 'FieldManagerConflict' : fault.apiReason
  return `${subject} dry-run failed${reason === '' ? '' : ` (${reason})`}: ${message}`
}
