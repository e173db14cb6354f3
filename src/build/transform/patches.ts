import {
  copyYaml,
  type Json,
  type JsonPatchOp,
  printYaml,
  scalarNode,
  type YamlNode,
  yamlNode,
} from '../../object/index.ts'
import { after, BuildFault, fail, within } from '../fault.ts'
import { readDocuments } from '../load/documents.ts'
import type { PatchSpec, SelectorSpec } from '../load/kustomization.ts'
import { type Loader, textOf } from '../load/loader.ts'
import type { Definitions } from '../merge/definitions.ts'
import { mergePatch } from '../merge/merge.ts'
import { resIdText } from '../model/ids.ts'
import { fieldText, isNilOrEmpty, metaMap, metaText, setField } from '../model/node.ts'
import type { ResMap } from '../model/res-map.ts'
import {
  currentId,
  makeResource,
  originalId,
  type Resource,
  setMetaMap,
  setName,
  setNamespace,
  storePreviousId,
} from '../model/resource.ts'
import { SelectIndex } from '../model/select.ts'
import { patchWithJson, readJsonPatch } from './json-patch.ts'

/** A patch that was read. */
export interface Patch {
  readonly target: SelectorSpec | undefined
  /** Where its text came from, for messages. */
  readonly source: string
  /** Strategic merge patches; undefined for a JSON patch. */
  readonly merges: readonly Resource[] | undefined
  readonly operations: readonly JsonPatchOp[]
}

/** What patches are applied with. */
export interface PatchContext {
  readonly map: ResMap
  readonly index: SelectIndex
  readonly definitions: Definitions
  /** Where somebody follows: what patches changed. */
  readonly touched?: Set<Resource> | undefined
}

/**
 * Reads one of `patches`, of either kind.
 * @see sigs.k8s.io/kustomize/api v0.21.1 internal/builtins/PatchTransformer.go
 */
export function readPatch(spec: PatchSpec, loader: Loader): Patch {
  const inline = (spec.patch ?? '').trim()
  const path = spec.path ?? ''
  if (inline === '' && path === '') fail(`must specify one of patch and path in\n${specText(spec)}`)
  if (inline !== '' && path !== '')
    fail(`patch and path can't be set at the same time\n${specText(spec)}`)
  const loaded = inline === '' ? loadText(path, loader) : { text: inline, file: '' }
  const source =
    inline === '' ? `[path: ${JSON.stringify(path)}]` : `[patch: ${JSON.stringify(inline)}]`
  const merges = attempt(() => readDocuments(loaded.text, loaded.file))
  const operations = attempt(() => readJsonPatch(loaded.text))
  if ((merges.value?.length ?? 0) > 0 && (operations.value?.length ?? 0) > 0)
    fail(`illegally qualifies as both an SM and JSON patch: ${source}`)
  if (merges.fault !== undefined && operations.fault !== undefined)
    throw new BuildFault(
      `unable to parse SM or JSON patch from ${source}${whyUnreadable(merges.fault, operations.fault)}`,
      { at: merges.fault.at, cause: merges.fault },
    )
  const target = spec.target
  if (merges.value === undefined)
    return { target, source, merges: undefined, operations: operations.value ?? [] }
  const resources = merges.value.map((node) => patchResource(node, spec, loaded.file))
  return { target, source, merges: resources, operations: [] }
}

function specText(spec: PatchSpec): string {
  return printYaml(spec as unknown as Json, { keys: 'sorted' }).trimEnd()
}

function whyUnreadable(merge: BuildFault, json: BuildFault): string {
  return `: as a merge patch: ${merge.message}; as a JSON patch: ${json.message}`
}

function patchResource(node: YamlNode, spec: PatchSpec, file: string): Resource {
  const resource = makeResource(node, file)
  resource.mayRename = spec.options?.allowNameChange === true
  resource.mayChangeKind = spec.options?.allowKindChange === true
  // kustomize notes both in annotations, which makes strings of those of the patch.
  if (resource.mayRename || resource.mayChangeKind)
    setMetaMap(node, 'annotations', metaMap(node, 'annotations'))
  return resource
}

function loadText(path: string, loader: Loader): { text: string; file: string } {
  const { bytes, path: file } = within(`failed to get the patch file from path(${path})`, () =>
    loader.load(path),
  )
  return { text: textOf(bytes) ?? '', file }
}

function attempt<T>(work: () => T): { value?: T; fault?: BuildFault } {
  try {
    return { value: work() }
  } catch (error) {
    if (error instanceof BuildFault) return { fault: error }
    throw error
  }
}

