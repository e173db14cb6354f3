import { isObject, type Json, type JsonObject, jsonOf, yamlValue } from '../../object/index.ts'
import { readSpecs } from '../config/config.ts'
import { fieldSpecShape } from '../config/field-spec-shape.ts'
import { fail, within } from '../fault.ts'
import { generateMap } from '../generate/generate.ts'
import { iamPolicy } from '../generate/iam-policy.ts'
import { readDocuments } from '../load/documents.ts'
import {
  type GeneratorArgs,
  generatorFields,
  type ImageSpec,
  imageShape,
  metaShape,
  type PatchSpec,
  patchOptionsShape,
  type ReplacementSpec,
  replacementShape,
  replicaShape,
  type SelectorSpec,
  selectorShape,
} from '../load/kustomization.ts'
import { readConfigValue } from '../load/kustomization-file.ts'
import { fileNameOf, type Loader, textOf } from '../load/loader.ts'
import { listOf, readShape, type Shape, shape, text, textMap, texts } from '../load/shape.ts'
import type { Definitions } from '../merge/definitions.ts'
import type { FieldSpec } from '../model/field-spec.ts'
import { gvkText, resIdText, splitVersion } from '../model/ids.ts'
import { fieldText } from '../model/node.ts'
import type { ResMap } from '../model/res-map.ts'
import { makeResource, originalId, type Resource } from '../model/resource.ts'
import { SelectIndex } from '../model/select.ts'
import { addEntries } from '../transform/field-lists.ts'
import { addHashes } from '../transform/hash.ts'
import { setImage } from '../transform/images.ts'
import { patchWithJson, readJsonPatch } from '../transform/json-patch.ts'
import { addAffix } from '../transform/names.ts'
import { type SubjectMode, setNamespaces } from '../transform/namespace.ts'
import { applyLegacyMerge, applyPatch, type PatchContext, readPatch } from '../transform/patches.ts'
import { applyReplacements, readReplacements } from '../transform/replacements.ts'
import { setReplicas } from '../transform/replicas.ts'
import { addValue, type ValueTarget } from '../transform/value-add.ts'

/** What a plugin runs with. */
export interface PluginContext {
  readonly loader: Loader
  readonly definitions: Definitions
}

/** A plugin ready to run: it changes resources, or makes some. */
export interface Plugin {
  readonly transform?: (map: ResMap) => void
  readonly generate?: () => Resource[]
}

/** A built-in plugin: the shape of its configuration, and how to make it. */
interface PluginKind {
  readonly shape: Shape
  readonly make: (config: JsonObject, context: PluginContext) => Plugin
}

const specs = listOf(fieldSpecShape)

/**
 * Makes a plugin from a resource in `generators`, `transformers` or `validators`. Only what is built
 * into kustomize runs; whatever would run a program is refused.
 * @see sigs.k8s.io/kustomize/api v0.21.1 internal/plugins/loader/loader.go
 */
export function loadPlugin(resource: Resource, context: PluginContext): Plugin {
  const { node } = resource
  const kind = fieldText(node, 'kind')
  const { group, version } = splitVersion(fieldText(node, 'apiVersion'))
  if (group !== '' || version !== 'builtin')
    fail(
      `external plugins disabled; unable to load external plugin '${kind}': programs, containers ` +
        'and Go plugins do not run here; use the built-in transformers, patches or replacements, or commit what the plugin makes',
      { file: resource.file, line: node.line },
    )
  const plugin = Object.hasOwn(PLUGINS, kind) ? PLUGINS[kind] : undefined
  if (plugin === undefined) fail(`unable to load builtin ${gvkText({ group, version, kind })}`)
  const value = jsonOf(yamlValue(node, { lenient: false })) as JsonObject
  return within(`plugin ${resIdText(originalId(resource))} fails configuration`, () => {
    const config = readShape(value, plugin.shape, { strict: false, coerce: true })
    return plugin.make((isObject(config) ? config : {}) as JsonObject, context)
  })
}

function specsOf(config: JsonObject): FieldSpec[] {
  return readSpecs(config['fieldSpecs'])
}

function as<T>(value: Json | undefined): T {
  return value as unknown as T
}

function generator(kind: 'ConfigMap' | 'Secret'): PluginKind {
  return {
    shape: shape({ ...generatorFields, type: text, metadata: metaShape }),
    make: (config, { loader }) => {
      const meta = (config['metadata'] ?? {}) as JsonObject
      const args = as<GeneratorArgs>(config)
      const named = {
        ...args,
        name: args.name || String(meta['name'] ?? ''),
        namespace: args.namespace || String(meta['namespace'] ?? ''),
      }
      return { generate: () => [generateMap(kind, named, loader)] }
    },
  }
}

