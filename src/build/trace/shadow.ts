import { MAPPING, SEQUENCE, type YamlNode } from '../../object/index.ts'
import { fieldOf } from '../model/node.ts'
import type { Change } from './types.ts'

/** What is remembered of a node between two steps of a build: what it was, and who made it so. */
export interface Shadow {
  node: YamlNode
  kind: number
  text: string
  /** Oldest first; never empty. */
  changes: readonly Change[]
  readonly fields: Map<string, Shadow>
  items: Shadow[]
}

/** Who is to be named for a node at a path that is new, or no longer what it was. */
export type Blame = (node: YamlNode, path: readonly string[]) => Change

/** Where a comparison is: the path is only put together where somebody is to blame. */
interface At {
  readonly above: At | undefined
  readonly key: string
}

function pathOf(at: At | undefined): string[] {
  const path: string[] = []
  for (let here = at; here !== undefined; here = here.above) path.unshift(here.key)
  return path
}

/** Compares a node with what is remembered of it, and names who is to blame for what is new. */
export function follow(old: Shadow | undefined, node: YamlNode, blame: Blame, at?: At): Shadow {
  const text = `${node.tag === '!!null' ? '!!null ' : ''}${node.value}`
  let shadow = old
  if (shadow === undefined) {
    const changes = [blame(node, pathOf(at))]
    shadow = { node, kind: node.kind, text, changes, fields: new Map(), items: [] }
  } else if (shadow.kind !== node.kind || shadow.text !== text) {
    shadow.changes = [...shadow.changes, blame(node, pathOf(at))]
    shadow.kind = node.kind
    shadow.text = text
  }
  shadow.node = node
  if (node.kind === MAPPING) followFields(shadow, node, { blame, at })
  else shadow.fields.clear()
  shadow.items =
    node.kind === SEQUENCE ? followItems(shadow.items, node.content, { blame, at }) : []
  return shadow
}

interface Here {
  readonly blame: Blame
  readonly at: At | undefined
}

function followFields(shadow: Shadow, node: YamlNode, { blame, at }: Here): void {
  const gone = new Set(shadow.fields.keys())
  for (let i = 0; i + 1 < node.content.length; i += 2) {
    const key = (node.content[i] as YamlNode).value
    const value = node.content[i + 1] as YamlNode
    gone.delete(key)
    shadow.fields.set(key, follow(shadow.fields.get(key), value, blame, { above: at, key }))
  }
  for (const key of gone) shadow.fields.delete(key)
}

/**
 * Items are the ones that they were by being the same node, else by looking the same, else by the
 * value of a field that names items.
 */
function followItems(
  old: readonly Shadow[],
  items: readonly YamlNode[],
  { blame, at }: Here,
): Shadow[] {
  const left = new Set(old)
  const found = new Map<YamlNode, Shadow>()
  const take = (item: YamlNode, shadow: Shadow | undefined): void => {
    if (shadow === undefined) return
    found.set(item, shadow)
    left.delete(shadow)
  }
  const byNode = new Map(old.map((shadow) => [shadow.node, shadow]))
  for (const item of items) take(item, byNode.get(item))
  const rest = (): YamlNode[] => items.filter((item) => !found.has(item))
  if (left.size > 0)
    for (const item of rest())
      take(
        item,
        [...left].find((shadow) => looksLike(shadow, item)),
      )
  if (left.size > 0)
    for (const item of rest())
      take(
        item,
        [...left].find((shadow) => isNamedAs(shadow, item)),
      )
  return items.map((item, i) => follow(found.get(item), item, blame, { above: at, key: String(i) }))
}

/** Says whether a node is, in all that is below it, what is remembered. */
function looksLike(shadow: Shadow, node: YamlNode): boolean {
  const { kind, content } = node
  if (shadow.kind !== kind) return false
  if (kind === MAPPING) {
    if (content.length !== shadow.fields.size * 2) return false
    for (let i = 0; i + 1 < content.length; i += 2) {
      const below = shadow.fields.get((content[i] as YamlNode).value)
      if (below === undefined || !looksLike(below, content[i + 1] as YamlNode)) return false
    }
    return true
  }
  if (kind === SEQUENCE)
    return (
      content.length === shadow.items.length &&
      shadow.items.every((item, i) => looksLike(item, content[i] as YamlNode))
    )
  return shadow.text === `${node.tag === '!!null' ? '!!null ' : ''}${node.value}`
}

const NAMES = ['name', 'containerPort', 'port', 'mountPath', 'key', 'ip', 'host', 'path']

function isNamedAs(shadow: Shadow, node: YamlNode): boolean {
  for (const name of NAMES) {
    const here = fieldOf(node, name)
    if (here !== undefined) return shadow.fields.get(name)?.text === here.value
  }
  return false
}
