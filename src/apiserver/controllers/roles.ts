import { isArray, isObject, type Json, type KubeObject, sameJson } from '../../object/index.ts'
import type { Controller, Hands } from './hands.ts'
import { parseSelectorObject } from './label-selector.ts'

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
      const kind = hands.kind('rbac.authorization.k8s.io', 'ClusterRole')
      hands.update(kind, role, { ...role, rules })
      return undefined
    },
  }
}

function aggregated(hands: Hands, role: KubeObject): Json[] | undefined {
  const rule = role['aggregationRule']
  if (!isObject(rule)) return undefined
  const selectors = rule['clusterRoleSelectors']
  const matchers = (isArray(selectors) ? selectors : []).map(parseSelectorObject)
  const rules: Json[] = []
  for (const other of hands.core.store.list(ROLES)) {
    if (other === role || !matchers.some((matches) => matches(other.metadata.labels))) continue
    const own = other['rules'] as Json | undefined
    for (const each of isArray(own) ? own : [])
      if (!rules.some((had) => sameJson(had, each))) rules.push(each)
  }
  return rules
}