function affix(side: 'prefix' | 'suffix'): PluginKind {
  return {
    shape: shape({ [side]: text, fieldSpecs: specs }),
    make: (config) => {
      if (config['fieldSpecs'] === undefined) fail('fieldSpecs is not expected to be nil')
      const value = { text: String(config[side] ?? ''), side }
      return { transform: (map) => addAffix(map, value, specsOf(config)) }
    },
  }
}

function entries(field: 'labels' | 'annotations'): PluginKind {
  return {
    shape: shape({ [field]: textMap, fieldSpecs: specs }),
    make: (config) => ({
      transform: (map) => {
        const pairs = as<Record<string, string> | undefined>(config[field]) ?? {}
        addEntries(map.list, pairs, specsOf(config))
        map.touch()
      },
    }),
  }
}

function patchContext(map: ResMap, definitions: Definitions): PatchContext {
  return { map, index: new SelectIndex(map), definitions }
}

const SUBJECT_MODES = ['defaultOnly', 'none', 'allServiceAccounts']

const PLUGINS: Readonly<Record<string, PluginKind>> = {
  ConfigMapGenerator: generator('ConfigMap'),
  SecretGenerator: generator('Secret'),
  IAMPolicyGenerator: {
    shape: shape({
      cloud: text,
      kubernetesService: shape({ namespace: text, name: text }),
      serviceAccount: shape({ namespace: text, name: text, projectId: text }),
    }),
    make: (config) => ({ generate: () => [iamPolicy(config)] }),
  },
  HelmChartInflationGenerator: {
    shape: { map: 'any' },
    make: () => refuseHelm(),
  },
  PrefixSuffixTransformer: {
    shape: shape({ prefix: text, suffix: text, fieldSpecs: specs }),
    make: (config) => {
      if (config['fieldSpecs'] === undefined) fail('fieldSpecs is not expected to be nil')
      return {
        transform: (map) => {
          for (const side of ['prefix', 'suffix'] as const)
            addAffix(map, { text: String(config[side] ?? ''), side }, specsOf(config))
        },
      }
    },
  },
  PrefixTransformer: affix('prefix'),
  SuffixTransformer: affix('suffix'),
  LabelTransformer: entries('labels'),
  AnnotationsTransformer: entries('annotations'),
  HashTransformer: { shape: shape({}), make: () => ({ transform: addHashes }) },
  NamespaceTransformer: {
    shape: shape({
      metadata: metaShape,
      fieldSpecs: specs,
      unsetOnly: 'bool',
      setRoleBindingSubjects: text,
    }),
    make: (config) => {
      const mode = String(config['setRoleBindingSubjects'] || 'defaultOnly')
      if (!SUBJECT_MODES.includes(mode))
        fail(
          `invalid value ${JSON.stringify(mode)} for setRoleBindingSubjects: must be one of "defaultOnly", "none" or "allServiceAccounts"`,
        )
      const meta = (config['metadata'] ?? {}) as JsonObject
      const options = {
        namespace: String(meta['namespace'] ?? ''),
        specs: specsOf(config),
        unsetOnly: config['unsetOnly'] === true,
        subjects: mode as SubjectMode,
      }
      return { transform: (map) => setNamespaces(map, options) }
    },
  },
  ImageTagTransformer: {
    shape: shape({ imageTag: imageShape, fieldSpecs: specs }),
    make: (config) => {
      const image = as<ImageSpec | undefined>(config['imageTag']) ?? {}
      return { transform: (map) => setImage(map.list, image, specsOf(config)) }
    },
  },
  ReplicaCountTransformer: {
    shape: shape({ replica: replicaShape, fieldSpecs: specs }),
    make: (config) => ({
      transform: (map) => setReplicas(map, as(config['replica'] ?? {}), specsOf(config)),
    }),
  },
  PatchTransformer: {
    shape: shape({ path: text, patch: text, target: selectorShape, options: patchOptionsShape }),
    make: (config, { loader, definitions }) => {
      const patch = readPatch(as<PatchSpec>(config), loader)
      return { transform: (map) => applyPatch(patch, patchContext(map, definitions)) }
    },
  },
  PatchStrategicMergeTransformer: {
    shape: shape({ paths: texts, patches: text }),
    make: (config, context) => legacyMerges(config, context),
  },
  PatchJson6902Transformer: {
    shape: shape({ target: selectorShape, path: text, jsonOp: text }),
    make: (config, context) => jsonPatchPlugin(config, context),
  },
  ReplacementTransformer: {
    shape: shape({ replacements: listOf(replacementShape) }),
    make: (config, { loader }) => {
      const list = as<ReplacementSpec[] | undefined>(config['replacements']) ?? []
      const replacements = readReplacements(list, loader)
      return { transform: (map) => applyReplacements(map, replacements) }
    },
  },
  ValueAddTransformer: {
    shape: shape({
      value: text,
      targetFilePath: text,
      targets: listOf(shape({ selector: selectorShape, fieldPath: text, filePathPosition: 'int' })),
    }),
    make: (config, context) => valueAdd(config, context),
  },
}