/** Applies one of `patches`. */
export function applyPatch(patch: Patch, context: PatchContext): void {
  const { merges, target, source } = patch
  if (merges === undefined) {
    if (target === undefined) fail(`must specify a target for JSON patch ${source}`)
    applyJson(patch, target, context)
    return
  }
  if (merges.length === 0) return
  if (target === undefined) {
    for (const merge of merges) applyToItsTarget(merge, context)
    return
  }
  if (merges.length > 1)
    fail(
      `Multiple Strategic-Merge Patches in one \`patches\` entry is not allowed to set \`patches.target\` field: ${source}`,
    )
  applyToSelected(merges[0] as Resource, context.index.select(target), context)
}

function applyJson(patch: Patch, target: SelectorSpec, context: PatchContext): void {
  let hasNewIds = false
  for (const resource of context.index.select(target)) {
    storePreviousId(resource, context.map.scopes)
    context.touched?.add(resource)
    const before = currentId(resource)
    patchWithJson(resource, patch.operations)
    hasNewIds ||= resIdText(before) !== resIdText(currentId(resource))
    hasNewIds ||= isNilOrEmpty(resource.node)
  }
  if (hasNewIds) changedIds(context)
}

/** To be called when ids have changed or resources have gone. */
function changedIds({ map, index }: PatchContext): void {
  map.dropEmpties()
  map.touch()
  index.touch()
}

function applyToItsTarget(merge: Resource, context: PatchContext): void {
  const id = originalId(merge)
  const found = context.map.byAnyId(id)
  const [target] = found
  if (target === undefined || found.length > 1) {
    const what = found.length > 1 ? 'multiple matches' : 'no matches'
    fail(
      `no resource matches strategic merge patch ${JSON.stringify(resIdText(id))}: ${what} for Id ` +
        `${resIdText(id)}; failed to find unique target for patch ${resIdText(id)}`,
      { file: merge.file, line: merge.node.line },
    )
  }
  applyMerge(target, merge, { context, patch: copyYaml(merge.node) })
}

/**
 * Labels and annotations of a patch for many are strings before it is applied: a null there is the
 * text "null", and a map that is null is nothing.
 */
function settleMetadata(patch: YamlNode): void {
  for (const field of ['labels', 'annotations']) setMetaMap(patch, field, metaMap(patch, field))
  setName(patch, metaText(patch, 'name'))
  setNamespace(patch, metaText(patch, 'namespace'))
}

/** Applies a merge patch to all that a selector picked, whatever its own name and kind are. */
export function applyToSelected(
  merge: Resource,
  selected: readonly Resource[],
  context: PatchContext,
): void {
  for (const target of selected) {
    const patch = copyYaml(merge.node)
    settleMetadata(patch)
    setField(patch, 'apiVersion', scalarNode(fieldText(target.node, 'apiVersion')))
    setField(patch, 'kind', scalarNode(fieldText(merge.node, 'kind')))
    applyMerge(target, merge, { context, patch })
  }
  if (merge.mayRename || merge.mayChangeKind) context.map.demandUnique()
}

function applyMerge(
  target: Resource,
  merge: Resource,
  work: { readonly context: PatchContext; readonly patch: YamlNode },
): void {
  const { map, definitions, touched } = work.context
  const { node } = target
  touched?.add(target)
  const name = metaText(node, 'name')
  const namespace = metaText(node, 'namespace')
  const kind = fieldText(node, 'kind')
  const renames = merge.mayRename || merge.mayChangeKind
  if (renames) storePreviousId(target, map.scopes)
  const merged = after(
    () => `applying a patch to ${kind}/${name}`,
    () => mergePatch(node, work.patch, definitions),
  )
  // What replaces the whole object (`$patch: replace` at its root) is lost on the way in kustomize.
  if (merged === undefined) Object.assign(node, yamlNode(0, '!!null', ''))
  if (isNilOrEmpty(node)) {
    changedIds(work.context)
    return
  }
  if (!merge.mayChangeKind) setField(node, 'kind', scalarNode(kind))
  if (!merge.mayRename) setName(node, name)
  setNamespace(node, namespace)
  if (renames) changedIds(work.context)
}

/** Applies a merge patch of `patchesStrategicMerge`. */
export function applyLegacyMerge(merge: Resource, context: PatchContext): void {
  const id = originalId(merge)
  const found = context.map.byAnyId(id)
  const [target] = found
  if (target === undefined || found.length > 1) {
    const what = found.length > 1 ? 'multiple matches' : 'no matches'
    fail(
      `${what} for Id ${resIdText(id)}; failed to find unique target for patch ${resIdText(id)}`,
      { file: merge.file, line: merge.node.line },
    )
  }
  applyToSelected(merge, [target], context)
  context.map.dropEmpties()
}
