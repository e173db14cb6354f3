import { compareText } from '../../base/index.ts'
import {
  MAPPING,
  SCALAR,
  SEQUENCE,
  type YamlNode,
  type YamlValue,
  yamlValue,
} from '../../object/index.ts'
import type { TransformerConfig } from '../config/config.ts'
import { BuildFault, fail } from '../fault.ts'
import type { VarSpec } from '../load/kustomization.ts'
import { visitField } from '../model/field-spec.ts'
import { gvkText, idKeyOf, isClusterScoped, type ResId, splitVersion } from '../model/ids.ts'
import { isNull } from '../model/node.ts'
import { lookup, splitDotted } from '../model/path.ts'
import type { ResMap } from '../model/res-map.ts'
import { currentId, previousIds, type Resource } from '../model/resource.ts'
import { specsFor } from './field-lists.ts'

/**
 * Notes which resources hold the values of variables, as their ids are now.
 * @see sigs.k8s.io/kustomize/api v0.21.1 internal/accumulator/resaccumulator.go MergeVars
 */
export function noteVars(
  map: ResMap,
  known: Map<string, VarSpec>,
  specs: readonly VarSpec[],
): void {
  for (const spec of specs) {
    const target = targetOf(spec)
    const exact = target.namespace !== '' || isClusterScoped(target, map.scopes)
    const key = idKeyOf(target, map.scopes)
    const matches = map.list.filter((resource) =>
      [...previousIds(resource), currentId(resource)].some((id) =>
        exact ? idKeyOf(id, map.scopes) === key : isSameKindAndName(id, target),
      ),
    )
    if (matches.length > 1)
      fail(
        `found ${matches.length} resId matches for var ${spec.name ?? ''} (unable to disambiguate)`,
      )
    matches[0]?.varNames.push(spec.name ?? '')
  }
  for (const spec of specs) addVar(known, spec)
}

/** Adds a variable; names are taken once. */
export function addVar(known: Map<string, VarSpec>, spec: VarSpec): void {
  const name = spec.name ?? ''
  if (known.has(name)) fail(`var '${name}' already encountered`)
  known.set(name, spec)
}

function isSameKindAndName(a: ResId, b: ResId): boolean {
  return a.name === b.name && a.group === b.group && a.version === b.version && a.kind === b.kind
}

function targetOf(spec: VarSpec): ResId {
  const ref = spec.objref ?? {}
  const parts = ref.apiVersion?.split('/') ?? []
  const gv = ref.apiVersion && parts.length <= 2 ? splitVersion(ref.apiVersion) : undefined
  return {
    group: (parts.length === 2 ? gv?.group : undefined) ?? ref.group ?? '',
    version: gv?.version ?? ref.version ?? '',
    kind: ref.kind ?? '',
    name: ref.name ?? '',
    namespace: ref.namespace ?? '',
  }
}

/**
 * Replaces `$(NAME)` where the config allows it.
 * @see sigs.k8s.io/kustomize/api v0.21.1 filters/refvar
 */
export function resolveVars(
  map: ResMap,
  known: ReadonlyMap<string, VarSpec>,
  context: { readonly config: TransformerConfig; readonly warnings: string[] },
): void {
  if (known.size === 0) return
  const values = new Map<string, YamlValue>()
  for (const name of [...known.keys()].sort(compareText))
    values.set(name, valueOf(map, known.get(name) as VarSpec))
  const used = new Set<string>()
  const replace = replacer(values, used)
  const matching = specsFor(context.config.varReference)
  for (const resource of map.list)
    for (const spec of matching(resource))
      visitField(resource.node, spec, {
        set: (node) => replaceIn(node, replace),
        createKind: 0,
        createTag: '',
      })
  const unused = [...values.keys()].filter((name) => !used.has(name))
  if (unused.length > 0)
    context.warnings.push(`well-defined vars that were never replaced: ${unused.join(',')}`)
}

function valueOf(map: ResMap, spec: VarSpec): YamlValue {
  const holder = map.list.find((resource) => resource.varNames.includes(spec.name ?? ''))
  if (holder === undefined)
    return fail(`var '${varText(spec)}' cannot be mapped to a field in the set of known resources`)
  return fieldValue(holder, spec)
}

