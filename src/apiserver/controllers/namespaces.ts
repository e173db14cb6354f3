import { compareText, rfc3339 } from '../../base/index.ts'
import { type Json, type KubeObject, sameJson } from '../../object/index.ts'
import { authorityOf, KEYS } from '../keys.ts'
import { type Kind, keyOf } from '../kind.ts'
import { StatusFault } from '../status.ts'
import { type Controller, type Hands, specOf, statusOf } from './hands.ts'
import { conditionsOf } from './parts.ts'

const NAMESPACES = 'namespaces'

/**
 * How long a namespace stays whole once it is being deleted, so that who deletes it and then what is in
 * it finds that. The real controller waits five seconds.
 */
const PAUSE_MS = 1000

/** How long what could not be deleted is left alone. */
const RETRY_MS = 1000

/** Empties namespaces that are being deleted, then lets them go. */
export function namespaceController(hands: Hands): Controller {
  const due = new Map<string, number>()
  return {
    name: 'namespace',
    concerns: (event) => {
      if (event.table === NAMESPACES)
        return event.type === 'DELETED' || isTerminating(event.object) ? [event.key] : []
      const { namespace, finalizers } = event.object.metadata
      if (namespace === undefined || event.type === 'ADDED') return []
      const isLooser = finalizers?.length !== event.previous?.metadata.finalizers?.length
      if (event.type !== 'DELETED' && !isLooser) return []
      const owner = hands.core.store.get(NAMESPACES, namespace)
      return owner !== undefined && isTerminating(owner) ? [namespace] : []
    },
    sync: (name) => {
      const namespace = hands.core.store.get(NAMESPACES, name)
      if (namespace === undefined) due.delete(name)
      if (namespace === undefined || !isTerminating(namespace)) return undefined
      if (!finalizersOf(namespace).includes('kubernetes')) return undefined
      const now = hands.core.clock.now()
      const at = due.get(name) ?? now + PAUSE_MS
      due.set(name, at)
      return now < at ? at - now : empty(hands, namespace)
    },
  }
}

function isTerminating(namespace: KubeObject): boolean {
  return namespace.metadata.deletionTimestamp !== undefined
}

function finalizersOf(namespace: KubeObject): readonly string[] {
  return (specOf(namespace)['finalizers'] ?? []) as readonly string[]
}

function empty(hands: Hands, namespace: KubeObject): number | undefined {
  const name = namespace.metadata.name ?? ''
  // What runs goes before what it may need.
  const pods = emptied(hands, hands.kind('', 'Pod'), name)
  if (pods.length > 0) {
    const held = hands.core.store.get(NAMESPACES, name)
    if (held !== undefined) report(hands, held, [])
    return undefined
  }
  const left: KubeObject[] = []
  const failures: string[] = []
  for (const kind of hands.core.registry.storages())
    if (kind.namespaced && kind.verbs.includes('delete'))
      try {
        left.push(...emptied(hands, kind, name))
      } catch (error) {
        if (!(error instanceof StatusFault)) throw error
        failures.push(error.message)
      }
  const live = hands.core.store.get(NAMESPACES, name)
  if (live === undefined) return undefined
  if (left.length > 0 || failures.length > 0) {
    report(hands, live, left, failures)
    return failures.length === 0 ? undefined : RETRY_MS
  }
  const kind = hands.kind('', 'Namespace')
  const rest = finalizersOf(live).filter((each) => each !== 'kubernetes')
  hands.update(kind, live, { ...live, spec: { ...specOf(live), finalizers: rest } }, 'finalize')
  return undefined
}

/**
 * Deletes all objects of a kind; answers those that are still there. As any client it asks for the
 * version that the server prefers, which a webhook may have to give.
 * @throws StatusFault where it does not
 */
function emptied(hands: Hands, stored: Kind, namespace: string): KubeObject[] {
  const kind = hands.core.registry.byKind(stored.group, stored.kind) ?? stored
  const left: KubeObject[] = []
  for (const object of hands.list(kind, namespace)) {
    if (object.metadata.deletionTimestamp === undefined) hands.remove(kind, object)
    const key = keyOf(kind, namespace, object.metadata.name ?? '')
    const still = hands.core.store.get(kind.table, key)
    if (still !== undefined) left.push(still)
  }
  return left
}

