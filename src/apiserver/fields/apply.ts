import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  parseApiVersion,
  stringAt,
} from '../../object/index.ts'
import type { Cause, Refusal } from '../builtin/index.ts'
import { sameSet } from './field-set.ts'
import { lastAppliedConflicts, syncLastApplied } from './last-applied.ts'
import {
  decodeManaged,
  entryTime,
  type Managed,
  managerId,
  managerText,
  type Owned,
} from './managers.ts'
import { elementText } from './path-element.ts'
import {
  emptyObject,
  type FieldsRequest,
  Mistyped,
  stripSystemFields,
  versionsOf,
  withManaged,
  withoutManaged,
} from './request.ts'
import { updateOwners } from './track.ts'
import { type Applied, type Conflict, ownApply } from './updater.ts'
import { typeProblems } from './validate.ts'

/** A server-side apply. */
export interface ApplyRequest extends FieldsRequest {
  readonly applied: KubeObject
  readonly force: boolean
}

/** What an apply made. */
export type ApplyResult =
  | {
      /** The merged object with its managedFields; neither defaulted nor validated. */
      readonly object: KubeObject
      /** False: apart from managedFields it is the live object. */
      readonly changed: boolean
    }
  | { readonly refusal: Refusal }

/**
 * Applies a manager's intent to an object.
 * @see k8s.io/apimachinery pkg/util/managedfields/internal/structuredmerge.go (v0.36.3)
 */
export function applyPatch(request: ApplyRequest): ApplyResult {
  const { applied } = request
  const apiVersion = request.apiVersion ?? applied.apiVersion
  const refusal = refuse(request, apiVersion)
  if (refusal !== undefined) return { refusal }
  const live = request.live ?? emptyObject(apiVersion, applied.kind, request.type)
  const managed = decodeManaged(live.metadata?.managedFields)
  if (managed === undefined)
    return {
      refusal: internal('failed to decode managed fields: operation must be `Apply` or `Update`'),
    }
  if (managed.fields.size === 0) {
    const wrong = typeProblems(live as unknown as Json, request.type, { allowDuplicates: true })
    if (wrong.length > 0)
      return {
        refusal: internal(
          `failed to create manager for existing fields: failed to convert new object (${nameText(live)}) to smd typed: ${joined(wrong)}`,
        ),
      }
    updateOwners(managed, {
      ...request,
      live: undefined,
      next: live,
      manager: 'before-first-apply',
    })
  }
  return applyTo(request, { live, managed, apiVersion })
}

interface Start {
  readonly live: KubeObject
  readonly managed: Managed
  readonly apiVersion: string
}

function applyTo(request: ApplyRequest, { live, managed, apiVersion }: Start): ApplyResult {
  const id = managerId({
    manager: request.manager || 'unknown',
    operation: 'Apply',
    apiVersion,
    ...(request.subresource ? { subresource: request.subresource } : {}),
  })
  const before = withoutManaged(live)
  const fields = new Map(managed.fields)
  const result = owned(request, { before, fields, id, apiVersion })
  if ('refusal' in result) return result
  if ('conflicts' in result) {
    const left =
      request.manager === 'kubectl'
        ? lastAppliedConflicts(result.conflicts, before, request.type)
        : result.conflicts
    if (left.length > 0) return { refusal: conflictRefusal(left) }
    return applyTo({ ...request, force: true }, { live, managed, apiVersion })
  }
  const after: Managed = { fields, times: new Map(managed.times) }
  stripSystemFields(after, id)
  keepSame(after, managed, id)
  const changed = result.value !== undefined
  if (changed) after.times.set(id, entryTime(request.now))
  const value = (result.value as KubeObject | undefined) ?? before
  const synced = request.manager === 'kubectl' ? syncLastApplied(value, request.applied) : value
  return { object: withManaged(synced, after), changed }
}

