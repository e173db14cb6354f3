import { isObject, type JsonObject, type KubeObject } from '../../object/index.ts'
import { type Cause, invalid } from '../builtin/index.ts'
import type { Core } from '../core.ts'
import { invalid as invalidStatus } from '../status.ts'
import { type Attributes, refused } from './attributes.ts'
import { objectsOf } from './matching.ts'
import { type Level, type PodParts, type Violation, violations } from './pod-security-checks.ts'

const PREFIX = 'pod-security.kubernetes.io/'
const LEVELS: readonly Level[] = ['privileged', 'baseline', 'restricted']
/** The newest minor version in which a check changed; later ones are as this. */
const LATEST = 36

interface Standard {
  readonly level: Level
  /** `latest`, or the minor version of Kubernetes 1.x. */
  readonly minor: number | 'latest'
}

interface Policy {
  readonly enforce: Standard
  readonly warn: Standard
}

const OPEN: Standard = { level: 'privileged', minor: 'latest' }

/**
 * The Pod Security Standards as a namespace's labels ask for them: pods are refused or warned of,
 * templates warned of, and namespaces are told which of their pods a new level does not like.
 * @throws StatusFault 403, or 422 for labels that can not be read
 * @see k8s.io/pod-security-admission admission/admission.go (v0.36.3)
 */
export function refuseInsecurePods(core: Core, attributes: Attributes): void {
  const { kind, operation, object, subresource } = attributes
  if (object === undefined || operation === 'DELETE') return
  if (kind.table === 'namespaces') {
    if (subresource === '') namespaceChanged(core, attributes, object)
    return
  }
  const path = PARTS[kind.table]
  if (path === undefined || (kind.table === 'pods' ? IGNORED.has(subresource) : subresource !== ''))
    return
  const { policy } = policyOf(core.store.get('namespaces', attributes.namespace))
  if (policy.enforce.level === 'privileged' && policy.warn.level === 'privileged') return
  const pod = podAt(object, path)
  if (pod === undefined) return
  if (kind.table === 'pods') {
    if (attributes.old !== undefined && !isSignificant(object, attributes.old)) return
    const found = against(policy.enforce, pod)
    if (found.length > 0)
      throw refused(
        attributes,
        `violates PodSecurity ${JSON.stringify(nameOf(policy.enforce))}: ${detailOf(found)}`,
      )
  }
  const found = against(policy.warn, pod)
  if (found.length > 0)
    attributes.warnings.push(
      `would violate PodSecurity ${JSON.stringify(nameOf(policy.warn))}: ${detailOf(found)}`,
    )
}

/** Where pods and their templates are, by kind. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  pods: [],
  podtemplates: ['template'],
  replicationcontrollers: ['spec', 'template'],
  'cronjobs.batch': ['spec', 'jobTemplate', 'spec', 'template'],
  'daemonsets.apps': ['spec', 'template'],
  'deployments.apps': ['spec', 'template'],
  'jobs.batch': ['spec', 'template'],
  'replicasets.apps': ['spec', 'template'],
  'statefulsets.apps': ['spec', 'template'],
}

const IGNORED = new Set('exec attach binding eviction log portforward proxy status'.split(' '))

function podAt(object: KubeObject, path: readonly string[]): PodParts | undefined {
  let part: JsonObject = object as unknown as JsonObject
  for (const key of path) {
    const next = part[key]
    if (!isObject(next)) return undefined
    part = next
  }
  const { metadata, spec } = part
  const annotations = isObject(metadata) ? metadata['annotations'] : undefined
  return {
    annotations: isObject(annotations) ? annotations : {},
    spec: isObject(spec) ? spec : {},
  }
}

function against({ level, minor }: Standard, pod: PodParts): Violation[] {
  return violations(level, minor === 'latest' ? LATEST : minor, pod)
}

function nameOf({ level, minor }: Standard): string {
  return `${level}:${minor === 'latest' ? minor : `v1.${minor}`}`
}

function detailOf(found: readonly Violation[]): string {
  return found
    .map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`))
    .join(', ')
}

/** An update of a pod is looked at when it brings images or containers. */
function isSignificant(next: KubeObject, old: KubeObject): boolean {
  const listOf = (pod: KubeObject, key: string): readonly JsonObject[] => {
    const { spec } = pod as KubeObject & { readonly spec?: JsonObject }
    return objectsOf(spec?.[key])
  }
  const differs = ['containers', 'initContainers'].some((key) => {
    const [now, before] = [listOf(next, key), listOf(old, key)]
    return (
      now.length !== before.length || now.some((each, i) => each['image'] !== before[i]?.['image'])
    )
  })
  if (differs) return true
  const before = listOf(old, 'ephemeralContainers')
  return listOf(next, 'ephemeralContainers').some((each) => {
    const same = before.find((other) => other['name'] === each['name'])
    return same === undefined || same['image'] !== each['image']
  })
}

