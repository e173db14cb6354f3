import { type JsonObject, sameJson } from '../../object/index.ts'
import { hardOf, textOf, usageOf } from '../quota.ts'
import { type Controller, type Hands, specOf, statusOf } from './hands.ts'

const QUOTAS = 'resourcequotas'

/** Tells in the status of quotas what their namespaces use. */
export function quotaController(hands: Hands): Controller {
  return {
    name: 'resource-quota',
    concerns: (event) => {
      if (event.table === QUOTAS && event.type !== 'DELETED') return [event.key]
      const { namespace } = event.object.metadata
      if (namespace === undefined || hands.core.store.count(QUOTAS) === 0) return []
      return hands.core.store.keys(QUOTAS, `${namespace}/`)
    },
    sync: (key) => {
      const quota = hands.core.store.get(QUOTAS, key)
      if (quota === undefined) return undefined
      const used = usageOf(hands.core, quota.metadata.namespace ?? '', {
        quota,
        hard: hardOf(quota),
      })
      const status: JsonObject = {
        hard: (specOf(quota)['hard'] ?? {}) as JsonObject,
        used: Object.fromEntries(
          Object.entries(used).map(([name, of]) => [name, textOf(of, name)]),
        ),
      }
      const had = statusOf(quota)
      if (sameJson(had, status)) return undefined
      const before = hardOf({ ...quota, spec: { hard: had['used'] ?? {} } })
      // What is created is added by the API server itself, everything else is counted afterwards.
      const hasGrown =
        had['hard'] !== undefined &&
        sameJson(had['hard'], status['hard'] ?? {}) &&
        Object.entries(used).every(([name, amount]) => amount >= (before[name] ?? 0n))
      const writer = hasGrown ? hands.as('kube-apiserver') : hands
      writer.setStatus(hands.kind('', 'ResourceQuota'), quota, status)
      return undefined
    },
  }
}
