import { isObject, type JsonObject } from '../../object/index.ts'
import { parseQuantity } from '../../schema/index.ts'
import { at, items, number, text, texts } from './check.ts'
import { addressWarnings } from './warnings-address.ts'
import { overlapWarnings } from './warnings-volume.ts'

/**
 * What the API server warns of in pods and their templates.
 * @see k8s.io/kubernetes pkg/api/pod/warnings.go (v1.36.3)
 */
export function podWarnings(pod: JsonObject, prefix: string): string[] {
  const spec = at(pod, 'spec')
  const meta = at(pod, 'metadata')
  const path = prefix === '' ? 'spec' : `${prefix}.spec`
  const metaPath = prefix === '' ? 'metadata' : `${prefix}.metadata`
  const containers = containersOf(spec, path)
  return [
    ...placeWarnings(spec, path),
    ...annotationWarnings(meta, `${metaPath}.annotations`),
    ...volumeWarnings(spec, path),
    ...overlapWarnings(items(spec, 'volumes')),
    ...listWarnings(spec, path),
    ...containers.flatMap(({ container, place }) => [
      ...amountWarnings(container, place),
      ...envWarnings(container, place),
    ]),
    ...portWarnings(containers),
    ...((number(spec, 'terminationGracePeriodSeconds') ?? 0) < 0
      ? [
          `${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`,
        ]
      : []),
    ...affinityWarnings(at(spec, 'affinity'), `${path}.affinity`),
    ...texts(at(spec, 'dnsConfig'), 'nameservers').flatMap((each, i) =>
      addressWarnings(each, `${path}.dnsConfig.nameservers[${i}]`),
    ),
    ...items(spec, 'hostAliases').flatMap((each, i) =>
      addressWarnings(text(each, 'ip'), `${path}.hostAliases[${i}].ip`),
    ),
  ]
}

interface Placed {
  readonly container: JsonObject
  readonly place: string
}

function containersOf(spec: JsonObject, path: string): Placed[] {
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap((key) =>
    items(spec, key).map((container, i) => ({ container, place: `${path}.${key}[${i}]` })),
  )
}

const OLD_LABELS: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region':
    'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone':
    'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type':
    'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'app.kubernetes.io/created-by': 'deprecated since v1.9',
  'scheduler.alpha.kubernetes.io/preferAvoidPods':
    'deprecated since v1.22; use Taints and Tolerations instead',
  'node-role.kubernetes.io/master': 'use "node-role.kubernetes.io/control-plane" instead',
}

/** Why a label of nodes is not to be used any more. */
export function oldLabel(key: string): string | undefined {
  return OLD_LABELS[key]
}

function placeWarnings(spec: JsonObject, path: string): string[] {
  const old = Object.keys(at(spec, 'nodeSelector')).flatMap((key) => {
    const why = oldLabel(key)
    return why === undefined ? [] : [`${path}.nodeSelector[${key}]: ${why}`]
  })
  const node = at(at(spec, 'affinity'), 'nodeAffinity')
  const place = `${path}.affinity.nodeAffinity`
  const need = 'requiredDuringSchedulingIgnoredDuringExecution'
  const wish = 'preferredDuringSchedulingIgnoredDuringExecution'
  return [
    ...old,
    ...items(at(node, need), 'nodeSelectorTerms').flatMap((term, i) =>
      nodeTermWarnings(term, `${place}.${need}.nodeSelectorTerms[${i}]`),
    ),
    ...items(node, wish).flatMap((term, i) =>
      nodeTermWarnings(at(term, 'preference'), `${place}.${wish}[${i}].preference`),
    ),
    ...items(spec, 'topologySpreadConstraints').flatMap((each, i) => {
      const where = `${path}.topologySpreadConstraints[${i}]`
      const key = text(each, 'topologyKey')
      const why = oldLabel(key)
      return [
        ...(why === undefined ? [] : [`${where}.topologyKey: ${key} is ${why}`]),
        ...(isObject(each['labelSelector']) ? [] : [nullSelector(`${where}.labelSelector`)]),
      ]
    }),
  ]
}

/** Old labels in the terms by which nodes are chosen. */
export function nodeTermWarnings(term: JsonObject, path: string): string[] {
  return items(term, 'matchExpressions').flatMap((each, i) => {
    const key = text(each, 'key')
    const why = oldLabel(key)
    return why === undefined ? [] : [`${path}.matchExpressions[${i}].key: ${key} is ${why}`]
  })
}

function nullSelector(path: string): string {
  return `${path}: a null labelSelector results in matching no pod`
}

const OLD_ANNOTATIONS: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod':
    'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls':
    'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls':
    'non-functional in v1.11+; use the "sysctls" field instead',
}

function annotationWarnings(meta: JsonObject, path: string): string[] {
  const given = at(meta, 'annotations')
  return Object.entries(OLD_ANNOTATIONS).flatMap(([key, why]) =>
    given[key] === undefined ? [] : [`${path}[${key}]: ${why}`],
  )
}

const OLD_VOLUMES: readonly (readonly [key: string, why: string])[] = [
  ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'deprecated in v1.28, non-functional in v1.31+'],
]

function volumeWarnings(spec: JsonObject, path: string): string[] {
  return items(spec, 'volumes').flatMap((volume, i) =>
    OLD_VOLUMES.flatMap(([key, why]) => {
      if (volume[key] === undefined) return []
      return [`${path}.volumes[${i}].${key === 'storageos' ? 'storageOS' : key}: ${why}`]
    }),
  )
}

