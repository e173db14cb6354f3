import type { Json, JsonObject } from '../../object/index.ts'
import { listOf, type Shape, shape, text, texts } from './shape.ts'

/** What a kustomization file says about charts. */
export interface HelmFields {
  readonly helmGlobals?: JsonObject
  readonly helmCharts?: readonly JsonObject[]
  readonly helmChartInflationGenerator?: readonly JsonObject[]
}

/** `helmCharts`: Go's HelmChart. */
export const helmChartsShape: Shape = listOf(
  shape(
    {
      name: text,
      version: text,
      repo: text,
      releaseName: text,
      namespace: text,
      additionalValuesFiles: texts,
      valuesFile: text,
      valuesInline: { map: 'any' },
      valuesMerge: text,
      includeCRDs: 'bool',
      skipHooks: 'bool',
      apiVersions: texts,
      kubeVersion: text,
      nameTemplate: text,
      skipTests: 'bool',
      debug: 'bool',
      devel: 'bool',
    },
    'HelmChart',
  ),
)

/** `helmGlobals`. */
export const helmGlobalsShape: Shape = shape({ chartHome: text, configHome: text }, 'HelmGlobals')

/** `helmChartInflationGenerator`, the old field of charts. */
export const helmLegacyShape: Shape = listOf(
  shape(
    {
      chartName: text,
      chartVersion: text,
      chartRepoUrl: text,
      chartHome: text,
      chartRepoName: text,
      helmBin: text,
      helmHome: text,
      values: text,
      valuesLocal: { map: 'any' },
      valuesMerge: text,
      releaseName: text,
      releaseNamespace: text,
      extraArgs: texts,
    },
    'HelmChartArgs',
  ),
)

const RENAMED: readonly (readonly [string, string])[] = [
  ['chartName', 'name'],
  ['chartVersion', 'version'],
  ['chartRepoUrl', 'repo'],
  ['values', 'valuesFile'],
  ['valuesLocal', 'valuesInline'],
  ['valuesMerge', 'valuesMerge'],
  ['releaseName', 'releaseName'],
]

/**
 * The first chart of a kustomization as the configuration of its generator, undefined where there is
 * none; `outer` is the namespace of the nearest kustomization above that has one.
 * @see sigs.k8s.io/kustomize/api v0.21.1 internal/target/kusttarget_configplugin.go
 */
export function firstChart(
  kustomization: HelmFields & { readonly namespace?: string },
  outer: string | undefined,
): JsonObject | undefined {
  const old = kustomization.helmChartInflationGenerator ?? []
  const chart = kustomization.helmCharts?.[0] ?? renamed(old[0])
  if (chart === undefined) return undefined
  const space = kustomization.namespace || outer
  const whole: Record<string, Json | undefined> = {
    ...(kustomization.helmGlobals ?? legacyGlobals(old)),
    ...chart,
    namespace: chart['namespace'] || space,
  }
  const said = Object.entries(whole).filter((entry): entry is [string, Json] => !isEmpty(entry[1]))
  return Object.fromEntries(said)
}

function renamed(old: JsonObject | undefined): JsonObject | undefined {
  if (old === undefined) return undefined
  return Object.fromEntries(RENAMED.map(([from, to]) => [to, old[from] ?? null]))
}

/** Of old charts the last that says where helm's files are counts for all. */
function legacyGlobals(old: readonly JsonObject[]): JsonObject {
  return {
    chartHome: old.findLast((each) => each['chartHome'])?.['chartHome'] ?? '',
    configHome: old.findLast((each) => each['helmHome'])?.['helmHome'] ?? '',
  }
}

/** What Go's `omitempty` leaves out. */
function isEmpty(value: Json | undefined): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0
  return value === undefined || value === null || value === '' || value === false
}
