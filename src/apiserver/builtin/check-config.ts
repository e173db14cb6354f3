import { isObject, type Json, type JsonObject, sameJson } from '../../object/index.ts'
import { parseQuantity } from '../../schema/index.ts'
import {
  at,
  type Check,
  formed,
  immutable,
  items,
  labelSelector,
  requiredForm,
  selects,
  text,
  texts,
} from './check.ts'
import { forbidden, invalid, notSupported, required, tooLong } from './field-error.ts'
import { goStruct } from './go-struct.ts'
import { configMapKey, dnsLabel, dnsSubdomain, pathSegment } from './names.ts'
import type { Cause } from './refusal.ts'
import { jsonDiff } from './unified-diff.ts'

const MOST_BYTES = 1024 * 1024
const LOCKED = 'field is immutable when `immutable` is set'

/** ConfigMaps. */
export function configMapCauses(object: JsonObject): Cause[] {
  const data = at(object, 'data')
  const binary = at(object, 'binaryData')
  const causes: Cause[] = []
  let size = 0
  for (const [key, value] of Object.entries(data)) {
    causes.push(...formed(key, configMapKey, `data[${key}]`))
    if (Object.hasOwn(binary, key))
      causes.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'))
    size += Buffer.byteLength(String(value ?? ''))
  }
  for (const [key, value] of Object.entries(binary)) {
    causes.push(...formed(key, configMapKey, `binaryData[${key}]`))
    size += Buffer.from(String(value ?? ''), 'base64').length
  }
  return size > MOST_BYTES ? [...causes, tooLong('[]', MOST_BYTES)] : causes
}

const TLS = ['tls.crt', 'tls.key']
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': TLS,
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
}

/** Secrets. */
export function secretCauses(object: JsonObject): Cause[] {
  const data = at(object, 'data')
  const causes: Cause[] = []
  let size = 0
  for (const [key, value] of Object.entries(data)) {
    causes.push(...formed(key, configMapKey, `data[${key}]`))
    size += Buffer.from(String(value ?? ''), 'base64').length
  }
  if (size > MOST_BYTES) causes.push(tooLong('data', MOST_BYTES))
  const type = text(object, 'type')
  for (const key of NEEDS[type] ?? [])
    if (!Object.hasOwn(data, key)) causes.push(required(`data[${key}]`))
    else if (type.includes('dockerc')) causes.push(...dockerConfig(String(data[key]), key))
  if (type === 'kubernetes.io/basic-auth' && !('username' in data) && !('password' in data))
    causes.push(required('data[username]'), required('data[password]'))
  const account = at(at(object, 'metadata'), 'annotations')['kubernetes.io/service-account.name']
  if (type === 'kubernetes.io/service-account-token' && !account)
    causes.push(required('metadata.annotations[kubernetes.io/service-account.name]'))
  return causes
}

function dockerConfig(encoded: string, key: string): Cause[] {
  const content = Buffer.from(encoded, 'base64').toString('utf8')
  try {
    const parsed: unknown = JSON.parse(content)
    if (isObject(parsed)) return []
  } catch {
    // What Go's decoder says of it depends on the text; the usual mistake is no JSON at all.
  }
  return [invalid(`data[${key}]`, '<secret contents redacted>', jsonProblem(content.trimStart()))]
}