/** Says in the status what keeps the namespace. */
function report(
  hands: Hands,
  namespace: KubeObject,
  left: readonly KubeObject[],
  failures: readonly string[] = [],
): void {
  const now = rfc3339(hands.core.clock.now())
  const kinds = new Map<string, number>()
  const finalizers = new Map<string, number>()
  for (const object of left) {
    const kind = hands.core.registry.byKind(groupOf(object), object.kind)
    const what = `${kind?.plural}.${kind?.group}`
    kinds.set(what, (kinds.get(what) ?? 0) + 1)
    for (const each of object.metadata.finalizers ?? [])
      finalizers.set(each, (finalizers.get(each) ?? 0) + 1)
  }
  const told = (counts: ReadonlyMap<string, number>, how: string): string[] =>
    [...counts]
      .map(([what, count]) => `${what} ${how} ${count} resource instances`)
      .sort(compareText)
  const remaining = told(kinds, 'has')
  const kept = told(finalizers, 'in')
  const conditions = [
    ['NamespaceDeletionDiscoveryFailure', '', 'All resources successfully discovered'],
    [
      'NamespaceDeletionGroupVersionParsingFailure',
      '',
      'All legacy kube types successfully parsed',
    ],
    [
      'NamespaceDeletionContentFailure',
      failures.length === 0 ? '' : 'ContentDeletionFailed',
      failures.length === 0
        ? 'All content successfully deleted, may be waiting on finalization'
        : `Failed to delete all resource types, ${failures.length} remaining: ${aggregated(failures)}`,
    ],
    [
      'NamespaceContentRemaining',
      remaining.length === 0 ? '' : 'SomeResourcesRemain',
      remaining.length === 0
        ? 'All content successfully removed'
        : `Some resources are remaining: ${remaining.join(', ')}`,
    ],
    [
      'NamespaceFinalizersRemaining',
      kept.length === 0 ? '' : 'SomeFinalizersRemain',
      kept.length === 0
        ? 'All content-preserving finalizers finished'
        : `Some content in the namespace has finalizers remaining: ${kept.join(', ')}`,
    ],
  ].map(([type = '', reason = '', message = '']) => ({
    type,
    status: reason === '' ? 'False' : 'True',
    lastTransitionTime: sinceWhen(namespace, type, reason === '' ? 'False' : 'True') ?? now,
    reason: reason === '' ? FINE[type] : reason,
    message,
  }))
  hands.setStatus(hands.kind('', 'Namespace'), namespace, { ...statusOf(namespace), conditions })
}

/** Several errors as one. @see k8s.io/apimachinery pkg/util/errors Aggregate (v0.36.3) */
function aggregated(messages: readonly string[]): string {
  const all = [...new Set(messages)]
  return all.length === 1 ? (all[0] ?? '') : `[${all.join(', ')}]`
}

/** When a condition came to say what it says; undefined where it said something else. */
function sinceWhen(namespace: KubeObject, type: string, status: string): Json | undefined {
  const had = conditionsOf(namespace).find((each) => each['type'] === type)
  return had?.['status'] === status ? had['lastTransitionTime'] : undefined
}

const FINE: Readonly<Record<string, string>> = {
  NamespaceDeletionDiscoveryFailure: 'ResourcesDiscovered',
  NamespaceDeletionGroupVersionParsingFailure: 'ParsedGroupVersions',
  NamespaceDeletionContentFailure: 'ContentDeleted',
  NamespaceContentRemaining: 'ContentRemoved',
  NamespaceFinalizersRemaining: 'ContentHasNoFinalizers',
}

function groupOf(object: KubeObject): string {
  return object.apiVersion.includes('/') ? (object.apiVersion.split('/')[0] ?? '') : ''
}

/** Gives every namespace its default ServiceAccount and the ConfigMap of the cluster's CA. */
export function namespaceFurniture(hands: Hands): Controller {
  return {
    name: 'namespace-furniture',
    tables: [NAMESPACES, 'serviceaccounts', 'configmaps', KEYS],
    concerns: (event) => {
      if (event.table === KEYS) return hands.core.store.keys(NAMESPACES)
      if (event.table === NAMESPACES && event.type !== 'DELETED') return [event.key]
      const { namespace = '', name } = event.object.metadata
      const ours =
        (event.type === 'DELETED' && event.table === 'serviceaccounts' && name === 'default') ||
        (event.type !== 'ADDED' && event.table === 'configmaps' && name === ROOT_CA)
      return ours ? [namespace] : []
    },
    sync: (namespace) => {
      const live = hands.core.store.get(NAMESPACES, namespace)
      if (live === undefined || isTerminating(live)) return undefined
      const account = hands.kind('', 'ServiceAccount')
      if (hands.get(account, namespace, 'default') === undefined)
        hands.create(account, {
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: { name: 'default', namespace },
        })
      const map = hands.kind('', 'ConfigMap')
      const had = hands.get(map, namespace, ROOT_CA)
      const data = { 'ca.crt': authorityOf(hands.core)?.certificate ?? '' }
      if (had !== undefined && !sameJson((had['data'] ?? {}) as Json, data))
        hands.update(map, had, { ...had, data })
      if (had === undefined)
        hands.create(map, {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: {
            name: ROOT_CA,
            namespace,
            annotations: { 'kubernetes.io/description': ABOUT_CA },
          },
          data,
        })
      return undefined
    },
  }
}

const ROOT_CA = 'kube-root-ca.crt'
const ABOUT_CA =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.'
