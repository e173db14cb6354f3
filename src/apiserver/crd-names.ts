import { rfc3339 } from '../base/index.ts'
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  sameJson,
  valueAt,
} from '../object/index.ts'
import type { Core } from './core.ts'
import { approvalOf } from './structural/index.ts'

const CRDS = 'customresourcedefinitions.apiextensions.k8s.io'

/**
 * The status that the API server's controllers give a definition: whether it was approved, which of
 * its names no other kind of its group has, and whether it is served.
 * @see k8s.io/apiextensions-apiserver pkg/controller/status/naming_controller.go, establish, apiapproval
 * (v0.36.3)
 */
export function acceptedStatus(core: Pick<Core, 'clock' | 'store'>, crd: KubeObject): Json {
  const now = rfc3339(core.clock.now())
  const approved = approvedConditions(crd, conditionsOf(crd), now)
  const spec = objectAt(crd, 'spec', 'names')
  const accepted = objectAt(crd, 'status', 'acceptedNames')
  const storedVersions = storedOf(crd)
  if (sameJson(spec, accepted))
    return { conditions: established(approved, now), acceptedNames: accepted, storedVersions }
  const { names, conflict } = claimed(spec, accepted, usedNames(core, crd))
  const [reason, message] = conflict ?? ['NoConflicts', 'no conflicts found']
  const status = conflict === undefined ? 'True' : 'False'
  const named = withCondition(approved, { type: 'NamesAccepted', status, reason, message }, now)
  return { conditions: established(named, now), acceptedNames: names, storedVersions }
}

function objectAt(crd: KubeObject, ...path: readonly string[]): JsonObject {
  const found = valueAt(crd as unknown as JsonObject, ...path)
  return isObject(found) ? found : {}
}

function conditionsOf(crd: KubeObject): readonly JsonObject[] {
  const found = valueAt(crd as unknown as JsonObject, 'status', 'conditions')
  return isArray(found) ? found.filter(isObject) : []
}

function storedOf(crd: KubeObject): Json {
  const versions = valueAt(crd as unknown as JsonObject, 'spec', 'versions')
  const all = isArray(versions) ? versions.filter(isObject) : []
  const storage = all.find((version) => version['storage'] === true)?.['name'] ?? ''
  const stored = valueAt(crd as unknown as JsonObject, 'status', 'storedVersions')
  const had = isArray(stored) ? stored : []
  return had.includes(storage) ? had : [...had, storage]
}

/** A condition to set. */
export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
}

/** Conditions with one put in its place; its time stays where its status does. */
export function withCondition(
  conditions: readonly JsonObject[],
  { type, status, reason, message }: Condition,
  now: string,
): readonly JsonObject[] {
  const before = conditions.find((each) => each['type'] === type)
  const time = before?.['status'] === status ? (before['lastTransitionTime'] ?? now) : now
  const next = { type, status, lastTransitionTime: time, reason, message }
  if (before === undefined) return [...conditions, next]
  return conditions.map((each) => (each === before ? next : each))
}

function established(conditions: readonly JsonObject[], now: string): Json {
  const is = (type: string): boolean =>
    conditions.some((each) => each['type'] === type && each['status'] === 'True')
  if (is('Established')) return [...conditions]
  const condition: Condition = is('NamesAccepted')
    ? {
        type: 'Established',
        status: 'True',
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
      }
    : {
        type: 'Established',
        status: 'False',
        reason: 'NotAccepted',
        message: 'not all names are accepted',
      }
  return [...withCondition(conditions, condition, now)]
}

const APPROVALS: Readonly<Record<string, readonly [string, string]>> = {
  Invalid: ['False', 'InvalidAnnotation'],
  Missing: ['False', 'MissingAnnotation'],
  Approved: ['True', 'ApprovedAnnotation'],
  Unapproved: ['False', 'UnapprovedAnnotation'],
}

function approvedConditions(
  crd: KubeObject,
  conditions: readonly JsonObject[],
  now: string,
): readonly JsonObject[] {
  const approval = approvalOf(crd)
  if (approval === undefined) return conditions
  const [status = '', reason = ''] = APPROVALS[approval.state] ?? []
  const { message } = approval
  const type = 'KubernetesAPIApprovalPolicyConformant'
  return withCondition(conditions, { type, status, reason, message }, now)
}

/** The names that other definitions of the group have got. */
interface Used {
  readonly resources: ReadonlySet<string>
  readonly kinds: ReadonlySet<string>
}

function usedNames(core: Pick<Core, 'store'>, crd: KubeObject): Used {
  const group = objectAt(crd, 'spec')['group']
  const resources = new Set<string>()
  const kinds = new Set<string>()
  for (const other of core.store.list(CRDS)) {
    if (objectAt(other, 'spec')['group'] !== group) continue
    const names = objectAt(other, 'status', 'acceptedNames')
    for (const name of [names['plural'], names['singular'], ...textsOf(names['shortNames'])])
      if (typeof name === 'string') resources.add(name)
    for (const name of [names['kind'], names['listKind']])
      if (typeof name === 'string') kinds.add(name)
  }
  return { resources, kinds }
}

function textsOf(value: Json | undefined): string[] {
  return isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

const NAMES = [
  ['plural', 'PluralConflict', 'resources'],
  ['singular', 'SingularConflict', 'resources'],
  ['shortNames', 'ShortNamesConflict', 'resources'],
  ['kind', 'KindConflict', 'kinds'],
  ['listKind', 'ListKindConflict', 'kinds'],
] as const

/** The names that a definition gets of those it asks for, and the last that it does not get. */
function claimed(
  asked: JsonObject,
  had: JsonObject,
  used: Used,
): { readonly names: JsonObject; readonly conflict: readonly [string, string] | undefined } {
  const names: Record<string, Json> = {}
  let conflict: readonly [string, string] | undefined
  for (const [key, reason, where] of NAMES) {
    const wanted = key === 'shortNames' ? textsOf(asked[key]) : [String(asked[key] ?? '')]
    const mine = key === 'shortNames' ? textsOf(had[key]) : [String(had[key] ?? '')]
    const taken = wanted.filter((name) => !mine.includes(name) && used[where].has(name))
    const value = taken.length === 0 ? asked[key] : had[key]
    if (value !== undefined) names[key] = value
    // Go writes these two also where they are empty.
    else if (key === 'plural' || key === 'kind') names[key] = ''
    if (taken.length > 0) conflict = [reason, saying(taken)]
  }
  const { categories } = asked
  return { names: inOrder(names, categories), conflict }
}

function saying(taken: readonly string[]): string {
  const texts = [...new Set(taken.map((name) => `${JSON.stringify(name)} is already in use`))]
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`
}

function inOrder(names: Readonly<Record<string, Json>>, categories: Json | undefined): JsonObject {
  const order = ['plural', 'singular', 'shortNames', 'kind', 'listKind']
  const kept = order.flatMap((key): [string, Json][] => {
    const value = names[key]
    return value === undefined ? [] : [[key, value]]
  })
  return { ...Object.fromEntries(kept), ...(categories === undefined ? {} : { categories }) }
}