/** What Go's decoder says of a text that is no JSON object, by its beginning. */
function jsonProblem(content: string): string {
  const first = content.charAt(0)
  if (first === '') return 'unexpected end of JSON input'
  const literal = ['true', 'false', 'null'].find((each) => each.startsWith(first))
  if (literal === undefined) return `invalid character '${first}' looking for beginning of value`
  for (const [i, wanted] of Array.from(literal).entries()) {
    const found = content.charAt(i)
    if (found === '') return 'unexpected end of JSON input'
    if (found !== wanted)
      return `invalid character '${found}' in literal ${literal} (expecting '${wanted}')`
  }
  const kind = literal === 'null' ? 'null' : 'bool'
  return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`
}

/** What may not be changed of a ConfigMap or Secret that says so. */
export function lockedCauses(next: JsonObject, old: JsonObject, keys: readonly string[]): Cause[] {
  if (old['immutable'] !== true) return []
  const causes = next['immutable'] === true ? [] : [forbidden('immutable', LOCKED)]
  for (const key of keys) if (!sameJson(next[key], old[key])) causes.push(forbidden(key, LOCKED))
  return causes
}

const MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']

/** Persistent volume claims. */
export const claimSpecCauses: Check = (spec, path) => {
  const causes: Cause[] = []
  const modes = texts(spec, 'accessModes')
  if (modes.length === 0)
    causes.push(required(`${path}.accessModes`, 'at least 1 access mode is required'))
  if (isObject(spec['selector']))
    causes.push(...labelSelector(spec['selector'], `${path}.selector`))
  for (const mode of modes)
    if (!MODES.includes(mode)) causes.push(notSupported(`${path}.accessModes`, mode, MODES))
  const known = modes.filter((each) => MODES.includes(each))
  if (known.includes('ReadWriteOncePod') && known.some((each) => each !== 'ReadWriteOncePod'))
    causes.push(
      forbidden(`${path}.accessModes`, 'may not use ReadWriteOncePod with other access modes'),
    )
  const place = `${path}.resources[storage]`
  const storage = at(at(spec, 'resources'), 'requests')['storage']
  if (storage === undefined) causes.push(required(place))
  else if ((parseQuantity(String(storage))?.nanos ?? 0n) <= 0n)
    causes.push(invalid(place, storage, 'must be greater than zero'))
  const name = text(spec, 'storageClassName')
  if (name !== '') causes.push(...formed(name, dnsSubdomain, `${path}.storageClassName`))
  const mode = spec['volumeMode']
  if (typeof mode === 'string' && mode !== 'Block' && mode !== 'Filesystem')
    causes.push(notSupported(`${path}.volumeMode`, mode, ['Block', 'Filesystem']))
  const attributes = text(spec, 'volumeAttributesClassName')
  if (attributes !== '')
    causes.push(...formed(attributes, dnsSubdomain, `${path}.volumeAttributesClassName`))
  return [...causes, ...dataCauses(spec, path)]
}

/** What a new volume is filled with. */
function dataCauses(spec: JsonObject, path: string): Cause[] {
  const { dataSource: source, dataSourceRef: ref } = spec
  const causes: Cause[] = []
  if (isObject(source)) causes.push(...dataSource(source, `${path}.dataSource`))
  if (!isObject(ref)) return causes
  causes.push(...dataSource(ref, `${path}.dataSourceRef`))
  const namespace = text(ref, 'namespace')
  if (namespace !== '')
    causes.push(...formed(namespace, dnsLabel, `${path}.dataSourceRef.namespace`))
  if (!isObject(source)) return causes
  const words =
    namespace === ''
      ? 'must match dataSourceRef'
      : 'may not be specified when dataSourceRef.namespace is specified'
  if (namespace !== '' || !sameJson(source, ref)) causes.push(invalid(path, {}, words))
  return causes
}

function dataSource(source: JsonObject, path: string): Cause[] {
  const causes = ['name', 'kind'].flatMap((key) =>
    text(source, key) === '' ? [required(`${path}.${key}`)] : [],
  )
  const [group, kind] = [text(source, 'apiGroup'), text(source, 'kind')]
  if (group !== '') return [...causes, ...formed(group, dnsSubdomain, `${path}.apiGroup`)]
  if (kind === 'PersistentVolumeClaim') return causes
  const words = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
  return [...causes, invalid(path, kind, words)]
}

const FIXED_CLAIM =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'

/** What may not be changed of a claim. */
export function claimUpdate(next: JsonObject, old: JsonObject): Cause[] {
  const spec = at(next, 'spec')
  const before = at(old, 'spec')
  const wanted = changeableClaim(next, spec, before)
  const given =
    text(before, 'volumeName') === '' && spec['volumeName'] !== undefined
      ? { ...before, volumeName: spec['volumeName'] }
      : before
  const causes: Cause[] = []
  const [ours, theirs] = [goStruct(CLAIM, given), goStruct(CLAIM, wanted)]
  if (!sameJson(ours, theirs))
    causes.push(forbidden('spec', `${FIXED_CLAIM}\n${jsonDiff(ours, theirs)}`))
  if (storageOf(spec) < storageOf(before) && storageOf(spec) <= capacityOf(old))
    causes.push(
      forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'),
    )
  return [...causes, ...immutable(spec['volumeMode'], before['volumeMode'], 'volumeMode')]
}

const CLAIM = 'PersistentVolumeClaimSpec'

/** The next spec with what may be changed taken from the old one. */
function changeableClaim(next: JsonObject, spec: JsonObject, before: JsonObject): JsonObject {
  const named =
    before['storageClassName'] === undefined && spec['storageClassName'] !== undefined
      ? withoutClass(spec)
      : spec
  if (text(at(next, 'status'), 'phase') !== 'Bound') return named
  const resources = at(named, 'resources')
  const storage = at(at(before, 'resources'), 'requests')['storage']
  const requests = isObject(resources['requests'])
    ? { ...resources['requests'], ...(storage === undefined ? {} : { storage }) }
    : undefined
  const { volumeAttributesClassName: _, ...rest } = named
  const attributes = before['volumeAttributesClassName']
  return {
    ...rest,
    ...(attributes === undefined ? {} : { volumeAttributesClassName: attributes }),
    resources: { ...resources, ...(requests === undefined ? {} : { requests }) },
  }
}

function withoutClass(spec: JsonObject): JsonObject {
  const { storageClassName: _, ...rest } = spec
  return rest
}

function storageOf(spec: JsonObject): bigint {
  return nanosOf(at(at(spec, 'resources'), 'requests')['storage'])
}

function capacityOf(claim: JsonObject): bigint {
  return nanosOf(at(at(claim, 'status'), 'capacity')['storage'])
}

function nanosOf(quantity: Json | undefined): bigint {
  return parseQuantity(String(quantity ?? '0'))?.nanos ?? 0n
}

const RBAC = 'rbac.authorization.k8s.io'

/** A ClusterRole, which may be made of others. */
export function clusterRoleCauses(object: JsonObject): Cause[] {
  const causes = roleCauses(object, false)
  const { aggregationRule: rule } = object
  if (!isObject(rule)) return causes
  const path = 'aggregationRule.clusterRoleSelectors'
  const selectors = items(rule, 'clusterRoleSelectors')
  if (selectors.length === 0) {
    const words = 'at least one clusterRoleSelector required if aggregationRule is non-nil'
    return [...causes, required(path, words)]
  }
  return [
    ...causes,
    ...selectors.flatMap((each, i) => {
      const wrong = labelSelector(each, `${path}[${i}]`)
      return selects(each, {}) === undefined
        ? [...wrong, invalid(`${path}[${i}]`, null, 'invalid label selector.')]
        : wrong
    }),
  ]
}

/** Rules of a Role or ClusterRole. */
export function roleCauses(object: JsonObject, namespaced: boolean): Cause[] {
  const causes = items(object, 'rules').flatMap((rule, i) => {
    const path = `rules[${i}]`
    const count = (key: string): number => texts(rule, key).length
    const found: Cause[] = []
    if (count('verbs') === 0)
      found.push(required(`${path}.verbs`, 'verbs must contain at least one value'))
    if (count('nonResourceURLs') > 0) {
      const urls = rule['nonResourceURLs'] as Json
      const place = `${path}.nonResourceURLs`
      if (namespaced)
        found.push(invalid(place, urls, 'namespaced rules cannot apply to non-resource URLs'))
      if (count('apiGroups') + count('resources') + count('resourceNames') > 0)
        found.push(
          invalid(
            place,
            urls,
            'rules cannot apply to both regular resources and non-resource URLs',
          ),
        )
      return found
    }
    if (count('apiGroups') === 0)
      found.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'))
    if (count('resources') === 0)
      found.push(required(`${path}.resources`, 'resource rules must supply at least one resource'))
    return found
  })
  return causes
}

/** Role bindings. */
export function bindingCauses(object: JsonObject, namespaced: boolean): Cause[] {
  const role = at(object, 'roleRef')
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole']
  const causes: Cause[] = []
  const group = text(role, 'apiGroup')
  if (group !== RBAC) causes.push(notSupported('roleRef.apiGroup', group, [RBAC]))
  const kind = text(role, 'kind')
  if (!kinds.includes(kind)) causes.push(notSupported('roleRef.kind', kind, kinds))
  causes.push(...requiredForm(text(role, 'name'), pathSegment, 'roleRef.name'))
  return [
    ...causes,
    ...items(object, 'subjects').flatMap((each, i) =>
      subjectCauses(each, `subjects[${i}]`, namespaced),
    ),
  ]
}

function subjectCauses(subject: JsonObject, path: string, namespaced: boolean): Cause[] {
  const name = text(subject, 'name')
  const kind = text(subject, 'kind')
  const group = text(subject, 'apiGroup')
  const causes = name === '' ? [required(`${path}.name`)] : []
  if (kind === 'ServiceAccount') {
    if (name !== '') causes.push(...formed(name, dnsSubdomain, `${path}.name`))
    if (group !== '') causes.push(notSupported(`${path}.apiGroup`, group, ['']))
    if (!namespaced && text(subject, 'namespace') === '') causes.push(required(`${path}.namespace`))
  } else if (kind === 'User' || kind === 'Group') {
    if (group !== RBAC) causes.push(notSupported(`${path}.apiGroup`, group, [RBAC]))
  } else causes.push(notSupported(`${path}.kind`, kind, ['ServiceAccount', 'User', 'Group']))
  return causes
}

/** What may not be changed of a role binding. */
export function bindingUpdate(next: JsonObject, old: JsonObject): Cause[] {
  if (sameJson(next['roleRef'], old['roleRef'])) return []
  const role = at(next, 'roleRef')
  // Printed as Go prints its own struct.
  const value = {
    APIGroup: text(role, 'apiGroup'),
    Kind: text(role, 'kind'),
    Name: text(role, 'name'),
  }
  return [invalid('roleRef', value, 'cannot change roleRef')]
}

/** Storage classes. */
export function storageClassUpdate(next: JsonObject, old: JsonObject): Cause[] {
  return ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'].flatMap((key) =>
    immutable(next[key], old[key], key),
  )
}