interface Read {
  readonly policy: Policy
  readonly causes: readonly Cause[]
}

/** What the labels of a namespace ask for; a level that can not be read is the strictest to enforce. */
function policyOf(namespace: KubeObject | undefined): Read {
  const labels = namespace?.metadata.labels ?? {}
  const causes: Cause[] = []
  const read = (mode: string, otherwise: Level): Standard | undefined => {
    const [level, version] = [labels[PREFIX + mode], labels[`${PREFIX}${mode}-version`]]
    const known = LEVELS.find((each) => each === level)
    if (level !== undefined && known === undefined)
      causes.push(problem(mode, level, `must be one of ${LEVELS.join(', ')}`))
    const minor = version === undefined ? 'latest' : minorOf(version)
    if (minor === undefined)
      causes.push(problem(`${mode}-version`, version ?? '', 'must be "latest" or "v1.x"'))
    if (level === undefined && version === undefined) return undefined
    const fallback = level === undefined ? 'privileged' : otherwise
    return { level: known ?? fallback, minor: minor ?? 'latest' }
  }
  const enforce = read('enforce', 'restricted') ?? OPEN
  read('audit', 'privileged')
  const own = read('warn', 'privileged')
  const isEnforced = LEVELS.some((each) => each === labels[`${PREFIX}enforce`])
  const isWarned = labels[`${PREFIX}warn`] !== undefined
  const follows = !isWarned && isEnforced && enforce.level !== 'privileged'
  const warn = follows ? { level: enforce.level, minor: own?.minor ?? enforce.minor } : own
  return { policy: { enforce, warn: warn ?? OPEN }, causes }
}

function minorOf(version: string): number | 'latest' | undefined {
  if (version === 'latest') return version
  const minor = /^v1\.(\d|[1-9]\d*)$/.exec(version)?.[1]
  return minor === undefined ? undefined : Number(minor)
}

function problem(label: string, value: string, why: string): Cause {
  return invalid(`metadata.labels[${PREFIX}${label}]`, value, why)
}

function namespaceChanged(core: Core, attributes: Attributes, namespace: KubeObject): void {
  const next = policyOf(namespace)
  const { old } = attributes
  const before = policyOf(old)
  const isNew = old === undefined || JSON.stringify(before.causes) !== JSON.stringify(next.causes)
  if (next.causes.length > 0 && isNew)
    throw invalidStatus(attributes.kind, namespace.metadata.name ?? '', next.causes)
  if (old === undefined) return
  const { enforce } = next.policy
  if (enforce.level === 'privileged') return
  const stricter = LEVELS.indexOf(enforce.level) > LEVELS.indexOf(before.policy.enforce.level)
  if (enforce.minor === before.policy.enforce.minor && !stricter) return
  attributes.warnings.push(...podsAgainst(core, namespace.metadata.name ?? '', enforce))
}

/** Existing pods that a new level does not like, by what is wrong with them. */
function podsAgainst(core: Core, namespace: string, enforce: Standard): string[] {
  const names = new Map<string, string[]>()
  for (const pod of core.store.list('pods', `${namespace}/`)) {
    const parts = podAt(pod, [])
    const found = parts === undefined ? [] : against(enforce, parts)
    if (found.length === 0) continue
    const why = found.map(({ reason }) => reason).join(', ')
    names.set(why, [...(names.get(why) ?? []), pod.metadata.name ?? ''])
  }
  if (names.size === 0) return []
  const lines = [...names].map(([why, pods]) => {
    const others = pods.length - 1
    const more = others === 0 ? '' : ` (and ${others} other ${others === 1 ? 'pod' : 'pods'})`
    return `${[...pods].sort()[0]}${more}: ${why}`
  })
  return [
    `existing pods in namespace ${JSON.stringify(namespace)} violate the new PodSecurity enforce level ${JSON.stringify(nameOf(enforce))}`,
    ...lines.sort(),
  ]
}
