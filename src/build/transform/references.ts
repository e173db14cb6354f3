import {
  MAPPING,
  SCALAR,
  SEQUENCE,
  scalarNode,
  type YamlNode,
  yamlValue,
} from '../../object/index.ts'
import type { NameReference, TransformerConfig } from '../config/config.ts'
import { fail, within } from '../fault.ts'
import { type FieldSpec, specMatches, visitField } from '../model/field-spec.ts'
import {
  type BuildGvk,
  effectiveNamespace,
  isClusterScoped,
  isSelected,
  NO_NAMESPACE,
  resIdText,
  versionOf,
} from '../model/ids.ts'
import {
  fieldOf,
  fieldText,
  getField,
  isNull,
  metaText,
  setField,
  setScalar,
} from '../model/node.ts'
import type { ResMap } from '../model/res-map.ts'
import { currentId, gvkOfNode, originalId, previousIds, type Resource } from '../model/resource.ts'
import { groupBy } from '../model/select.ts'

/**
 * Writes the new names of resources where others refer to them.
 * @see sigs.k8s.io/kustomize/api v0.21.1 filters/nameref/nameref.go
 */
export function fixReferences(map: ResMap, config: TransformerConfig): void {
  const renamed = map.list.filter((resource) => resource.previous.length > 0)
  let origins: Map<string, Resource[]> | undefined
  const names: Names = {
    byName: groupBy(renamed, (resource) => resource.previous.map((id) => id.name)),
    byOrigin: () => {
      origins ??= groupBy(map.list, (each) => [effectiveNamespace(originalId(each), map.scopes)])
      return origins
    },
  }
  const rulesFor = rulesByKind(config.nameReference)
  for (const resource of map.list) {
    const rules = rulesFor(originalId(resource))
    if (rules.length > 0) new Referrer(resource, map, names).fix(rules)
  }
}

/** Look-ups over all resources. */
interface Names {
  /** Those that had a name before. */
  readonly byName: ReadonlyMap<string, readonly Resource[]>
  /** Those that were in a namespace at first. */
  readonly byOrigin: () => ReadonlyMap<string, readonly Resource[]>
}

interface Rule {
  readonly target: BuildGvk
  readonly field: FieldSpec
}

function rulesByKind(references: readonly NameReference[]): (id: BuildGvk) => readonly Rule[] {
  const known = new Map<string, readonly Rule[]>()
  return (id) => {
    const key = `${versionOf(id)} ${id.kind}`
    let rules = known.get(key)
    if (rules === undefined) {
      rules = references.flatMap((target) =>
        target.fieldSpecs
          .filter((spec) => isSelected(id, spec))
          .map((field) => ({ target, field })),
      )
      known.set(key, rules)
    }
    return rules
  }
}

const NOWHERE: ReadonlySet<string> = new Set()

/** One resource whose references are being fixed. */
class Referrer {
  private readonly resource: Resource
  private readonly map: ResMap
  private readonly names: Names
  private rule: Rule | undefined
  private bindingNamespaces: ReadonlySet<string> = NOWHERE

  constructor(resource: Resource, map: ResMap, names: Names) {
    this.resource = resource
    this.map = map
    this.names = names
  }

  fix(rules: readonly Rule[]): void {
    const { node } = this.resource
    const gvk = gvkOfNode(node)
    const version = fieldOf(node, 'apiVersion')
    if (version !== undefined && version.value !== '' && isNull(version))
      fail(`node-referrerOriginal 'APIVersion' mismatch '' != '${version.value}'`)
    if (!isClusterScoped(currentId(this.resource), this.map.scopes))
      this.bindingNamespaces = subjectNamespaces(node)
    for (const rule of rules) {
      this.rule = rule
      const field = { ...rule.field, ...gvk }
      if (!specMatches(field, gvk)) continue
      within(
        () =>
          `updating name reference in '${field.path}' field of '${resIdText(currentId(this.resource))}'`,
        () =>
          visitField(node, field, {
            set: (found) => this.set(found),
            createKind: 0,
            createTag: '',
          }),
      )
    }
  }

  private set(node: YamlNode): void {
    if (isNull(node)) return
    if (node.kind === SCALAR) this.setText(node)
    else if (node.kind === MAPPING) this.setMap(node)
    else if (node.kind === SEQUENCE) for (const item of node.content) this.setItem(item)
    else fail('node must be a scalar, sequence or map')
  }

  private setItem(item: YamlNode): void {
    if (isNull(item)) return
    if (item.kind === SCALAR) this.setText(item)
    else if (item.kind === MAPPING) this.setMap(item)
    else fail('item is expected to be either a string or a map of string')
  }

  private setText(node: YamlNode): void {
    const referral = this.choose(node.value, () => true, sameNames)
    if (referral === undefined) return
    const name = metaText(referral.node, 'name')
    if (name !== node.value) setScalar(node, scalarNode(name))
  }

  private setMap(node: YamlNode): void {
    const nameNode = getField(node, 'name')
    if (nameNode === undefined) fail("path config error; no 'name' field in node")
    const old = nameNode.value
    const referral = this.choose(old, this.namespaceFilter(node), sameNamesAndNamespaces)
    if (referral === undefined) return
    const name = metaText(referral.node, 'name')
    const namespace = metaText(referral.node, 'namespace')
    if (name === old && namespace === '') return
    setField(node, 'name', scalarNode(name))
    if (namespace !== '') setField(node, 'namespace', scalarNode(namespace))
  }

