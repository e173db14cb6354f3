import type { AuditChange, ChangedField } from '../../base/index.ts'
import {
  gvkOf,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  type ObjectId,
  sameJson,
} from '../../object/index.ts'
import { FIELD_MANAGER } from '../../plan/index.ts'
import { maskSecrets } from '../../substitute/index.ts'
import { serviceAccountOf } from './clusters.ts'
import type { Run } from './context.ts'
import type { Action } from './examine.ts'

/** Where a source of this process says whose commit an artifact is of. */
export const COMMIT_AUTHOR = 'tidegate.dev/commit-author'
/** The first line of that commit's message. */
export const COMMIT_SUBJECT = 'tidegate.dev/commit-subject'

const DATA: readonly string[] = ['data', 'stringData']
/** Where kubectl keeps a copy of all that it applied. */
const COPY = 'kubectl.kubernetes.io/last-applied-configuration'
const FIELDS_MAX = 100
const VALUE_LENGTH_MAX = 200

/** Puts a write that was made into the audit trail. */
export function auditWrite(run: Run, action: Action, made: KubeObject): void {
  const { audit } = run.context
  if (audit === undefined) return
  const how = action.isRecreated
    ? 'recreated'
    : action.kind === 'created'
      ? 'created'
      : 'configured'
  const before = how === 'configured' ? action.before : undefined
  const { fields, more } = changedFields(before, made, writerOf(run, made))
  audit.record({
    ...actorOf(run),
    object: objectText(gvkOf(made), made.metadata.namespace ?? '', made.metadata.name ?? ''),
    action: how,
    fields,
    ...(more === 0 ? {} : { moreFields: more }),
  })
}

/** Puts a deletion that was asked for into the audit trail. */
export function auditDelete(run: Run, object: ObjectId): void {
  run.context.audit?.record({
    ...actorOf(run),
    object: objectText(object, object.namespace, object.name),
    action: 'deleted',
    fields: [],
  })
}

function actorOf(run: Run): Omit<AuditChange, 'object' | 'action' | 'fields'> {
  const { object, context } = run
  const { kubeConfig } = object.spec
  const account = serviceAccountOf(run)
  const remote = kubeConfig?.secretRef?.name ?? kubeConfig?.configMapRef?.name
  const commit = run.artifactMetadata
  return {
    actor: `${FIELD_MANAGER}@${context.instance ?? ''}`,
    serviceAccount:
      account === undefined ? '' : `system:serviceaccount:${object.metadata.namespace}:${account}`,
    cluster: remote === undefined ? '' : `kubeConfig/${remote}`,
    kustomization: run.key,
    revision: run.revision || (run.draft.status.lastAppliedRevision ?? ''),
    commitAuthor: commit[COMMIT_AUTHOR] ?? '',
    commitSubject: commit[COMMIT_SUBJECT] ?? '',
  }
}

function objectText(
  of: { readonly group: string; readonly kind: string },
  namespace: string,
  name: string,
): string {
  const kind = of.group === '' ? of.kind : `${of.kind}.${of.group}`
  return namespace === '' ? `${kind}/${name}` : `${kind}/${namespace}/${name}`
}

/** Writes a value of a field: of Secrets a hash, of others as much as fits, without secrets. */
type Writer = (path: readonly string[], value: Json) => string

function writerOf(run: Run, { kind, apiVersion }: KubeObject): Writer {
  const isSecret = kind === 'Secret' && apiVersion === 'v1'
  let secrets: readonly string[] | undefined
  return (path, value) => {
    const plain = JSON.stringify(value)
    const isHidden =
      isSecret && (DATA.includes(path[0] ?? '') || `${path.at(-1)} ${plain}`.includes(COPY))
    if (isHidden) return run.context.audit?.digest(plain) ?? ''
    secrets ??= run.secrets.flatMap((get) => [...get()])
    const text = maskSecrets(plain, secrets)
    return text.length > VALUE_LENGTH_MAX ? `${text.slice(0, VALUE_LENGTH_MAX)}…` : text
  }
}

/** The fields that differ; of an object that is new, those that it has. */
function changedFields(
  before: KubeObject | undefined,
  after: KubeObject,
  write: Writer,
): { readonly fields: ChangedField[]; readonly more: number } {
  const fields: ChangedField[] = []
  let more = 0
  const note = (path: readonly string[], from: Json | undefined, to: Json | undefined): void => {
    if (fields.length >= FIELDS_MAX) more += 1
    else
      fields.push({
        path: path.join('.'),
        ...(from === undefined ? {} : { from: write(path, from) }),
        ...(to === undefined ? {} : { to: write(path, to) }),
      })
  }
  const walk = (path: readonly string[], from: Json | undefined, to: Json | undefined): void => {
    if (from !== undefined && to !== undefined && sameJson(from, to)) return
    if (isObject(to) && (from === undefined || isObject(from)) && Object.keys(to).length > 0)
      for (const key of keysOf(from, to)) walk([...path, key], from?.[key], to[key])
    else if (isArray(from) && isArray(to) && from.length === to.length)
      for (const [i, item] of to.entries()) walk([...path, String(i)], from[i], item)
    else note(path, from, to)
  }
  walk([], before === undefined ? undefined : content(before), content(after))
  return { fields, more }
}

function keysOf(from: JsonObject | undefined, to: JsonObject): string[] {
  return [...new Set([...Object.keys(from ?? {}), ...Object.keys(to)])].sort()
}

/** What somebody may have wished: of the metadata labels and annotations, and no status. */
function content(object: KubeObject): JsonObject {
  const {
    metadata,
    status: _,
    apiVersion: __,
    kind: ___,
    ...rest
  } = object as unknown as JsonObject
  const { labels, annotations } = isObject(metadata) ? metadata : {}
  return {
    ...rest,
    metadata: {
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
  }
}
