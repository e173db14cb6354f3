import { isObject, type JsonObject, type YamlNode } from '../object/index.ts'
import { type Accumulator, emptyAccumulator, layerOf, type Target } from './accumulator.ts'
import {
  configShape,
  defaultConfig,
  EMPTY_CONFIG,
  mergeConfig,
  readConfig,
  type TransformerConfig,
} from './config/config.ts'
import { configFromCrds } from './config/crds.ts'
import { along, BuildFault, fail, inQuotes, within } from './fault.ts'
import { readDocuments } from './load/documents.ts'
import type { Kustomization } from './load/kustomization.ts'
import { kindOf, loadKustomization, readConfigValue } from './load/kustomization-file.ts'
import { type Loader, MissingRemote } from './load/loader.ts'
import { readShape } from './load/shape.ts'
import { ResMap } from './model/res-map.ts'
import { makeResource, type Resource } from './model/resource.ts'
import { originBelow, setOrigin } from './plugin/origin.ts'
import { runGenerators, runTransformers } from './plugin/pipeline.ts'
import { inlineDocuments } from './plugin/plugins.ts'
import { addVar, noteVars, varTexts } from './transform/vars.ts'

/**
 * Gathers what a kustomization names and runs its generators and transformers on it.
 * @see sigs.k8s.io/kustomize/api v0.21.1 internal/target/kusttarget.go accumulateTarget
 */
export function accumulate(target: Target, into?: Accumulator): Accumulator {
  return along(
    () => target.loader.chain(),
    () => accumulateHere(target, into),
  )
}

function accumulateHere(target: Target, into: Accumulator | undefined): Accumulator {
  const { kustomization } = target.file
  const { loader, state } = target
  const start = into ?? emptyAccumulator(state)
  within('accumulating resources', () =>
    accumulateAll(target, start, kustomization.resources ?? []),
  )
  start.config = mergeConfig(start.config, ownConfig(loader, kustomization.configurations ?? []))
  if (kustomization.crds?.length)
    start.config = mergeConfig(start.config, configFromCrds(loader, kustomization.crds))
  runGenerators(target, start, accumulatePlugins)
  let result = start
  within('accumulating components', () => {
    for (const path of kustomization.components ?? []) result = enterComponent(target, result, path)
  })
  runTransformers(target, result, accumulatePlugins)
  const vars = kustomization.vars ?? []
  within(
    () => `merging vars ${varTexts(vars)}`,
    () => noteVars(result.map, result.vars, vars),
  )
  return result
}

function ownConfig(loader: Loader, paths: readonly string[]): TransformerConfig {
  const own = paths.reduce((config, path) => {
    const { bytes, path: file } = loader.load(path)
    const value = within('error converting YAML to JSON', () => readConfigValue(bytes, file))
    if (!isObject(value) && value !== null)
      fail(
        `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kindOf(value)} into Go value of type builtinconfig.TransformerConfig`,
        { file },
      )
    const read = within('error unmarshaling JSON: while decoding JSON', () =>
      readShape(value ?? {}, configShape, { strict: true, coerce: true }),
    )
    return mergeConfig(config, readConfig(read as JsonObject))
  }, EMPTY_CONFIG)
  return mergeConfig(defaultConfig(), own)
}

/** Takes in files and bases; what is independent is all looked at before a fault is thrown. */
function accumulateAll(target: Target, into: Accumulator, paths: readonly string[]): void {
  const faults: BuildFault[] = []
  let missing: MissingRemote | undefined
  for (const path of paths) {
    try {
      accumulatePath(target, into, path)
    } catch (error) {
      if (error instanceof MissingRemote) missing ??= error
      else if (error instanceof BuildFault) faults.push(error)
      else throw error
    }
  }
  if (missing !== undefined && faults.length === 0) throw missing
  throwAll(faults)
}

function throwAll(faults: readonly BuildFault[]): void {
  const [first, ...others] = faults
  if (first === undefined) return
  throw others.length === 0
    ? first
    : new BuildFault(first.message, {
        at: first.at,
        cause: first.cause,
        others,
        chain: first.chain,
      })
}

function accumulatePath(target: Target, into: Accumulator, path: string): void {
  const { loader } = target
  if (loader.isDirectory(path)) {
    const notFile = (): string =>
      `accumulation err='accumulating resources from '${path}': ${loader.notFile(path)}'`
    const below = within(notFile, () => loader.enter(path))
    within(notFile, () => accumulateDirectory(target, { into, path, loader: below }))
    return
  }
  const fileFault = accumulateFile(target, into, path)
  if (fileFault === undefined) return
  const context = `accumulation err='${fileFault.message}'`
  let below: Loader
  try {
    below = loader.enter(path)
  } catch (error) {
    if (!(error instanceof BuildFault)) throw error
    if (fileFault.message.includes('MalformedYAMLError')) throw fileFault
    const { others, chain } = error
    throw new BuildFault(`${context}: ${error.message}`, {
      at: fileFault.at ?? error.at,
      cause: error,
      others,
      chain,
    })
  }
  within(context, () => accumulateDirectory(target, { into, path, loader: below }))
}