function fieldValue(holder: Resource, spec: VarSpec): YamlValue {
  const path = spec.fieldref?.fieldPath || 'metadata.name'
  const missing = `field specified in var '${varText(spec)}' not found in corresponding resource`
  let node: YamlNode | undefined
  try {
    node = lookup(holder.node, splitDotted(path).flatMap(splitIndex))
  } catch (error) {
    if (error instanceof BuildFault) throw new BuildFault(missing, { at: error.at, cause: error })
    throw error
  }
  if (node === undefined) return fail(missing, { file: holder.file, line: holder.node.line })
  if (node.kind !== SCALAR) return yamlValue(node, { lenient: false })
  switch (node.tag) {
    case '!!int':
      return /^[+-]?\d+$/.test(node.value) ? Number(node.value) : fail(missing)
    case '!!float':
      return Number(node.value)
    case '!!bool':
      return node.value.toLowerCase() === 'true'
    default:
      return node.value
  }
}

/** A variable as kustomize prints it, its defaults filled in. */
function varText(spec: VarSpec): string {
  const path = spec.fieldref?.fieldPath || 'metadata.name'
  return `{${spec.name ?? ''} ${gvkText(targetOf(spec))} {${path}}}`
}

/** Variables as kustomize prints them, as they stand in the file. */
export function varTexts(specs: readonly VarSpec[]): string {
  const texts = specs.map(({ name = '', objref = {}, fieldref = {} }) => {
    const { group = '', version = '', kind = '' } = objref
    return `{${name} ${gvkText({ group, version, kind })} {${fieldref.fieldPath ?? ''}}}`
  })
  return `[${texts.join(' ')}]`
}

/** `ports[0]` is the field and the index. */
function splitIndex(part: string): string[] {
  const match = /^(.*)\[(\d+)\]$/.exec(part)
  if (match === null) return [part]
  const [, name = '', index = ''] = match
  return name === '' ? [index] : [name, index]
}

type Replace = (text: string) => YamlValue

function replaceIn(node: YamlNode, replace: Replace): void {
  if (isNull(node)) return
  if (node.kind === SCALAR) replaceText(node, replace)
  else if (node.kind === MAPPING) replaceInMap(node, replace)
  else if (node.kind === SEQUENCE) {
    for (const item of node.content) {
      if (!isString(item)) fail('invalid value type expect a string')
      replaceText(item, replace)
    }
  }
}

function replaceInMap(node: YamlNode, replace: Replace): void {
  for (let i = 0; i + 1 < node.content.length; i += 2) {
    const key = node.content[i] as YamlNode
    if (!isString(key)) fail(`invalid map key: value='${key.value}', tag='${key.tag}'`)
    replaceText(node.content[i + 1] as YamlNode, replace)
  }
}

function isString(node: YamlNode): boolean {
  return node.kind === SCALAR && (node.tag === '!!str' || node.tag === '')
}

function replaceText(node: YamlNode, replace: Replace): void {
  if (!isString(node)) return
  const value = replace(node.value)
  if (typeof value === 'number') {
    node.tag = Number.isInteger(value) ? '!!int' : '!!float'
    node.value = String(value)
  } else if (typeof value === 'boolean') {
    node.tag = '!!bool'
    node.value = String(value)
  } else {
    node.tag = '!!str'
    node.value = String(value)
  }
  node.style = 0
}

function replacer(values: ReadonlyMap<string, YamlValue>, used: Set<string>): Replace {
  const valueFor = (name: string): YamlValue => {
    const value = values.get(name)
    if (value === undefined || typeof value === 'object') return `$(${name})`
    used.add(name)
    return value
  }
  return (text) => {
    if (!text.includes('$')) return text
    const whole = /^\$\(([^)]*)\)$/.exec(text)
    if (whole !== null) return valueFor(whole[1] ?? '')
    return text.replaceAll(/\$(?:\$|\(([^)]*)\))/g, (match, name: string | undefined) =>
      match === '$$' ? '$' : String(valueFor(name ?? '')),
    )
  }
}
