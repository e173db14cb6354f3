import { type JsonObject, type KubeObject, sameJson, stringAt, valueAt } from '../object/index.ts'

/**
 * Says whether the live object differs from what an apply would make of it (the answer of the dry
 * run). Of the metadata only labels and annotations count; the status does not.
 * @see fluxcd/pkg ssa/manager_diff.go hasDrifted (v0.76.1)
 */
export function hasDrifted(live: KubeObject, dryRun: KubeObject): boolean {
  return !sameJson(comparedParts(live), comparedParts(dryRun))
}

/** The parts of an object that count when it is compared with what an apply would make of it. */
export function comparedParts(object: KubeObject): JsonObject {
  const { labels = {}, annotations = {} } = object.metadata
  return { labels, annotations, content: content(object) }
}

function content(object: KubeObject): JsonObject {
  const { metadata: _, status: __, ...rest } = object as unknown as JsonObject
  return object.kind === 'HorizontalPodAutoscaler' ? withoutDoubledMetrics(rest) : rest
}

/** A dry run of an older API server doubles the first metric and adds an empty one. */
function withoutDoubledMetrics(rest: JsonObject): JsonObject {
  const metrics = valueAt(rest, 'spec', 'metrics')
  if (!Array.isArray(metrics)) return rest
  const kept = metrics.filter(
    (metric, i) =>
      (stringAt(metric, 'type') ?? '') !== '' &&
      metrics.findIndex((other) => sameJson(other, metric)) === i,
  )
  return { ...rest, spec: { ...(rest['spec'] as JsonObject), metrics: kept } }
}
