import { baseName, compareText, joinPath } from '../base/index.ts'
import { isObject, type Json, type JsonObject } from '../object/index.ts'
import { BuildFault, fail, within } from './fault.ts'
import { readDocuments } from './load/documents.ts'
import { type Kustomization, kustomizationShape } from './load/kustomization.ts'
import { FILE_NAMES, type KustomizationFile, readRaw, settle } from './load/kustomization-file.ts'
import type { Loader } from './load/loader.ts'
import { readShape } from './load/shape.ts'
import type { KustomizationEdit } from './types.ts'

/** How an address begins for Go's net/url; what has no scheme is a path. */
const URL_SCHEME = /^[a-zA-Z][a-zA-Z0-9+.-]*:/

/** Most files and directories that a walk looks at. */
const MAX_WALK = 100_000

/**
 * The kustomization of a directory with an edit merged into it. Where there is no file, one is made
 * from a walk; an empty one builds to nothing. Unknown fields vanish without a word.
 * @see fluxcd/pkg kustomize/kustomize_generator.go
 */
export function editKustomization(
  loader: Loader,
  edit: KustomizationEdit,
  warnings: string[],
): KustomizationFile {
  const found = FILE_NAMES.filter((each) => loader.has(each))
  const [name] = found
  if (found.length > 1)
    fail(`kustomize build failed: Found multiple kustomization files under: /${loader.root}\n`)
  for (const each of FILE_NAMES) if (each !== name) loader.noteAbsent(each)
  const raw = name === undefined ? generated(loader) : existing(loader, name)
  const merged = mergeEdit(withoutIgnored(raw, loader), edit, loader)
  const kustomization = within('kustomize build failed', () => settle(merged, { warnings, loader }))
  return { name: name ?? 'kustomization.yaml', kustomization }
}

function existing(loader: Loader, name: string): Kustomization {
  const value = inOwnWords(/^invalid Kustomization: /, 'error converting YAML to JSON: ', () =>
    readRaw(loader, name),
  )
  const read = inOwnWords(/^(?=json: )/, 'error unmarshaling JSON: while decoding JSON: ', () =>
    readShape(isObject(value) ? value : {}, kustomizationShape, { strict: false, coerce: true }),
  ) as unknown as Kustomization
  if (value !== null && !isObject(value)) {
    const what = `json: cannot unmarshal ${jsonKind(value)} into Go value of type types.Kustomization`
    fail(`error unmarshaling JSON: while decoding JSON: ${what}`, {
      file: joinPath(loader.root, name),
    })
  }
  if ((read.resources?.length ?? 0) > 0 || (read.bases?.length ?? 0) > 0) return read
  return { ...read, buildMetadata: ['originAnnotations'] }
}

/**
 * A kustomization without the entries that are to be ignored; what is not there is a fault even then.
 * @see fluxcd/pkg kustomize/filters.go filterKsWithIgnoreFiles
 */
function withoutIgnored(file: Kustomization, loader: Loader): Kustomization {
  const { tree, options } = loader.state
  const { ignores } = options
  if (ignores === undefined) return file
  const kept = (list: readonly string[], mayBeUrl: boolean): string[] =>
    list.filter((entry) => {
      if (mayBeUrl && URL_SCHEME.test(entry)) return true
      const path = joinPath(loader.root, entry)
      const kind = tree.kind(path)
      if (kind === undefined) return fail(`lstat /${path}: no such file or directory`)
      return !ignores.listed(path, kind)
    })
  const { resources, components, crds, ...rest } = file
  const lists = {
    resources: kept(resources ?? [], true),
    components: kept(components ?? [], true),
    crds: kept(crds ?? [], false),
  }
  const filled = Object.entries(lists).filter(([, list]) => list.length > 0)
  return { ...rest, ...Object.fromEntries(filled) }
}

/** What Go's decoder calls a value that is no object. */
function jsonKind(value: Json | undefined): string {
  if (typeof value === 'boolean') return 'bool'
  return Array.isArray(value) ? 'array' : typeof value
}

/** Flux reads the file with another library than kustomize, and with other words before a fault. */
function inOwnWords<T>(kustomizes: RegExp, words: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof BuildFault)) throw error
    const message = error.message.replace(kustomizes, words)
    throw new BuildFault(message, { at: error.at, cause: error })
  }
}

