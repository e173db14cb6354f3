import type { Json, JsonObject } from '../../object/index.ts'
import { type Accumulator, layerOf, type Target } from '../accumulator.ts'
import { mergeSpecs, readSpecs, type TransformerConfig } from '../config/config.ts'
import { configuring, fail, within } from '../fault.ts'
import { absorb } from '../generate/absorb.ts'
import { generateMap, mergeOptions } from '../generate/generate.ts'
import { firstChart } from '../load/helm.ts'
import type { LabelSpec, ReplacementSpec } from '../load/kustomization.ts'
import type { FieldSpec } from '../model/field-spec.ts'
import { resIdText } from '../model/ids.ts'
import { metaMap } from '../model/node.ts'
import type { ResMap } from '../model/res-map.ts'
import { originalId, type Resource, setMetaMap } from '../model/resource.ts'
import { SelectIndex } from '../model/select.ts'
import type { TraceStep } from '../trace/types.ts'
import { addEntries } from '../transform/field-lists.ts'
import { setImage } from '../transform/images.ts'
import { addAffix } from '../transform/names.ts'
import { setNamespaces } from '../transform/namespace.ts'
import { applyLegacyMerge, applyPatch, type PatchContext, readPatch } from '../transform/patches.ts'
import { applyReplacements, readReplacements } from '../transform/replacements.ts'
import { setReplicas } from '../transform/replicas.ts'
import {
  builtinOrigin,
  noteTransformation,
  ORIGIN,
  type Origin,
  pluginOrigin,
  setOrigin,
} from './origin.ts'
import { jsonPatchPlugin, loadPlugin, readLegacyMerges, refuseHelm } from './plugins.ts'

/** Gathers configurations of plugins. */
export type GatherPlugins = (target: Target, entries: readonly string[]) => ResMap

/**
 * Runs the generators of a kustomization: ConfigMaps, Secrets, then those of `generators`.
 * @see sigs.k8s.io/kustomize/api v0.21.1 internal/target/kusttarget.go runGenerators
 */
export function runGenerators(target: Target, into: Accumulator, gather: GatherPlugins): void {
  const { kustomization } = target.file
  const chart = firstChart(kustomization, target.chartNamespace)
  if (chart !== undefined) configuring('HelmChartInflationGenerator', chart, refuseHelm)
  for (const kind of ['ConfigMap', 'Secret'] as const) {
    const isMap = kind === 'ConfigMap'
    const list = isMap ? kustomization.configMapGenerator : kustomization.secretGenerator
    for (const [index, args] of (list ?? []).entries()) {
      const options = mergeOptions(args.options, kustomization.generatorOptions)
      const resource = generateMap(
        kind,
        options === undefined ? args : { ...args, options },
        target.loader,
      )
      if (target.origin !== undefined)
        setOrigin(resource, builtinOrigin(target.origin, target.file.name, `${kind}Generator`))
      within('merging from generator', () => absorb(into.map, resource))
      const from = { step: isMap ? 'configMapGenerator' : 'secretGenerator', index }
      target.state.tracer?.after([resource], from, layerOf(target))
    }
  }
  if (kustomization.generators === undefined) return
  const configs = within('loading generator plugins', () =>
    gather(target, kustomization.generators ?? []),
  )
  for (const config of configs.list) {
    const plugin = within('loading generator plugins: failed to load generator', () =>
      loadPlugin(config, { loader: target.loader, definitions: target.state.openApi.definitions }),
    )
    const { generate } = plugin
    if (generate === undefined)
      return fail(
        `loading generator plugins: failed to load generator: ${notA(config, 'generator')}`,
      )
    const origin = pluginOrigin(config)
    for (const resource of generate()) {
      if (origin !== undefined && !metaMap(resource.node, 'annotations').has(ORIGIN))
        setOrigin(resource, origin)
      within('merging from generator', () => absorb(into.map, resource))
      target.state.tracer?.after(
        [resource],
        { step: 'generators', file: config.file },
        layerOf(target),
      )
    }
  }
}

/** One transformer of a kustomization, read and checked. */
interface Step {
  /** Kind of the built-in plugin. */
  readonly kind: string
  readonly origin: Origin | undefined
  readonly run: (map: ResMap) => void
  /** What it is in the kustomization. */
  readonly from: TraceStep
  /** Leaves indexes in order by itself, so that many patches cost no more than what they change. */
  readonly isPatch?: true
}