  /** Candidates in the namespace that is written there, by their first namespace before the current. */
  private namespaceFilter(node: YamlNode): (candidate: Resource) => boolean {
    const namespaceNode = getField(node, 'namespace')
    if (namespaceNode === undefined) return () => true
    const namespace = namespaceNode.value
    const { scopes } = this.map
    const originally = (each: Resource): boolean =>
      effectiveNamespace(originalId(each), scopes) === namespace
    const currently = (each: Resource): boolean =>
      effectiveNamespace(currentId(each), scopes) === namespace
    const there = namespace === NO_NAMESPACE ? [] : (this.names.byOrigin().get(namespace) ?? [])
    return there.some((each) => this.couldRefer(each)) ? originally : currently
  }

  private choose(
    name: string,
    filter: (candidate: Resource) => boolean,
    same: (candidates: readonly Resource[]) => boolean,
  ): Resource | undefined {
    const { target, field } = this.rule as Rule
    const named = this.names.byName.get(name)
    if (named === undefined) return undefined
    const role = field.path.endsWith('roleRef/name') ? roleOf(this.resource.node) : undefined
    let candidates = named.filter((candidate) => {
      if (!this.couldRefer(candidate) || !filter(candidate)) return false
      const ids = previousIds(candidate)
      if (!ids.some((id) => isSelected(id, target))) return false
      if (role !== undefined && !ids.some((id) => isSelected(id, role))) return false
      return this.isNear(candidate)
    })
    if (candidates.length === 1) return candidates[0]
    candidates = candidates.filter((each) => sameAffixes(each, this.resource, true))
    if (candidates.length > 1)
      candidates = candidates.filter((each) => sameAffixes(each, this.resource, false))
    if (candidates.length <= 1) return candidates[0]
    if (same(candidates)) return candidates[0]
    const ids = candidates.map((each) => resIdText(currentId(each))).join(', ')
    return fail(`found multiple possible referrals: ${ids}`)
  }

  /** Whether a resource in its namespace can be meant at all. */
  private couldRefer(candidate: Resource): boolean {
    const { scopes } = this.map
    const own = currentId(this.resource)
    if (isClusterScoped(own, scopes)) return true
    const id = currentId(candidate)
    if (isClusterScoped(id, scopes)) return true
    if (effectiveNamespace(id, scopes) === effectiveNamespace(own, scopes)) return true
    return this.bindingNamespaces.has(id.namespace)
  }

  private isNear(candidate: Resource): boolean {
    const { scopes } = this.map
    const own = currentId(this.resource)
    if (isClusterScoped(own, scopes)) return true
    const id = currentId(candidate)
    if (isClusterScoped(id, scopes) || id.kind === 'ServiceAccount') return true
    return effectiveNamespace(id, scopes) === effectiveNamespace(own, scopes)
  }
}

/** Namespaces of the service accounts of a role binding; what kustomize trips over is refused. */
function subjectNamespaces(node: YamlNode): ReadonlySet<string> {
  const result = new Set<string>()
  const subjects = fieldOf(node, 'subjects')
  if (fieldText(node, 'kind') !== 'RoleBinding' || subjects?.kind !== SEQUENCE) return result
  for (const subject of subjects.content) {
    if (subject.kind !== MAPPING) fail('interface conversion: a subject is not a map')
    const namespace = fieldOf(subject, 'namespace')
    const kind = fieldOf(subject, 'kind')
    if (namespace === undefined || kind === undefined) continue
    if (!isText(kind)) fail('interface conversion: the kind of a subject is not a string')
    if (kind.value !== 'ServiceAccount') continue
    if (!isText(namespace)) fail('Invalid Input: namespace is blank for resource')
    result.add(namespace.value)
  }
  return result
}

function isText(node: YamlNode): boolean {
  return node.kind === SCALAR && typeof yamlValue(node, { lenient: false }) === 'string'
}

function roleOf(node: YamlNode): Partial<BuildGvk> | undefined {
  const role = fieldOf(node, 'roleRef')
  const group = fieldOf(role, 'apiGroup')
  const kind = fieldOf(role, 'kind')
  if (group === undefined || kind === undefined) return undefined
  return { group: group.value, kind: kind.value }
}

function sameNames(candidates: readonly Resource[]): boolean {
  const name = metaText((candidates[0] as Resource).node, 'name')
  return candidates.every((each) => metaText(each.node, 'name') === name)
}

function sameNamesAndNamespaces(candidates: readonly Resource[]): boolean {
  const namespace = metaText((candidates[0] as Resource).node, 'namespace')
  return (
    sameNames(candidates) &&
    candidates.every((each) => metaText(each.node, 'namespace') === namespace)
  )
}

/** Whether two resources came through the same layers, as their prefixes and suffixes tell. */
function sameAffixes(a: Resource, b: Resource, allowEmpty: boolean): boolean {
  const same = (x: readonly string[], y: readonly string[]): boolean =>
    (allowEmpty && (x.length === 0 || y.length === 0)) || sameEnd(x, y)
  return same(a.prefixes, b.prefixes) && same(a.suffixes, b.suffixes)
}

function sameEnd(a: readonly string[], b: readonly string[]): boolean {
  const length = Math.min(a.length, b.length)
  if (length === 0) return a.length === b.length
  for (let i = 1; i <= length; i += 1) if (a.at(-i) !== b.at(-i)) return false
  return true
}
