import { SCALAR, SEQUENCE, type YamlNode, yamlNode } from '../../object/index.ts'
import { fail, within } from '../fault.ts'
import { type FieldSpec, specMatches, visitField } from '../model/field-spec.ts'
import { isClusterScoped, resIdText } from '../model/ids.ts'
import {
  demandKind,
  fieldOf,
  fieldOrNew,
  fieldText,
  getField,
  isNilOrEmpty,
  isNull,
  metaMap,
  setScalar,
} from '../model/node.ts'
import type { ResMap } from '../model/res-map.ts'
import { currentId, gvkOfNode, type Resource, storePreviousId } from '../model/resource.ts'

/** Which subjects of role bindings get the namespace. */
export type SubjectMode = 'defaultOnly' | 'allServiceAccounts' | 'none'

/** What the namespace transformer is to do. */
export interface NamespaceOptions {
  readonly namespace: string
  readonly specs: readonly FieldSpec[]
  /** Only where there is none yet. */
  readonly unsetOnly: boolean
  readonly subjects: SubjectMode
}

/**
 * Sets the namespace of resources and of what refers to it.
 * @see sigs.k8s.io/kustomize/api v0.21.1 filters/namespace/namespace.go
 */
export function setNamespaces(map: ResMap, options: NamespaceOptions): void {
  if (options.namespace === '') return
  for (const resource of map.list) {
    if (isNilOrEmpty(resource.node)) continue
    if (metaMap(resource.node, 'annotations').get(HELM) === 'true') continue
    storePreviousId(resource, map.scopes)
    namespaceOne(resource, options, map)
  }
  map.touch()
  const twice = map.findTwice()
  if (twice !== undefined)
    fail(`namespace transformation produces ID conflict: ${resIdText(currentId(twice))}`)
}

const HELM = 'kustomize.config.k8s.io/helm-generated'

function namespaceOne(resource: Resource, options: NamespaceOptions, map: ResMap): void {
  const { node } = resource
  const gvk = gvkOfNode(node)
  const visit = {
    set: (field: YamlNode) => setText(field, options),
    createKind: SCALAR,
    createTag: '!!str',
  }
  if (!isClusterScoped(gvk, map.scopes)) visitField(node, METADATA, { ...visit, createTag: '' })
  const isBinding = gvk.kind === 'RoleBinding' || gvk.kind === 'ClusterRoleBinding'
  if (isBinding) setSubjects(node, options)
  const isCore = fieldText(node, 'apiVersion') === 'v1'
  for (const spec of options.specs) {
    if (spec.path === 'metadata/namespace' || (!isCore && spec.path === 'metadata/name')) continue
    const isSubject = spec.kind === 'RoleBinding' || spec.kind === 'ClusterRoleBinding'
    if (isBinding && isSubject && spec.path === 'subjects/namespace') continue
    if (specMatches(spec, gvk))
      within('namespace transformation failed', () => visitField(node, spec, visit))
  }
}

const METADATA: FieldSpec = {
  group: '',
  version: '',
  kind: '',
  path: 'metadata/namespace',
  create: true,
}

function setText(field: YamlNode, options: NamespaceOptions): void {
  if (options.unsetOnly && field.kind === SCALAR && !isNull(field) && field.value !== '') return
  setScalar(field, yamlNode(SCALAR, '!!str', options.namespace))
}

function setSubjects(node: YamlNode, options: NamespaceOptions): void {
  if (options.subjects === 'none') return
  const subjects = getField(node, 'subjects')
  if (subjects === undefined || isNull(subjects)) return
  demandKind(subjects, SEQUENCE)
  const [field, value] =
    options.subjects === 'defaultOnly' ? ['name', 'default'] : ['kind', 'ServiceAccount']
  within('setting namespace on (cluster)role binding subjects', () => {
    for (const subject of subjects.content) {
      const found = getField(subject, field as string)
      if (found === undefined || isNull(found) || found.value !== value) continue
      const target = fieldOf(subject, 'namespace') ?? fieldOrNew(subject, 'namespace', SCALAR)
      if (target !== undefined) setText(target, options)
    }
  })
}
