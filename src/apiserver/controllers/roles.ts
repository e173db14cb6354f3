import { invariant } from '../../base/index.ts'
import { isArray, isObject, type Json, type KubeObject, sameJson } from '../../object/index.ts'
import { SYSTEM_USER } from '../core.ts'
import { applyPatch } from '../fields/index.ts'
import { typeOf } from '../pipeline.ts'
import { versionsFor } from '../versions.ts'
import { replaceObject } from '../writes.ts'
import type { Controller, Hands } from './hands.ts'
import { parseSelectorObject } from './label-selector.ts'

const MANAGER = 'clusterrole-aggregation-controller'
const ROLES = 'clusterroles.rbac.authorization.k8s.io'

/** Fills ClusterRoles that aggregate others with the rules of those. */
export function roleAggregation(hands: Hands): Controller {
  return {
    name: 'clusterrole-aggregation',
    tables: [ROLES],
    concerns: (event) => {
      if (event.table !== ROLES) return []
      const aggregating = hands.core.store
        .list(ROLES)
        .filter((role) => isObject(role['aggregationRule']))
      return aggregating.map((role) => role.metadata.name ?? '')
    },
    sync: (name) => {
      const role = hands.core.store.get(ROLES, name)
      if (role === undefined) return undefined
      const rules = aggregated(hands, role)
      if (rules === undefined || sameJson((role['rules'] ?? []) as Json, rules)) return undefined
      apply(hands, role, rules)
      return undefined
    },
  }
}

/** Applies the rules, and nothing else: whoever wrote the role keeps the rest of it. */
function apply(hands: Hands, role: KubeObject, rules: readonly Json[]): void {
  const { core } = hands
  const kind = hands.kind('rbac.authorization.k8s.io', 'ClusterRole')
  const { name = '' } = role.metadata
  const { apiVersion } = role
  const own = { apiVersion, kind: 'ClusterRole', metadata: { name } }
  const result = applyPatch({
    type: typeOf(kind),
    live: role,
    force: true,
    reset: [],
    ...versionsFor(core, kind),
    applied: rules.length === 0 ? own : ({ ...own, rules } as KubeObject),
    manager: MANAGER,
    now: core.clock.now(),
  })
  invariant(!('refusal' in result), `the rules of ClusterRole ${name} can be applied`)
  const write = { kind, namespace: '', name, subresource: '', manager: MANAGER, user: SYSTEM_USER }
  replaceObject(core, { ...write, dryRun: false, tracked: true }, role, result.object)
}

function aggregated(hands: Hands, role: KubeObject): Json[] | undefined {
  const rule = role['aggregationRule']
  if (!isObject(rule)) return undefined
  const selectors = rule['clusterRoleSelectors']
  const rules: Json[] = []
  for (const matches of (isArray(selectors) ? selectors : []).map(parseSelectorObject))
    for (const other of hands.core.store.list(ROLES)) {
      if (other === role || !matches(other.metadata.labels)) continue
      const own = other['rules'] as Json | undefined
      for (const each of isArray(own) ? own : [])
        if (!rules.some((had) => sameJson(had, each))) rules.push(each)
    }
  return rules
}