/** Helm charts are not inflated. */
export function refuseHelm(): never {
  return fail(
    'must specify --enable-helm: Helm charts are not inflated here; use a HelmRelease, or commit what `helm template` writes',
  )
}

function legacyMerges(config: JsonObject, context: PluginContext): Plugin {
  const paths = as<string[] | undefined>(config['paths']) ?? []
  const inline = String(config['patches'] ?? '')
  if (paths.length === 0 && inline === '') fail('empty file path and empty patch content')
  const merges = [
    ...readLegacyMerges(paths, context.loader),
    ...(inline === '' ? [] : readDocuments(inline, '').map((node) => makeResource(node, ''))),
  ]
  if (merges.length === 0)
    fail(`patch appears to be empty; files=[${paths.join(' ')}], Patch=${inline}`)
  return {
    transform: (map) => {
      for (const merge of merges) applyLegacyMerge(merge, patchContext(map, context.definitions))
    },
  }
}

/** Reads `patchesStrategicMerge`: each item is a patch or the path of a file with patches. */
export function readLegacyMerges(paths: readonly string[], loader: Loader): Resource[] {
  return paths.flatMap((path) => {
    const inline = inlineDocuments(path)
    if (inline !== undefined) return inline.map((node) => makeResource(node, ''))
    const { bytes, path: file } = loader.load(path)
    return readDocuments(bytes, file, path).map((node) => makeResource(node, file))
  })
}

/** Documents in a text that may as well be a path; undefined when it is no text of objects. */
export function inlineDocuments(text: string): ReturnType<typeof readDocuments> | undefined {
  if (!text.includes(':') && !text.includes('\n') && text.trim() !== '') return undefined
  try {
    return readDocuments(text, '')
  } catch {
    return undefined
  }
}

/** Reads and checks one of `patchesJson6902`. */
export function jsonPatchPlugin(config: JsonObject, { loader }: PluginContext): Plugin {
  const target = as<SelectorSpec | undefined>(config['target'])
  const path = String(config['path'] ?? '')
  const inline = String(config['jsonOp'] ?? '')
  if (target === undefined) fail('must specify a target for patch')
  if (!target.name) fail('must specify the target name')
  if (path === '' && inline === '') fail('empty file path and empty jsonOp')
  if (path !== '' && inline !== '') fail('must specify a file path or jsonOp, not both')
  const content = path === '' ? inline : (textOf(loader.load(path).bytes) ?? '')
  if (content === '') fail(`patch file '${path}' empty seems to be empty`)
  const operations = within(`decoding ${content}`, () => readJsonPatch(content))
  if (operations.length === 0) fail(`patch appears to be empty; file=${path}, JsonOp=${content}`)
  return {
    transform: (map) => {
      for (const resource of new SelectIndex(map).select(target))
        patchWithJson(resource, operations)
      map.touch()
    },
  }
}

function valueAdd(config: JsonObject, { loader }: PluginContext): Plugin {
  const value = String(config['value'] ?? '').trim() || fileNameOf(loader.root)
  const targets = [...(as<ValueTarget[] | undefined>(config['targets']) ?? [])]
  const path = String(config['targetFilePath'] ?? '')
  if (path !== '') {
    const loaded = loader.load(path)
    const more = readConfigValue(loaded.bytes, loaded.path)
    const list = isObject(more) ? as<ValueTarget[] | undefined>(more['targets']) : undefined
    targets.push(...(list ?? []))
  }
  if (targets.length === 0) fail('must specify at least one target')
  for (const target of targets) {
    if (!target.fieldPath) fail('fieldPath cannot be empty')
    if ((target.filePathPosition ?? 0) < 0)
      fail(`value of FilePathPosition (${target.filePathPosition}) cannot be negative`)
  }
  return { transform: (map) => addValue(map, value, targets) }
}