function generated(loader: Loader): Kustomization {
  const budget = { left: MAX_WALK }
  const resources = walk(loader, '', budget)
  if (resources.length === 0) return { namespace: '_placeholder' }
  return { resources: resources.map((path) => `./${path}`) }
}

/** Manifests below a directory, and directories with a kustomization of their own. */
function walk(loader: Loader, below: string, budget: { left: number }): string[] {
  const { tree } = loader.state
  const directory = joinPath(loader.root, below)
  return [...(tree.list(directory) ?? [])].sort(compareText).flatMap((name) => {
    budget.left -= 1
    if (budget.left < 0) fail(`more than ${MAX_WALK} files below '/${loader.root}'`)
    const path = joinPath(below, name)
    const at = joinPath(loader.root, path)
    if (tree.kind(at) === 'dir') {
      const isOwn = FILE_NAMES.some((file) => tree.kind(joinPath(at, file)) === 'file')
      return isOwn ? [path] : walk(loader, path, budget)
    }
    if (!/\.ya?ml$/.test(baseName(at))) return []
    if (loader.state.options.ignores?.walked(at) === true) return []
    demandReadable(loader, path)
    return [path]
  })
}

function demandReadable(loader: Loader, path: string): void {
  const loaded = loader.load(path)
  try {
    readDocuments(loaded.bytes, loaded.path)
  } catch (error) {
    if (!(error instanceof BuildFault)) throw error
    const message = error.message.replace(` in File: ${loaded.path}`, '')
    throw new BuildFault(`failed to decode Kubernetes YAML from /${loaded.path}: ${message}`, {
      at: { ...error.at, file: loaded.path },
      cause: error,
    })
  }
}

function mergeEdit(base: Kustomization, edit: KustomizationEdit, loader: Loader): Kustomization {
  const lists = {
    ...append('patches', base.patches, edit.patches),
    ...append(
      'patchesStrategicMerge',
      base.patchesStrategicMerge,
      edit.patchesStrategicMerge?.map((each) => JSON.stringify(each)),
    ),
    ...append('patchesJson6902', base.patchesJson6902, edit.patchesJson6902),
    ...append('components', base.components, componentsOf(edit, loader)),
  }
  return {
    ...base,
    ...(edit.namespace ? { namespace: edit.namespace } : {}),
    ...(edit.namePrefix ? { namePrefix: edit.namePrefix } : {}),
    ...(edit.nameSuffix ? { nameSuffix: edit.nameSuffix } : {}),
    ...lists,
    ...(edit.images?.length ? { images: mergeImages(base.images ?? [], edit.images) } : {}),
    ...(edit.buildMetadata === undefined ? {} : { buildMetadata: edit.buildMetadata }),
  }
}

function append(
  field: string,
  own: readonly unknown[] | undefined,
  more: readonly unknown[] | undefined,
): object {
  if (more === undefined || more.length === 0) return {}
  return { [field]: [...(own ?? []), ...more] }
}

function componentsOf(edit: KustomizationEdit, loader: Loader): string[] {
  const { tree } = loader.state
  return (edit.components ?? []).filter((path) => {
    if (path.startsWith('/') || path.includes('://') || /^[\w.-]+@/.test(path))
      fail(`component path '${path}' must be local and relative`)
    if (edit.ignoreMissingComponents !== true) return true
    return tree.kind(joinPath(loader.root, path)) === 'dir'
  })
}

type Images = NonNullable<Kustomization['images']>

/** An image of the edit changes the one of its name; tag and digest go together. */
function mergeImages(own: Images, more: readonly JsonObject[]): Images {
  const result = [...own]
  for (const each of more) {
    const image = each as Readonly<Record<string, Json>>
    const index = result.findIndex((old) => old.name === image['name'])
    const old = result[index] ?? {}
    const { newTag, digest, ...rest } = old
    const hasTag = Boolean(image['newTag'] || image['digest'])
    const next = {
      ...rest,
      ...(hasTag ? {} : { ...(newTag ? { newTag } : {}), ...(digest ? { digest } : {}) }),
      ...Object.fromEntries(Object.entries(image).filter(([, value]) => value !== '')),
    }
    if (index < 0) result.push(next)
    else result[index] = next
  }
  return result
}
