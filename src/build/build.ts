import { type FileTree, joinPath } from '../base/index.ts'
import { YamlError } from '../object/index.ts'
import { type Accumulator, layerOf, type Target } from './accumulator.ts'
import { editKustomization } from './edit.ts'
import { BuildFault, fail, withChain, within } from './fault.ts'
import { loadKustomization } from './load/kustomization-file.ts'
import { Loader, type LoadState, MissingRemote } from './load/loader.ts'
import {
  addManagedBy,
  cleanAnnotations,
  dropLocal,
  objectsOf,
  printAll,
  valuesOf,
} from './output.ts'
import { OpenApi } from './plugin/open-api.ts'
import { accumulate } from './target.ts'
import type { Tracer } from './trace/types.ts'
import { addHashes } from './transform/hash.ts'
import { fixReferences } from './transform/references.ts'
import { sortResources } from './transform/sort.ts'
import { resolveVars } from './transform/vars.ts'
import type { BuildOptions, BuildResult, Built } from './types.ts'

/**
 * Builds the kustomization at a path of a tree. Remote bases that are not mounted are all answered
 * at once, as far as they can be seen, instead of a build.
 * @throws Fault BUILD, kustomize's words first, then the place
 * @see sigs.k8s.io/kustomize/api v0.21.1 krusty/kustomizer.go Run
 */
export function build(tree: FileTree, path: string, options: BuildOptions = {}): BuildResult {
  return buildWith(tree, path, { options, tracer: undefined })
}

/** Builds, and tells a tracer of each step. */
export function buildWith(
  tree: FileTree,
  path: string,
  how: { readonly options: BuildOptions; readonly tracer: Tracer | undefined },
): BuildResult {
  const { options, tracer } = how
  const state: LoadState = { tree, options, reads: new Map(), missing: new Map(), bytes: 0 }
  const root = joinPath(path)
  try {
    const fence = options.fence === undefined ? undefined : joinPath(options.fence)
    const loader = new Loader({
      root: tree.real?.(root) ?? root,
      state,
      ...(fence === undefined ? {} : { fence: tree.real?.(fence) ?? fence }),
    })
    return run(loader, options, tracer)
  } catch (error) {
    if (error instanceof MissingRemote || (error instanceof BuildFault && state.missing.size > 0))
      return { missing: [...state.missing.values()] }
    if (error instanceof BuildFault) throw withChain(error)
    if (error instanceof YamlError) throw new BuildFault(error.message, { cause: error })
    if (error instanceof RangeError && /call stack/i.test(error.message))
      throw new BuildFault('exceeded max depth of documents or kustomizations', { cause: error })
    throw error
  }
}

function run(loader: Loader, options: BuildOptions, tracer: Tracer | undefined): Built {
  const { tree } = loader.state
  if (tree.kind(loader.root) !== 'dir') {
    const shown = `/${loader.root}`
    const isFile = tree.kind(loader.root) === 'file'
    const why = `not a valid directory: ${loader.absent(loader.root)}`
    fail(`must build at directory: ${isFile ? `'${shown}': file is not directory` : why}`)
  }
  const { warnings = [] } = options
  const openApi = new OpenApi()
  const file =
    options.edit === undefined
      ? loadKustomization(loader, warnings)
      : editKustomization(loader, options.edit, warnings)
  openApi.use(file.kustomization.openapi, loader, true)
  const origin = file.kustomization.buildMetadata?.length ? {} : undefined
  const target: Target = { loader, file, state: { warnings, openApi, tracer }, origin }
  const accumulator = underEdit(options, () => {
    const accumulated = accumulate(target)
    finish(accumulated, { target, options })
    tracer?.done(accumulated.map.list)
    return accumulated
  })
  const values = underEdit(options, () => valuesOf(accumulator.map))
  let yaml: string | undefined
  return {
    objects: objectsOf(values),
    files: accumulator.map.list.map((resource) => resource.file),
    get yaml() {
      yaml ??= printAll(values)
      return yaml
    },
    warnings,
    reads: [...loader.state.reads.values()],
  }
}

/** Who edits a kustomization tells faults of the edit from those of the build that follows. */
function underEdit<T>(options: BuildOptions, work: () => T): T {
  return options.edit === undefined ? work() : within('kustomize build failed', work)
}

/** What is done once, for the outermost kustomization. */
function finish(
  accumulator: Accumulator,
  context: { readonly target: Target; readonly options: BuildOptions },
): void {
  const { map, config, vars } = accumulator
  const { target, options } = context
  const { kustomization } = target.file
  const { tracer, warnings } = target.state
  const traced = (step: string): void => tracer?.after(map.list, { step }, layerOf(target))
  addHashes(map)
  traced('hash')
  fixReferences(map, config)
  traced('nameReference')
  map.touch()
  resolveVars(map, vars, { config, warnings })
  traced('vars')
  dropLocal(map)
  sortResources(map, kustomization.sortOptions ?? { order: options.order ?? 'legacy' })
  const isManaged = kustomization.buildMetadata?.includes('managedByLabel') === true
  if (options.managedByLabel === true || isManaged) addManagedBy(map)
  cleanAnnotations(map, kustomization)
  traced('buildMetadata')
}
