import { isObject, type Json, type JsonObject, type KubeObject } from '../../object/index.ts'
import { at, formed, immutable, items, labels, nonNegative, text, texts } from './check.ts'
import { forbidden, invalid, required, tooLong } from './field-error.ts'
import { dnsLabel, type Form, qualifiedName } from './names.ts'
import type { Cause } from './refusal.ts'

const MOST_ANNOTATIONS = 256 * 1024

/** What a kind asks of names. */
export interface MetaRules {
  readonly namespaced: boolean
  readonly name: Form
  /** Custom kinds are not held to finalizers with a domain. */
  readonly custom?: boolean
}

/**
 * What is wrong with the metadata of a new object.
 * @see k8s.io/apimachinery pkg/api/validation/objectmeta.go (v0.36.3)
 */
export function metaCauses(object: KubeObject, rules: MetaRules): Cause[] {
  const meta = object.metadata as unknown as JsonObject
  const causes: Cause[] = []
  const name = text(meta, 'name')
  const generate = text(meta, 'generateName')
  if (generate !== '')
    causes.push(
      ...rules
        .name(generate.endsWith('-') ? `${generate}a` : generate)
        .map((message) => invalid('metadata.generateName', generate, message)),
    )
  if (name === '') causes.push(required('metadata.name', 'name or generateName is required'))
  else causes.push(...formed(name, rules.name, 'metadata.name'))
  return [
    ...causes,
    ...namespaceCauses(meta, rules),
    ...commonCauses(meta),
    ...finalizers(meta, rules),
  ]
}

function namespaceCauses(meta: JsonObject, rules: MetaRules): Cause[] {
  const namespace = text(meta, 'namespace')
  if (!rules.namespaced)
    return namespace === '' ? [] : [forbidden('metadata.namespace', 'not allowed on this type')]
  if (namespace === '') return [required('metadata.namespace')]
  return formed(namespace, dnsLabel, 'metadata.namespace')
}

/** What is wrong with the metadata of an object that is updated. */
export function metaUpdateCauses(object: KubeObject, old: KubeObject): Cause[] {
  const next = object.metadata as unknown as JsonObject
  const before = old.metadata as unknown as JsonObject
  const causes: Cause[] = []
  if (before['deletionTimestamp'] !== undefined) causes.push(...noNewFinalizers(next, before))
  for (const key of [
    'name',
    'namespace',
    'uid',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
  ])
    causes.push(...immutable(next[key], before[key], `metadata.${key}`))
  return [...causes, ...commonCauses(next)]
}

function noNewFinalizers(next: JsonObject, before: JsonObject): Cause[] {
  const old = texts(before, 'finalizers')
  const extra = texts(next, 'finalizers').filter((each) => !old.includes(each))
  if (extra.length === 0) return []
  const found = `[]string{${extra
    .sort()
    .map((each) => JSON.stringify(each))
    .join(', ')}}`
  return [
    forbidden(
      'metadata.finalizers',
      `no new finalizers can be added if the object is being deleted, found new finalizers ${found}`,
    ),
  ]
}

function commonCauses(meta: JsonObject): Cause[] {
  return [
    ...nonNegative(meta, 'metadata', 'generation'),
    ...labels(at(meta, 'labels'), 'metadata.labels'),
    ...annotations(at(meta, 'annotations'), 'metadata.annotations'),
    ...owners(meta),
    ...managers(meta),
  ]
}

/** Annotations, by key and size. */
export function annotations(value: JsonObject, path: string): Cause[] {
  const causes = Object.keys(value).flatMap((key) =>
    qualifiedName(key.toLowerCase()).map((message) => invalid(path, key, message)),
  )
  const size = Object.entries(value).reduce(
    (sum, [key, item]) => sum + Buffer.byteLength(key) + Buffer.byteLength(String(item ?? '')),
    0,
  )
  return size > MOST_ANNOTATIONS ? [...causes, tooLong(path, MOST_ANNOTATIONS)] : causes
}

function owners(meta: JsonObject): Cause[] {
  const path = 'metadata.ownerReferences'
  const causes: Cause[] = []
  let controller = ''
  for (const owner of items(meta, 'ownerReferences')) {
    const parts = text(owner, 'apiVersion').split('/')
    const version = parts.length > 2 ? '' : (parts.at(-1) ?? '')
    if (version === '')
      causes.push(
        invalid(`${path}.apiVersion`, text(owner, 'apiVersion'), 'version must not be empty'),
      )
    for (const key of ['kind', 'name', 'uid'])
      if (text(owner, key) === '') causes.push(invalid(`${path}.${key}`, '', 'must not be empty'))
    if (owner['controller'] !== true) continue
    const who = `${text(owner, 'kind')}/${text(owner, 'name')}`
    if (controller !== '')
      causes.push(
        invalid(
          path,
          meta['ownerReferences'],
          `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${who}`,
        ),
      )
    else controller = who
  }
  return causes
}

function finalizers(meta: JsonObject, rules: MetaRules): Cause[] {
  const given = texts(meta, 'finalizers')
  const causes = given.flatMap((each) => formed(each, qualifiedName, 'metadata.finalizers'))
  if (rules.custom !== true) causes.push(...namesOf(given))
  if (given.includes('orphan') && given.includes('foregroundDeletion'))
    causes.push(
      invalid(
        'metadata.finalizers',
        given as Json,
        'finalizer orphan and foregroundDeletion cannot be both set',
      ),
    )
  return causes
}

const STANDARD = ['kubernetes', 'orphan', 'foregroundDeletion']

/** Finalizers of built-in kinds name who asks for them. */
export function finalizerNames(object: KubeObject): Cause[] {
  return namesOf(texts(object.metadata as unknown as JsonObject, 'finalizers'))
}

function namesOf(given: readonly string[]): Cause[] {
  return given.flatMap((each, i) =>
    each.includes('/') || STANDARD.includes(each)
      ? []
      : [
          invalid(
            `metadata.finalizers[${i}]`,
            each,
            'name is neither a standard finalizer name nor is it fully qualified',
          ),
        ],
  )
}

function managers(meta: JsonObject): Cause[] {
  return items(meta, 'managedFields').flatMap((entry, i) => {
    if (!isObject(entry)) return []
    const path = `metadata.managedFields[${i}]`
    const causes: Cause[] = []
    const operation = text(entry, 'operation')
    if (operation !== 'Apply' && operation !== 'Update')
      causes.push(invalid(`${path}.operation`, operation, 'must be `Apply` or `Update`'))
    const type = text(entry, 'fieldsType')
    if (type !== '' && type !== 'FieldsV1')
      causes.push(invalid(`${path}.fieldsType`, type, 'must be `FieldsV1`'))
    return causes
  })
}
