import { MAPPING, SCALAR, SEQUENCE, type YamlNode } from '../../object/index.ts'
import { fail, within } from '../fault.ts'
import { type BuildGvk, resIdText, splitVersion } from './ids.ts'
import { fieldOrNew, fieldText, getField, isNull, metaText } from './node.ts'
import { clampIndex, splitPath } from './path.ts'

/** Where in which kinds a transformer writes. Empty parts of the kind match any. */
export interface FieldSpec extends BuildGvk {
  /** Fields separated by `/`; `\/` is a slash in a name, `[]` says that a list stands there. */
  readonly path: string
  readonly create: boolean
}

/** What to do at the end of a path, and what to make on the way. */
export interface FieldVisit {
  readonly set: (node: YamlNode) => void
  /** Kind of node to make at the end where there is none; 0 makes none. */
  readonly createKind: number
  readonly createTag: string
}

const paths = new Map<string, readonly string[]>()

/** Says whether a spec is meant for a document of a kind. */
export function specMatches(spec: FieldSpec, gvk: BuildGvk): boolean {
  if (spec.kind !== '' && spec.kind !== gvk.kind) return false
  if (spec.group !== '' && spec.group !== gvk.group) return false
  return spec.version === '' || spec.version === gvk.version
}

/**
 * Visits what a spec points to in a resource; lists on the way are visited item by item.
 * @see sigs.k8s.io/kustomize/api v0.21.1 filters/fieldspec/fieldspec.go
 */
export function visitField(root: YamlNode, spec: FieldSpec, visit: FieldVisit): void {
  let path = paths.get(spec.path)
  if (path === undefined) {
    path = splitPath(spec.path)
    if (paths.size < 10_000) paths.set(spec.path, path)
  }
  const walk = { path, create: spec.create, visit }
  within(
    () => `considering field '${spec.path}' of object ${idTextOf(root)}`,
    () => descend(root, walk, 0),
  )
}

function idTextOf(root: YamlNode): string {
  return resIdText({
    ...splitVersion(fieldText(root, 'apiVersion')),
    kind: fieldText(root, 'kind'),
    name: metaText(root, 'name'),
    namespace: metaText(root, 'namespace'),
  })
}

interface Walk {
  readonly path: readonly string[]
  readonly create: boolean
  readonly visit: FieldVisit
}

function descend(node: YamlNode, walk: Walk, at: number): void {
  if (at === walk.path.length) {
    walk.visit.set(node)
    return
  }
  if (isNull(node)) return
  if (node.kind === SEQUENCE) {
    within(
      () => `visit traversal on path: [${walk.path.slice(at).join(' ')}]`,
      () => {
        for (const item of node.content) descend(item, walk, at)
      },
    )
    return
  }
  if (node.kind !== MAPPING) fail('expected sequence or mapping node')
  descendMap(node, walk, at)
}

function descendMap(node: YamlNode, walk: Walk, at: number): void {
  const part = walk.path[at] as string
  const isList = part.endsWith('[]')
  const name = isList ? part.slice(0, -2) : part
  if (name === '') fail('cannot set or create an empty field name')
  const isLast = at === walk.path.length - 1
  const creates = walk.create && walk.visit.createKind !== 0 && !isList
  const makeKind = isLast ? walk.visit.createKind : MAPPING
  const field = creates ? fieldOrNew(node, name, makeKind) : lookField(node, name)
  if (field === undefined) return
  if (field.tag === '!!null' && (creates || isList))
    turnInto(
      field,
      isList ? SEQUENCE : makeKind,
      isList ? '' : isLast ? walk.visit.createTag : '!!map',
    )
  descend(field, walk, at + 1)
}

/** A number as a name is the index of a list, which a map is not. */
function lookField(node: YamlNode, name: string): YamlNode | undefined {
  if (clampIndex(name) !== undefined)
    fail('wrong node kind: expected SequenceNode but got MappingNode')
  return getField(node, name)
}

function turnInto(node: YamlNode, kind: number, tag: string): void {
  node.kind = kind
  node.tag = tag
  if (kind !== SCALAR) node.content = []
}
