import { fieldAt, gvkOf, isArray, isObject, type KubeObject } from '../object/index.ts'
import {
  type AnyCondition,
  conditionsOf,
  current,
  failed,
  type Health,
  inProgress,
  readConditions,
  textAt,
} from './status.ts'

/** When a condition means that the object will not get there by itself. */
interface BadCondition {
  readonly type: string
  readonly status: 'True' | 'False'
  /** Any of them; any at all when absent. */
  readonly reasons?: readonly string[]
}

/** How the health of some kinds is told. A rule of data, so that one more kind is one more line. */
interface CommonRule {
  /** `group/Kind`, or a group with `*`; `*.suffix/*` for all groups with that ending. */
  readonly kinds: readonly string[]
  /** Conditions that must all be True. Their absence is InProgress: the controller writes them. */
  readonly needs?: readonly string[]
  readonly fails?: readonly BadCondition[]
  /** A field that names the state, instead of conditions. */
  readonly phase?: {
    readonly path: readonly string[]
    readonly current: readonly string[]
    readonly failed: readonly string[]
  }
  /** Conditions stand in a list below `status`, one entry for each parent or ancestor. */
  readonly under?: string
}

/**
 * Common kinds that kstatus misjudges: it takes an object without a Ready condition for ready.
 * The order counts: the first rule that fits is used.
 */
const RULES: readonly CommonRule[] = [
  {
    kinds: ['cert-manager.io/CertificateRequest', 'cert-manager.io/Certificate'],
    needs: ['Ready'],
    fails: [
      { type: 'Ready', status: 'False', reasons: ['Failed', 'Denied'] },
      { type: 'InvalidRequest', status: 'True' },
      { type: 'Denied', status: 'True' },
    ],
  },
  { kinds: ['cert-manager.io/Issuer', 'cert-manager.io/ClusterIssuer'], needs: ['Ready'] },
  {
    kinds: ['acme.cert-manager.io/Order', 'acme.cert-manager.io/Challenge'],
    phase: {
      path: ['status', 'state'],
      current: ['valid'],
      failed: ['invalid', 'expired', 'errored'],
    },
  },
  { kinds: ['postgresql.cnpg.io/Cluster'], needs: ['Ready'] },
  {
    kinds: ['argoproj.io/Workflow'],
    phase: { path: ['status', 'phase'], current: ['Succeeded'], failed: ['Failed', 'Error'] },
  },
  {
    kinds: ['argoproj.io/Rollout'],
    phase: { path: ['status', 'phase'], current: ['Healthy'], failed: ['Degraded'] },
    fails: [{ type: 'InvalidSpec', status: 'True' }],
  },
  {
    kinds: ['argoproj.io/Application'],
    phase: {
      path: ['status', 'health', 'status'],
      current: ['Healthy', 'Suspended'],
      failed: ['Degraded'],
    },
  },
  {
    kinds: ['gateway.networking.k8s.io/GatewayClass'],
    needs: ['Accepted'],
    fails: [{ type: 'Accepted', status: 'False', reasons: ['InvalidParameters', 'Unsupported'] }],
  },
  {
    kinds: ['gateway.networking.k8s.io/Gateway'],
    needs: ['Accepted', 'Programmed'],
    fails: [{ type: 'Programmed', status: 'False', reasons: ['Invalid'] }],
  },
  {
    kinds: ['gateway.networking.k8s.io/*'],
    needs: ['Accepted', 'ResolvedRefs'],
    under: 'parents',
  },
  {
    kinds: ['pkg.crossplane.io/*'],
    needs: ['Installed', 'Healthy'],
    fails: [{ type: 'Installed', status: 'False', reasons: ['InactivePackageRevision'] }],
  },
  { kinds: ['apiextensions.crossplane.io/CompositeResourceDefinition'], needs: ['Established'] },
  { kinds: ['*.crossplane.io/ProviderConfig', '*.upbound.io/ProviderConfig'] },
  { kinds: ['*.crossplane.io/*', '*.upbound.io/*'], needs: ['Synced', 'Ready'] },
  {
    kinds: [
      'external-secrets.io/ExternalSecret',
      'external-secrets.io/ClusterExternalSecret',
      'external-secrets.io/SecretStore',
      'external-secrets.io/ClusterSecretStore',
      'external-secrets.io/PushSecret',
    ],
    needs: ['Ready'],
  },
  {
    kinds: ['bitnami.com/SealedSecret'],
    needs: ['Synced'],
    fails: [{ type: 'Synced', status: 'False' }],
  },
]

