import {
  assignYaml,
  copyYaml,
  encodeYaml,
  isArray,
  isObject,
  type Json,
  parseYamlCommented,
  SCALAR,
  scalarNode,
  unfoldAliases,
  type YamlComments,
  YamlError,
  type YamlNode,
  type YamlValue,
  yamlValue,
} from '../../object/index.ts'
import { BuildFault, fail, within } from '../fault.ts'
import {
  type FieldOptions,
  type ReplacementSpec,
  replacementShape,
  type SelectorSpec,
} from '../load/kustomization.ts'
import { readConfigValue } from '../load/kustomization-file.ts'
import type { Loader } from '../load/loader.ts'
import { readShape } from '../load/shape.ts'
import { type ResId, resIdText } from '../model/ids.ts'
import { isNilOrEmpty, isNull } from '../model/node.ts'
import { lookup, splitDotted } from '../model/path.ts'
import type { ResMap } from '../model/res-map.ts'
import type { Resource } from '../model/resource.ts'
import { compileSelector, matchesMetadata, type Selector } from '../model/select.ts'
import { goJson } from './hash.ts'
import { matchPath } from './path-matcher.ts'
import { idsOf, ReplacementIndex } from './replacement-index.ts'

/** Reads replacements, those in files too. */
export function readReplacements(
  specs: readonly ReplacementSpec[],
  loader: Loader,
): ReplacementSpec[] {
  return specs.flatMap((spec) => {
    if (!spec.path) return [spec]
    if (spec.source !== undefined || (spec.targets?.length ?? 0) > 0)
      fail('cannot specify both path and inline replacement')
    const { bytes, path } = loader.load(spec.path)
    const value = readConfigValue(bytes, path)
    if (isArray(value)) return value.map(readOne)
    if (isObject(value)) return [readOne(value)]
    return fail('unsupported replacement type encountered within replacement path: invalid')
  })
}

function readOne(value: Json): ReplacementSpec {
  const read = readShape(value, replacementShape, { strict: false, coerce: true })
  const { path: _, ...spec } = (read ?? {}) as unknown as ReplacementSpec
  return spec
}

/**
 * Copies values from one place to others; `after` is told of each replacement once it is made.
 * @see sigs.k8s.io/kustomize/api v0.21.1 filters/replacement/replacement.go
 */
export function applyReplacements(
  map: ResMap,
  specs: readonly ReplacementSpec[],
  after?: (spec: ReplacementSpec, written: ReadonlySet<Resource>) => void,
): void {
  const index = new ReplacementIndex(map)
  const budget: CopyBudget = { nodes: MAX_COPIED }
  for (const spec of specs) {
    if ((spec.sourceValue === undefined && spec.source === undefined) || spec.targets === undefined)
      fail('replacements must specify a source and at least one target')
    const value = sourceValue(index, spec)
    const written = new Set<Resource>()
    for (const target of spec.targets) applyTarget({ index, value, target, budget, written })
    after?.(spec, written)
  }
  map.touch()
}

/** Nodes that one list of replacements may copy: each can make its own source twice as large. */
const MAX_COPIED = 200_000

interface CopyBudget {
  nodes: number
}

/** @throws Fault BUILD */
function spend(budget: CopyBudget, node: YamlNode): void {
  budget.nodes -= 1
  if (budget.nodes < 0) fail(`replacements copy more than ${MAX_COPIED} values`)
  for (const child of node.content) spend(budget, child)
}

type SourceSpec = NonNullable<ReplacementSpec['source']>
type TargetSpec = NonNullable<ReplacementSpec['targets']>[number]

function sourceValue(index: ReplacementIndex, spec: ReplacementSpec): YamlNode {
  const { source } = spec
  if (spec.sourceValue !== undefined) {
    if (source !== undefined) fail('value and resource selectors are mutually exclusive')
    return scalarNode(spec.sourceValue)
  }
  if (source === undefined) return fail('replacements must specify a source')
  const resource = sourceResource(index, source)
  const path = source.fieldPath || 'metadata.name'
  const found = within('error looking up replacement source', () =>
    lookup(resource.node, splitDotted(path)),
  )
  if (found === undefined || isNilOrEmpty(found))
    fail(`fieldPath \`${path}\` is missing for replacement source ${idText(source)}`)
  return refined(found, source.options)
}