function listWarnings(spec: JsonObject, path: string): string[] {
  const doubled = (key: string, field: string): string[] => {
    const seen = new Set<string>()
    return items(spec, key).flatMap((each, i) => {
      const value = text(each, field)
      if (seen.has(value))
        return [`${path}.${key}[${i}].${field}: duplicate ${field} ${JSON.stringify(value)}`]
      seen.add(value)
      return []
    })
  }
  const nameless = items(spec, 'imagePullSecrets').flatMap((each, i) =>
    text(each, 'name') === '' ? [`${path}.imagePullSecrets[${i}].name: invalid empty name ""`] : [],
  )
  return [
    ...doubled('hostAliases', 'ip'),
    ...doubled('imagePullSecrets', 'name'),
    ...nameless,
    ...BYTES.flatMap((name) => fraction(at(spec, 'overhead'), name, `${path}.overhead`)),
  ]
}

const BYTES = ['memory', 'ephemeral-storage']
const MILLI = 1_000_000n

/** Bytes can not be divided. */
export function fraction(amounts: JsonObject, name: string, path: string): string[] {
  const value = amounts[name]
  if (value === undefined) return []
  const nanos = parseQuantity(String(value))?.nanos ?? 0n
  const millis = nanos / MILLI + (nanos % MILLI > 0n ? 1n : 0n)
  if (millis % 1000n === 0n) return []
  return [
    `${path}[${name}]: fractional byte value ${JSON.stringify(value)} is invalid, must be an integer`,
  ]
}

function amountWarnings(container: JsonObject, path: string): string[] {
  const resources = at(container, 'resources')
  return BYTES.flatMap((name) =>
    ['limits', 'requests'].flatMap((kind) =>
      fraction(at(resources, kind), name, `${path}.resources.${kind}`),
    ),
  )
}

function envWarnings(container: JsonObject, path: string): string[] {
  const seen = new Set<string>()
  return items(container, 'env').flatMap((each, i) => {
    const name = text(each, 'name')
    if (!seen.has(name)) {
      seen.add(name)
      return []
    }
    const value = text(each, 'value')
    const own = `$(${name})`
    if (each['valueFrom'] === undefined && value !== own && value.includes(own)) return []
    return [
      `${path}.env[${i}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`,
    ]
  })
}

interface Port {
  readonly value: JsonObject
  readonly place: string
}

function portWarnings(containers: readonly Placed[]): string[] {
  const known = new Map<string, Port[]>()
  const names = new Map<string, string>()
  const [warnings, named]: [string[], string[]] = [[], []]
  for (const { container, place } of containers)
    for (const [i, value] of items(container, 'ports').entries()) {
      const port = { value, place: `${place}.ports[${i}]` }
      const key = `${number(value, 'containerPort') ?? 0}/${text(value, 'protocol')}`
      if (text(value, 'hostIP') !== '' && (number(value, 'hostPort') ?? 0) === 0)
        warnings.push(`${port.place}: hostIP set without hostPort: ${goPort(value)}`)
      const others = known.get(key) ?? []
      for (const other of others) warnings.push(...clash(port, other))
      known.set(key, [...others, port])
      const name = text(value, 'name')
      const first = names.get(name)
      if (name !== '' && first !== undefined)
        named.push(
          `${port.place}: duplicate port name ${JSON.stringify(name)} with ${first}, services and probes that select ports by name will use ${first}`,
        )
      else if (name !== '') names.set(name, port.place)
    }
  return [...warnings, ...named]
}

function goPort(port: JsonObject): string {
  const count = (key: string): number => number(port, key) ?? 0
  return `{Name:${text(port, 'name')} HostPort:${count('hostPort')} ContainerPort:${count('containerPort')} Protocol:${text(port, 'protocol')} HostIP:${text(port, 'hostIP')}}`
}

function clash(port: Port, other: Port): string[] {
  const [ip, otherIp] = [text(port.value, 'hostIP'), text(other.value, 'hostIP')]
  const [host, otherHost] = [
    number(port.value, 'hostPort') ?? 0,
    number(other.value, 'hostPort') ?? 0,
  ]
  const told = (what: string): string[] => [
    `${port.place}: ${what} port definition with ${other.place}`,
  ]
  if (ip === otherIp && host === otherHost) return told('duplicate')
  if (host === 0 || otherHost === 0) return told('overlapping')
  return host === otherHost && (ip === '') !== (otherIp === '') ? told('dangerously ambiguous') : []
}

function affinityWarnings(affinity: JsonObject, path: string): string[] {
  const need = 'requiredDuringSchedulingIgnoredDuringExecution'
  const wish = 'preferredDuringSchedulingIgnoredDuringExecution'
  return ['podAffinity', 'podAntiAffinity'].flatMap((key) => {
    const pods = at(affinity, key)
    return [
      ...items(pods, need).flatMap((term, i) =>
        isObject(term['labelSelector'])
          ? []
          : [nullSelector(`${path}.${key}.${need}[${i}].labelSelector`)],
      ),
      ...items(pods, wish).flatMap((term, i) =>
        isObject(at(term, 'podAffinityTerm')['labelSelector'])
          ? []
          : [nullSelector(`${path}.${key}.${wish}[${i}].podAffinityTerm.labelSelector`)],
      ),
    ]
  })
}