/** Kinds of which a condition of another generation says nothing. */
const PER_CONDITION = 'gateway.networking.k8s.io'

/**
 * The health of a common custom kind, by rules that need no words of the user; undefined for kinds
 * without such a rule. Crossplane, which has kinds of its own in every group, is told by its groups.
 */
export function commonHealth(object: KubeObject): Health | undefined {
  const { group, kind } = gvkOf(object)
  if (group.endsWith('.istio.io') || group === 'istio.io') return istioHealth(object)
  const rule = RULES.find(({ kinds }) => kinds.some((pattern) => fits(pattern, group, kind)))
  if (rule === undefined || (rule.needs === undefined && rule.phase === undefined)) return undefined
  return rule.under === undefined ? byRule(object, rule) : underParents(object, rule, rule.under)
}

function fits(pattern: string, group: string, kind: string): boolean {
  const slash = pattern.indexOf('/')
  const wantedGroup = pattern.slice(0, slash)
  const wantedKind = pattern.slice(slash + 1)
  const inGroup = wantedGroup.startsWith('*')
    ? group.endsWith(wantedGroup.slice(1))
    : group === wantedGroup
  return inGroup && (wantedKind === '*' || wantedKind === kind)
}

function byRule(object: KubeObject, rule: CommonRule): Health {
  const conditions = fresh(object, conditionsOf(object))
  const bad = badOf(conditions, rule)
  if (bad !== undefined) return failed(bad)
  if (rule.phase === undefined) return byConditions(conditions, rule.needs ?? [])
  const phase = textAt(object, rule.phase.path, '')
  const why = textAt(object, ['status', 'message'], '')
  const message = why === '' ? `phase: ${phase === '' ? 'unknown' : phase}` : `${phase}: ${why}`
  if (rule.phase.current.includes(phase)) return current(message)
  return rule.phase.failed.includes(phase) ? failed(message) : inProgress(message)
}

function byConditions(conditions: readonly AnyCondition[], needs: readonly string[]): Health {
  for (const type of needs) {
    const found = conditions.find((condition) => condition.type === type)
    if (found === undefined) return inProgress(`condition ${type} is not there yet`)
    if (found.status !== 'True') return inProgress(found.message || `condition ${type} is not True`)
  }
  return current('Resource is Ready')
}

/** One judgement for each parent; the worst of them counts, and no parent is none yet. */
function underParents(object: KubeObject, rule: CommonRule, field: string): Health {
  const list = fieldAt(object, 'status', field)
  const parents = isArray(list) ? list.filter(isObject) : []
  if (parents.length === 0) return inProgress('no parent has answered yet')
  const each = parents.map((parent) => {
    const conditions = fresh(object, readConditions(parent['conditions']))
    const bad = badOf(conditions, rule)
    return bad === undefined ? byConditions(conditions, rule.needs ?? []) : failed(bad)
  })
  return (
    each.find(({ status }) => status === 'Failed') ??
    each.find(({ status }) => status !== 'Current') ??
    current('Resource is Ready')
  )
}

function badOf(conditions: readonly AnyCondition[], rule: CommonRule): string | undefined {
  const bad = conditions.find((condition) =>
    (rule.fails ?? []).some(
      ({ type, status, reasons }) =>
        condition.type === type &&
        condition.status === status &&
        (reasons === undefined || reasons.includes(condition.reason)),
    ),
  )
  return bad === undefined ? undefined : bad.message || bad.reason
}

/** Conditions that were written for this generation of the object. */
function fresh(object: KubeObject, conditions: readonly AnyCondition[]): readonly AnyCondition[] {
  const { generation } = object.metadata
  if (gvkOf(object).group !== PER_CONDITION || generation === undefined) return conditions
  return conditions.filter(
    ({ observedGeneration }) =>
      observedGeneration === undefined || observedGeneration >= generation,
  )
}

/** Istio's configuration is in force once it is written, unless the analysis found an error in it. */
function istioHealth(object: KubeObject): Health | undefined {
  const messages = fieldAt(object, 'status', 'validationMessages')
  const errors = (isArray(messages) ? messages : []).filter(
    (message) => isObject(message) && message['level'] === 'ERROR',
  )
  return errors.length > 0 ? failed(`${errors.length} validation errors`) : undefined
}