/**
 * Runs the transformers of a kustomization in kustomize's fixed order, then those of
 * `transformers`, then the validators.
 */
export function runTransformers(target: Target, into: Accumulator, gather: GatherPlugins): void {
  const { kustomization } = target.file
  const context = {
    map: into.map,
    index: new SelectIndex(into.map),
    definitions: target.state.openApi.definitions,
    touched: target.state.tracer === undefined ? undefined : new Set<Resource>(),
  }
  const steps = [
    ...patchSteps(target, context),
    ...nameSteps(target, into.config),
    ...labelSteps(target, into.config),
    ...valueSteps(target, into.config),
    ...pluginSteps(target, kustomization.transformers ?? [], gather),
  ]
  for (const step of steps) {
    step.run(into.map)
    const changed = step.isPatch ? context.touched : into.map.list
    target.state.tracer?.after(changed ?? [], step.from, layerOf(target))
    context.touched?.clear()
    if (step.origin !== undefined) noteTransformation(into.map.list, step.origin)
    if (step.isPatch) continue
    into.map.dropEmpties()
    context.index.touch()
  }
  for (const step of pluginSteps(target, kustomization.validators ?? [], gather))
    validate(into.map, step)
}

function step(target: Target, kind: string, from: TraceStep, run: (map: ResMap) => void): Step {
  const origin =
    target.origin === undefined ? undefined : builtinOrigin(target.origin, target.file.name, kind)
  return { kind, origin, run, from }
}

function patchSteps(target: Target, context: PatchContext): Step[] {
  const { patchesStrategicMerge, patches } = target.file.kustomization
  const steps: Step[] = []
  if (patchesStrategicMerge !== undefined && patchesStrategicMerge.length > 0) {
    const kind = 'PatchStrategicMergeTransformer'
    const merges = configuring(kind, { paths: patchesStrategicMerge }, () => {
      const read = readLegacyMerges(patchesStrategicMerge, target.loader)
      if (read.length > 0) return read
      return fail(`patch appears to be empty; files=[${patchesStrategicMerge.join(' ')}], Patch=`)
    })
    steps.push(
      step(target, kind, { step: 'patchesStrategicMerge' }, () => {
        for (const merge of merges) applyLegacyMerge(merge, context)
      }),
    )
  }
  for (const [index, spec] of (patches ?? []).entries()) {
    const patch = configuring('PatchTransformer', spec as Json, () =>
      readPatch(spec, target.loader),
    )
    const run = (): void => applyPatch(patch, context)
    const from = { step: 'patches', index }
    steps.push({ ...step(target, 'PatchTransformer', from, run), isPatch: true })
  }
  return steps
}

function nameSteps(target: Target, config: TransformerConfig): Step[] {
  const { namespace, namePrefix, nameSuffix } = target.file.kustomization
  const steps: Step[] = []
  if (namespace)
    steps.push(
      step(target, 'NamespaceTransformer', { step: 'namespace' }, (map) =>
        setNamespaces(map, {
          namespace,
          specs: config.namespace,
          unsetOnly: false,
          subjects: 'defaultOnly',
        }),
      ),
    )
  if (namePrefix)
    steps.push(
      step(target, 'PrefixTransformer', { step: 'namePrefix' }, (map) =>
        addAffix(map, { text: namePrefix, side: 'prefix' }, config.namePrefix),
      ),
    )
  if (nameSuffix)
    steps.push(
      step(target, 'SuffixTransformer', { step: 'nameSuffix' }, (map) =>
        addAffix(map, { text: nameSuffix, side: 'suffix' }, config.nameSuffix),
      ),
    )
  return steps
}

function labelSteps(target: Target, config: TransformerConfig): Step[] {
  const { labels, commonLabels, commonAnnotations } = target.file.kustomization
  const steps = (labels ?? []).map((label, index) => {
    const specs = within('failed to merge labels', () => labelSpecs(label, config))
    return step(target, 'LabelTransformer', { step: 'labels', index }, (map) =>
      addEntries(map.list, label.pairs ?? {}, specs),
    )
  })
  if (labels?.length || Object.keys(commonLabels ?? {}).length > 0)
    steps.push(
      step(target, 'LabelTransformer', { step: 'commonLabels' }, (map) =>
        addEntries(map.list, commonLabels ?? {}, config.commonLabels),
      ),
    )
  if (Object.keys(commonAnnotations ?? {}).length > 0)
    steps.push(
      step(target, 'AnnotationsTransformer', { step: 'commonAnnotations' }, (map) =>
        addEntries(map.list, commonAnnotations ?? {}, config.commonAnnotations),
      ),
    )
  return steps
}

