import { createHash } from 'node:crypto'
import { Fault, type FileTree, joinPath } from '../base/index.ts'
import {
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  parseYaml,
  printYaml,
} from '../object/index.ts'
import type { FileRead, KustomizationEdit, RemoteBase } from './types.ts'

/** Codes of faults of a build. */
export type BuildCode = 'BUILD'

/** How to build. */
export interface BuildOptions {
  /** `legacy` (default) sorts as the kustomize command does, `fifo` keeps the order as written. */
  readonly order?: 'legacy' | 'fifo'
  /** `root` (default) keeps files to the directory of their kustomization; `none` to the tree. */
  readonly loadRestrictor?: 'root' | 'none'
  /** Adds the label `app.kubernetes.io/managed-by: kustomize-v5.8.1`. */
  readonly managedByLabel?: boolean
  /** Where remote bases are mounted: from {@link RemoteBase.url} to a path in the tree. */
  readonly remotes?: Readonly<Record<string, string>>
  readonly edit?: KustomizationEdit
}

/** What a build gives. */
export interface Built {
  readonly objects: readonly KubeObject[]
  /** The objects as the kustomize command prints them. */
  readonly yaml: string
  /** Lines that kustomize writes to stderr. */
  readonly warnings: readonly string[]
  /** Files and directories that were really read; equal digests give an equal build. */
  readonly reads: readonly FileRead[]
}

/** A finished build, or the remote bases that it needs first. */
export type BuildResult = Built | { readonly missing: readonly RemoteBase[] }

/**
 * Builds the kustomization at a path of a tree.
 * @throws Fault BUILD, kustomize's words first, then the place
 */
export function build(tree: FileTree, path: string, options: BuildOptions = {}): BuildResult {
  const reads: FileRead[] = []
  const objects = load(tree, joinPath(path), { reads, options })
  return {
    objects,
    yaml: objects.map((o) => printYaml(o as Json)).join('---\n'),
    warnings: [],
    reads,
  }
}

function load(
  tree: FileTree,
  dir: string,
  run: { reads: FileRead[]; options: BuildOptions },
): KubeObject[] {
  const names = tree.list(dir) ?? []
  const name = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'].find((n) =>
    names.includes(n),
  )
  const resources: readonly Json[] =
    name === undefined
      ? names.filter((n) => tree.kind(joinPath(dir, n)) === 'dir' || /\.ya?ml$/.test(n))
      : (((parseYaml(read(tree, joinPath(dir, name), run.reads), name)[0] as JsonObject)[
          'resources'
        ] ?? []) as readonly Json[])
  return resources.flatMap((resource) => {
    const at = joinPath(dir, String(resource))
    if (tree.kind(at) === 'dir') return load(tree, at, run)
    return parseYaml(read(tree, at, run.reads), at).filter((o) =>
      isObject(o),
    ) as unknown as KubeObject[]
  })
}

function read(tree: FileTree, path: string, reads: FileRead[]): string {
  const bytes = tree.read(path)
  if (bytes === undefined)
    throw new Fault<BuildCode>({
      code: 'BUILD',
      message: `accumulating resources from '${path}': no such file`,
    })
  reads.push({ path, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` })
  return Buffer.from(bytes).toString('utf8')
}