/** Reads a file of resources; answers the fault when it is none, since it may be a directory. */
function accumulateFile(target: Target, into: Accumulator, path: string): BuildFault | undefined {
  try {
    const resources = within(
      () => `accumulating resources from '${path}'`,
      () => {
        const loaded = target.loader.load(path)
        const { parses } = target.loader.state.options
        const parse = (): YamlNode[] => readDocuments(loaded.bytes, loaded.path, path)
        const nodes = parses === undefined ? parse() : parses.documents(loaded.bytes, parse)
        const read = nodes.map((node) => makeResource(node, loaded.path))
        if (target.origin !== undefined)
          for (const resource of read) setOrigin(resource, originBelow(target.origin, path))
        target.state.tracer?.read(read, layerOf(target))
        demandDistinct(target, read)
        return read
      },
    )
    within(
      () => `merging resources from '${path}'`,
      () => into.map.appendAll(resources),
    )
    return undefined
  } catch (error) {
    if (error instanceof BuildFault) return error
    throw error
  }
}

function demandDistinct(target: Target, resources: readonly Resource[]): void {
  if (resources.length > 1) new ResMap(target.state.openApi.scopes).appendAll(resources)
}

interface Entry {
  readonly into: Accumulator
  readonly path: string
  readonly loader: Loader
}

function subTarget(target: Target, entry: Entry): Target {
  const { loader, path } = entry
  const file = within(`couldn't make target for path '/${loader.root}'`, () =>
    loadKustomization(loader, target.state.warnings),
  )
  const { buildMetadata } = target.file.kustomization
  const kustomization: Kustomization = {
    ...file.kustomization,
    ...(buildMetadata === undefined ? { buildMetadata: [] } : { buildMetadata }),
  }
  target.state.openApi.use(kustomization.openapi, loader, false)
  const origin = target.origin === undefined ? undefined : originBelow(target.origin, path)
  const chartNamespace = target.file.kustomization.namespace || target.chartNamespace
  return { loader, file: { ...file, kustomization }, state: target.state, origin, chartNamespace }
}

function accumulateDirectory(target: Target, entry: Entry): void {
  const { into, loader } = entry
  const sub = subTarget(target, entry)
  if (sub.file.kustomization.kind === 'Component')
    fail(`expected kind != 'Component' for path '/${loader.root}'`)
  const below = within(`recursed accumulation of path '/${loader.root}'`, () => accumulate(sub))
  within(`recursed merging from path '/${loader.root}'`, () => {
    into.map.appendAll(below.map.list)
    into.config = mergeConfig(into.config, below.config)
    for (const spec of below.vars.values()) addVar(into.vars, spec)
  })
}

/** A component works on what its parent has gathered so far. */
function enterComponent(target: Target, parent: Accumulator, path: string): Accumulator {
  let loader: Loader
  try {
    loader = target.loader.enter(path)
  } catch (error) {
    if (!(error instanceof BuildFault)) throw error
    throw error.wrapped(`loader.New ${JSON.stringify(error.message)}`)
  }
  return inQuotes('accumulateDirectory', () => {
    const sub = subTarget(target, { into: parent, path, loader })
    if (sub.file.kustomization.kind !== 'Component')
      fail(
        `expected kind 'Component' for path '/${loader.root}' but got '${sub.file.kustomization.kind}'`,
      )
    return within(`recursed accumulation of path '/${loader.root}'`, () => accumulate(sub, parent))
  })
}

/** Configurations of plugins: inline, in files, or in kustomizations. */
function accumulatePlugins(target: Target, entries: readonly string[]): ResMap {
  const into = emptyAccumulator(target.state)
  const paths: string[] = []
  for (const entry of entries) {
    const nodes = inlineDocuments(entry)
    if (nodes === undefined) {
      paths.push(entry)
      continue
    }
    const resources = nodes.map((node) => makeResource(node, target.file.name))
    if (target.origin !== undefined)
      for (const resource of resources)
        setOrigin(resource, originBelow(target.origin, target.file.name))
    into.map.appendAll(resources)
  }
  accumulateAll(target, into, paths)
  return into.map
}
