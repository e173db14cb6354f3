import {
  ALIAS,
  copyYaml,
  MAPPING,
  SCALAR,
  SEQUENCE,
  YamlError,
  type YamlNode,
} from './yaml-node.ts'

/** Most nodes that aliases of one document may unfold to: a bound on alias bombs. */
const MAX_UNFOLDED = 200_000

/**
 * Replaces aliases by copies of what they point to and resolves merge keys (`<<`), in place.
 * @throws YamlError for aliases that unfold to too much, and merges of what is no map
 * @see sigs.k8s.io/kustomize/kyaml v0.21.1 yaml/rnode.go DeAnchor
 */
export function unfoldAliases(root: YamlNode): YamlNode {
  return mayHaveAliases(root) ? unfold(root, { left: MAX_UNFOLDED, merges: true }) : root
}

/**
 * Replaces aliases alone; merge keys stay keys like others, as whoever reads the nodes sees them.
 * @throws YamlError for aliases that unfold to too much
 */
export function copyAliases(root: YamlNode): YamlNode {
  return unfold(root, { left: MAX_UNFOLDED, merges: false })
}

function mayHaveAliases(node: YamlNode): boolean {
  if (node.kind === ALIAS) return true
  if (node.kind === SCALAR) return node.tag === '!!merge'
  return node.content.some(mayHaveAliases)
}

interface Budget {
  left: number
  readonly merges: boolean
}

function unfold(node: YamlNode, budget: Budget): YamlNode {
  if (node.kind === SCALAR) return node
  if (node.kind === ALIAS) {
    const target = node.alias as YamlNode
    budget.left -= sizeOf(target, budget.left + 1)
    if (budget.left < 0) throw problem('document contains excessive aliasing', node)
    return unfold(copyYaml(target), budget)
  }
  if (node.kind === MAPPING && budget.merges) resolveMerges(node, budget)
  for (const [i, child] of node.content.entries()) node.content[i] = unfold(child, budget)
  return node
}

/** Nodes below a node without following aliases; stops counting at the limit. */
function sizeOf(node: YamlNode, limit: number): number {
  let size = 1
  for (const child of node.content) {
    if (size > limit) break
    size += sizeOf(child, limit - size)
  }
  return size
}

function resolveMerges(node: YamlNode, budget: Budget): void {
  let value: YamlNode | undefined
  for (let i = 0; i < node.content.length; i += 2) {
    const key = node.content[i]
    if (key?.tag !== '!!merge' || key.kind !== SCALAR) continue
    if (value !== undefined) throw problem('duplicate merge key', key)
    value = node.content[i + 1]
  }
  if (value === undefined) return
  const own = node.content.filter((_, i) => node.content[i - (i % 2)]?.tag !== '!!merge')
  const merged = [...own]
  for (const map of [...mergeValues(value), { content: own }]) {
    budget.left -= map.content.length
    if (budget.left < 0) throw problem('document contains excessive aliasing', node)
    for (let i = 0; i < map.content.length; i += 2)
      setEntry(merged, map.content[i] as YamlNode, map.content[i + 1] as YamlNode)
  }
  node.content = merged
}

function setEntry(content: YamlNode[], key: YamlNode, value: YamlNode): void {
  for (let i = 0; i < content.length; i += 2) {
    if (content[i]?.value !== key.value) continue
    content[i] = key
    content[i + 1] = value
    return
  }
  content.push(copyYaml(key), copyYaml(value))
}

/** The maps of a merge value, those of lesser weight first. */
function mergeValues(value: YamlNode): YamlNode[] {
  if (value.kind === MAPPING) return [value]
  if (value.kind === ALIAS) {
    if (value.alias?.kind !== MAPPING)
      throw problem('invalid map merge: received alias for a non-map value', value)
    return [value.alias]
  }
  if (value.kind !== SEQUENCE)
    throw problem('map merge requires map or sequence of maps as the value', value)
  return value.content.toReversed().flatMap((item) => {
    if (item.kind === SEQUENCE) throw problem('invalid map merge: received a nested sequence', item)
    return mergeValues(item)
  })
}

function problem(text: string, node: YamlNode): YamlError {
  return new YamlError(text, node.line, 1, 0)
}