function sourceResource(index: ReplacementIndex, spec: SourceSpec): Resource {
  const matches = index.sources(spec)
  if (matches.length > 1) fail(`multiple matches for selector ${sourceText(spec)}`)
  return matches[0] ?? fail(`nothing selected by ${sourceText(spec)}`)
}

/** A source with its path and what refines it, as kustomize prints it. */
function sourceText(spec: SourceSpec): string {
  const { delimiter = '', index = 0, create = false } = spec.options ?? {}
  const options = delimiter === '' && !create ? '' : `${delimiter}(${index}), create=${create}`
  return [idText(spec), spec.fieldPath ?? '', options].filter((part) => part !== '').join(':')
}

function idText(spec: SelectorSpec): string {
  return resIdText({
    group: spec.group ?? '',
    version: spec.version ?? '',
    kind: spec.kind ?? '',
    name: spec.name ?? '',
    namespace: spec.namespace ?? '',
  })
}

function refined(node: YamlNode, options: FieldOptions | undefined): YamlNode {
  if (!options?.delimiter) return node
  if (node.kind !== SCALAR) fail('delimiter option can only be used with scalar nodes')
  const parts = node.value.split(options.delimiter)
  const index = options.index ?? 0
  const part = parts[index]
  if (part === undefined || index < 0)
    fail(`options.index ${index} is out of bounds for value ${node.value}`)
  const copy = copyYaml(node)
  copy.value = part
  return copy
}

function applyTarget(work: {
  readonly index: ReplacementIndex
  readonly value: YamlNode
  readonly target: TargetSpec
  readonly written: Set<Resource>
  readonly budget: CopyBudget
}): void {
  const { index, value, target, budget, written } = work
  if (target.select === undefined) fail('target must specify resources to select')
  const select = within('error creating target selector', () =>
    compileSelector(target.select as SelectorSpec),
  )
  const rejects = (target.reject ?? []).map((spec) => ({ spec, selector: compileSelector(spec) }))
  for (const resource of index.candidates(select)) {
    if (!matchesMetadata(resource, select)) continue
    const isRejected = rejects.some(
      ({ spec, selector }) =>
        (spec.labelSelector || spec.annotationSelector) && matchesMetadata(resource, selector),
    )
    if (isRejected) continue
    const ids = idsOf(resource)
    if (rejects.some(({ spec, selector }) => hasId(spec) && ids.some((id) => picks(selector, id))))
      continue
    if (!ids.some((id) => picks(select, id))) continue
    written.add(resource)
    index.watch(resource, () => copyTo(resource, value, { target, budget }))
  }
}

function hasId(spec: SelectorSpec): boolean {
  return Boolean(spec.group || spec.version || spec.kind || spec.name || spec.namespace)
}

function picks(selector: Selector, id: ResId): boolean {
  return (
    selector.matchesGvk(id) &&
    selector.matchesName(id.name) &&
    selector.matchesNamespace(id.namespace)
  )
}

function copyTo(
  resource: Resource,
  value: YamlNode,
  { target, budget }: { readonly target: TargetSpec; readonly budget: CopyBudget },
): void {
  const paths = target.fieldPaths?.length ? target.fieldPaths : ['metadata.name']
  const { options } = target
  for (const path of paths) {
    const createKind = options?.create === true ? value.kind : 0
    if (setInText({ node: resource.node, value, path, createKind })) continue
    const notFound = `unable to find ${createKind === 0 ? '' : 'or create '}field ${JSON.stringify(path)} in replacement target`
    const fields = within(notFound, () => matchPath(resource.node, splitDotted(path), createKind))
    if (fields.length === 0) fail(notFound, { file: resource.file, line: resource.node.line })
    for (const field of fields) {
      spend(budget, value)
      setFieldValue(field, value, options)
    }
  }
}