function owned(
  request: ApplyRequest,
  at: {
    readonly before: KubeObject
    readonly fields: Map<string, Owned>
    readonly id: string
    readonly apiVersion: string
  },
): Applied | { readonly refusal: Refusal } {
  const { before, fields, id, apiVersion } = at
  try {
    return ownApply(
      before as unknown as JsonObject,
      request.applied as unknown as JsonObject,
      fields,
      id,
      versionsOf(request, apiVersion),
      request.force,
    )
  } catch (error) {
    if (!(error instanceof Mistyped)) throw error
    return { refusal: internal(error.what + joined(error.problems)) }
  }
}

/** A set that is as it was is written as it was. */
function keepSame(after: Managed, before: Managed, id: string): void {
  const [next, last] = [after.fields.get(id), before.fields.get(id)]
  if (next === undefined || last === undefined || !sameSet(next.set, last.set)) return
  after.fields.set(id, { ...next, set: last.set })
}

/** What can not be applied at all. */
function refuse(request: ApplyRequest, apiVersion: string): Refusal | undefined {
  const { applied, type } = request
  if (applied.apiVersion !== apiVersion)
    return badRequest(`invalid object type: ${kindText(applied)}`)
  if (isEntries(applied.metadata?.managedFields as unknown as Json | undefined))
    return badRequest('metadata.managedFields must be nil')
  const problems = typeProblems(applied as unknown as Json, type, { allowDuplicates: false })
  if (problems.length === 0) return undefined
  return internal(`failed to create typed patch object (${nameText(applied)}): ${joined(problems)}`)
}

function joined(problems: readonly string[]): string {
  return problems.length === 1
    ? (problems[0] ?? '')
    : ['errors:', ...problems.map((problem) => `  ${problem}`)].join('\n')
}

function badRequest(message: string): Refusal {
  return { code: 400, reason: 'BadRequest', message }
}

function internal(message: string): Refusal {
  return { code: 500, reason: '', message }
}

function nameText(object: KubeObject): string {
  const metadata = object as unknown as JsonObject
  const namespace = stringAt(metadata, 'metadata', 'namespace') ?? ''
  const name = stringAt(metadata, 'metadata', 'name') ?? ''
  return `${namespace}/${name}; ${kindText(object)}`
}

function kindText(object: KubeObject): string {
  const { group, version } = parseApiVersion(object.apiVersion)
  return `${group}/${version}, Kind=${object.kind}`
}

function pathText(conflict: Conflict): string {
  return conflict.path.map(elementText).join('')
}

/**
 * The refusal for conflicts, with the API server's words.
 * @see k8s.io/apimachinery pkg/util/managedfields/internal/conflict.go (v0.36.3)
 */
function conflictRefusal(conflicts: readonly Conflict[]): Refusal {
  const causes: Cause[] = conflicts.map((conflict) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${managerText(conflict.manager)}`,
    field: pathText(conflict),
  }))
  return { code: 409, reason: 'Conflict', message: conflictMessage(conflicts), causes }
}

function conflictMessage(conflicts: readonly Conflict[]): string {
  const [first] = conflicts
  if (conflicts.length === 1 && first !== undefined)
    return `Apply failed with 1 conflict: conflict with ${managerText(first.manager)}: ${pathText(first)}`
  const lines: string[] = []
  for (const manager of new Set(conflicts.map((conflict) => conflict.manager))) {
    lines.push(`conflicts with ${managerText(manager)}:`)
    for (const conflict of conflicts)
      if (conflict.manager === manager) lines.push(`- ${pathText(conflict)}`)
  }
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`
}

/** Whether a value can be read as entries of managedFields; what can not counts as none. */
function isEntries(value: Json | undefined): boolean {
  if (!isArray(value)) return false
  return value.every((entry) => {
    if (!isObject(entry)) return false
    const { fieldsV1 = null, ...texts } = entry
    const isText = Object.values(texts).every((each) => each === null || typeof each === 'string')
    return isText && (fieldsV1 === null || isObject(fieldsV1))
  })
}