const METADATA_LABELS: FieldSpec = {
  group: '',
  version: '',
  kind: '',
  path: 'metadata/labels',
  create: true,
}

function labelSpecs(label: LabelSpec, config: TransformerConfig): readonly FieldSpec[] {
  const own = mergeSpecs(readSpecs(label.fields), config.labels)
  if (label.includeSelectors === true) return mergeSpecs(own, config.commonLabels)
  const more = label.includeTemplates === true ? mergeSpecs(own, config.templateLabels) : own
  return mergeSpecs(more, [METADATA_LABELS])
}

function valueSteps(target: Target, config: TransformerConfig): Step[] {
  const { patchesJson6902, replicas, images, replacements } = target.file.kustomization
  const { definitions } = target.state.openApi
  const steps: Step[] = (patchesJson6902 ?? []).map((spec, index) => {
    const { patch, options: _, ...rest } = spec
    const json = (patch === undefined ? rest : { ...rest, jsonOp: patch }) as JsonObject
    const kind = 'PatchJson6902Transformer'
    const plugin = configuring(kind, json, () =>
      jsonPatchPlugin(json, { loader: target.loader, definitions }),
    )
    return step(target, kind, { step: 'patchesJson6902', index }, (map) => plugin.transform?.(map))
  })
  for (const [index, replica] of (replicas ?? []).entries())
    steps.push(
      step(target, 'ReplicaCountTransformer', { step: 'replicas', index }, (map) =>
        setReplicas(map, replica, config.replicas),
      ),
    )
  for (const [index, image] of (images ?? []).entries())
    steps.push(
      step(target, 'ImageTagTransformer', { step: 'images', index }, (map) =>
        setImage(map.list, image, config.images),
      ),
    )
  if (replacements !== undefined && replacements.length > 0) {
    const config = { Replacements: replacements as unknown as Json }
    const read = configuring('ReplacementTransformer', config, () => {
      const pairs = replacements.flatMap((spec, index) =>
        readReplacements([settled(spec)], target.loader).map((each) => [each, index] as const),
      )
      return new Map(pairs)
    })
    const { tracer } = target.state
    steps.push(
      step(target, 'ReplacementTransformer', { step: 'replacements' }, (map) =>
        applyReplacements(map, [...read.keys()], (spec, written) => {
          const index = read.get(spec) ?? 0
          tracer?.after(written, { step: 'replacements', index }, layerOf(target))
        }),
      ),
    )
  }
  return steps
}

/** An empty list of targets is none at all by the time that kustomize's transformer gets it. */
function settled({ targets, ...spec }: ReplacementSpec): ReplacementSpec {
  return targets?.length ? { ...spec, targets } : spec
}

function pluginSteps(target: Target, entries: readonly string[], gather: GatherPlugins): Step[] {
  if (entries.length === 0) return []
  const { definitions } = target.state.openApi
  return gather(target, entries).list.map((config) => {
    const plugin = loadPlugin(config, { loader: target.loader, definitions })
    const run = plugin.transform
    if (run === undefined) return fail(notA(config, 'transformer'))
    const from = { step: 'transformers', file: config.file }
    return { kind: '', origin: pluginOrigin(config), run, from }
  })
}

function notA(config: Resource, what: string): string {
  return `plugin ${resIdText(originalId(config))} not a ${what}`
}

const VALIDATED_BY = 'validated-by'

/** A validator may fail, and may mark what it has seen; it may change nothing else. */
function validate(map: ResMap, validator: Step): void {
  const before = map.list.map((resource) => JSON.stringify(resource.node))
  validator.run(map)
  for (const resource of map.list) {
    const labels = metaMap(resource.node, 'labels')
    if (!labels.delete(VALIDATED_BY)) continue
    setMetaMap(resource.node, 'labels', labels)
  }
  const isSame =
    before.length === map.list.length &&
    map.list.every((resource, i) => JSON.stringify(resource.node) === before[i])
  if (!isSame) fail("validator shouldn't modify the resource map")
}