function setFieldValue(field: YamlNode, value: YamlNode, options: FieldOptions | undefined): void {
  const copy = copyYaml(value)
  if (options?.delimiter) {
    if (field.kind !== SCALAR) fail('delimiter option can only be used with scalar nodes')
    const parts = field.value.split(options.delimiter)
    const index = options.index ?? 0
    const text = isNull(copy) ? '' : copy.value
    if (index < 0) parts.unshift(text)
    else if (index >= parts.length) parts.push(text)
    else parts[index] = text
    copy.value = parts.join(options.delimiter)
  }
  putValue(field, copy)
}

/** Only the text of a scalar is replaced: a string stays one whatever comes. */
function putValue(field: YamlNode, value: YamlNode): void {
  if (field.kind === SCALAR) field.value = value.value
  else assignYaml(field, value)
}

/**
 * Writes into JSON or YAML that a text field holds; says whether the path leads into one. What goes
 * wrong there is left to the plain way.
 */
function setInText(work: {
  readonly node: YamlNode
  readonly value: YamlNode
  readonly path: string
  readonly createKind: number
}): boolean {
  const parts = splitDotted(work.path)
  if (parts.length < 2) return false
  try {
    for (let i = 1; i < parts.length; i += 1) {
      const field = lookupOrNothing(work.node, parts.slice(0, i))
      if (field?.kind !== SCALAR) continue
      const inner = parseText(field.value)
      if (inner === undefined) continue
      return setInside(field, { ...work, ...inner, rest: parts.slice(i) })
    }
  } catch (error) {
    if (error instanceof BuildFault || error instanceof YamlError) return false
    throw error
  }
  return false
}

function lookupOrNothing(node: YamlNode, path: readonly string[]): YamlNode | undefined {
  try {
    return lookup(node, path)
  } catch (error) {
    if (error instanceof BuildFault) return undefined
    throw error
  }
}

/** A text as YAML; an empty one is a node that is nothing yet. */
function parseText(text: string): ReturnType<typeof parseYamlCommented> {
  try {
    return parseYamlCommented(text)
  } catch (error) {
    if (error instanceof YamlError) return undefined
    throw error
  }
}

function setInside(
  field: YamlNode,
  work: {
    readonly value: YamlNode
    readonly root: YamlNode
    readonly comments: YamlComments
    readonly rest: readonly string[]
    readonly createKind: number
  },
): boolean {
  const { root, comments, rest, value } = work
  const fields = matchPath(root, rest, work.createKind)
  if (fields.length === 0) return false
  for (const target of fields) putValue(target, value)
  field.value = writeText(root, comments, field.value)
  return true
}

/** Writes changed JSON as JSON (in lines when it was so), all else as YAML. */
function writeText(inner: YamlNode, comments: YamlComments, original: string): string {
  const first = original.trim()[0]
  if (first !== '{' && first !== '[') return encodeYaml(inner, comments).trim()
  const value = yamlValue(unfoldAliases(inner), { lenient: false })
  const isPretty = original.includes('\n') && original.includes('  ')
  return isPretty ? prettyJson(value, '') : goJson(value)
}

function prettyJson(value: YamlValue, margin: string): string {
  if (typeof value !== 'object' || value === null) return goJson(value)
  const inner = `${margin}  `
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    return `[\n${value.map((item) => inner + prettyJson(item, inner)).join(',\n')}\n${margin}]`
  }
  const keys = Object.keys(value).sort((a, b) => (a < b ? -1 : 1))
  if (keys.length === 0) return '{}'
  const fields = keys.map(
    (key) => `${inner}${goJson(key)}: ${prettyJson(value[key] as YamlValue, inner)}`,
  )
  return `{\n${fields.join(',\n')}\n${margin}}`
}
