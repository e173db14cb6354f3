import { type FileTree, isFault, joinPath } from '../base/index.ts'
import {
  isKubeObject,
  type Json,
  type KubeObject,
  parseApiVersion,
  parseYaml,
  stringAt,
} from '../object/index.ts'
import { crdKinds } from './stand-in.ts'

/** What a fleet repository says about itself. */
export interface Entry {
  /** Directory of the cluster, without leading `./`; `''` for the root. */
  readonly path: string
  /** The Kustomization that the repository holds of itself (gotk-sync.yaml), where there is one. */
  readonly kustomization: KubeObject | undefined
  /** The address under which the repository knows itself. */
  readonly url: string | undefined
  /** `group/kind` of each CRD that the repository brings. */
  readonly crds: ReadonlySet<string>
}

/** The name that `flux bootstrap` gives to the entry and its source. */
export const ENTRY = { name: 'flux-system', namespace: 'flux-system' } as const

/** Files past this size hold no entry: they are bundles of CRDs, read for those alone. */
const DOCUMENT_BYTES_MAX = 4 * 1024 * 1024
const FILES_MAX = 20_000

/**
 * Looks through a fleet repository for the cluster to run. Files that cannot be read as YAML are
 * passed over here; the build names them.
 */
export function findEntry(tree: FileTree, wanted: string | undefined): Entry {
  const path = wanted === undefined ? defaultPath(tree) : joinPath(wanted)
  const all = walk(tree, '')
  const documents = new Map(all.map((file) => [file, documentsOf(tree, file)]))
  const below = all.filter((file) => path === '' || file.startsWith(`${path}/`))
  const near = below
    .flatMap((file) => documents.get(file) ?? [])
    .flatMap((each) => (isKubeObject(each) ? [each] : []))
  const kustomization = near.find(
    (each) => isFlux(each, 'kustomize.toolkit.fluxcd.io', 'Kustomization') && isEntry(each),
  )
  const source = near.find(
    (each) => isFlux(each, 'source.toolkit.fluxcd.io', 'GitRepository') && isEntry(each),
  )
  return {
    path,
    kustomization,
    url: source === undefined ? undefined : stringAt(source as unknown as Json, 'spec', 'url'),
    crds: new Set([...documents.values()].flatMap((each) => crdKinds(each))),
  }
}

function defaultPath(tree: FileTree): string {
  if (tree.kind('clusters/production') === 'dir') return 'clusters/production'
  const first = tree.list('clusters')?.find((name) => tree.kind(`clusters/${name}`) === 'dir')
  return first === undefined ? '' : `clusters/${first}`
}

function isEntry(object: KubeObject): boolean {
  const { name, namespace } = object.metadata
  return name === ENTRY.name && (namespace ?? ENTRY.namespace) === ENTRY.namespace
}

function isFlux(object: KubeObject, group: string, kind: string): boolean {
  return object.kind === kind && parseApiVersion(object.apiVersion).group === group
}

function walk(tree: FileTree, from: string): string[] {
  const files: string[] = []
  const pending = [from]
  for (let at = pending.pop(); at !== undefined && files.length < FILES_MAX; at = pending.pop()) {
    for (const name of tree.list(at) ?? []) {
      const path = joinPath(at, name)
      if (tree.kind(path) === 'dir') pending.push(path)
      else if (/\.ya?ml$/.test(name)) files.push(path)
    }
  }
  return files.sort()
}

function documentsOf(tree: FileTree, file: string): readonly Json[] {
  const bytes = tree.read(file)
  if (bytes === undefined || bytes.length > DOCUMENT_BYTES_MAX) return []
  const text = Buffer.from(bytes).toString('utf8')
  if (!/CustomResourceDefinition|fluxcd\.io/.test(text)) return []
  try {
    return parseYaml(text, file)
  } catch (error) {
    if (isFault(error)) return []
    throw error
  }
}
