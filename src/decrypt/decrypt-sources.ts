import type { KeyService } from '../api/index.ts'
import { type FileTree, isFault, joinPath } from '../base/index.ts'
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  parseYaml,
  stringAt,
} from '../object/index.ts'
import { decryptFile, MAX_FILE_BYTES } from './decrypt-file.ts'
import { type DecryptCode, decryptFault } from './faults.ts'
import { type Format, formatForPath, isEncrypted } from './formats.ts'

const NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization']
/** Directories that are visited below one kustomization. */
const MAX_DIRECTORIES = 10_000

/**
 * Decrypts the files that the kustomization at `path`, and those below it, take as secrets: files
 * and envs of secretGenerator, and patches. Answers the tree with those files in plain text; plain
 * files and everything else stay as they are. The plain text is held in memory only. Where there is
 * no kustomization at `path`, those in the directories below it count, as in the generated one.
 * @throws Fault in Flux's words
 * @see fluxcd/kustomize-controller v1.9.4 decryptor.go DecryptSources
 */
export async function decryptSources(
  tree: FileTree,
  path: string,
  keys: KeyService,
  options: SourceOptions = {},
): Promise<FileTree> {
  const run: Run = { tree, keys, options, visited: new Set(), plain: new Map() }
  try {
    const root = inside(path)
    if (isKustomization(tree, root) || tree.kind(root) !== 'dir') await visit(run, root, true)
    else for (const directory of generatedResources(tree, root)) await visit(run, directory, false)
    for (const component of options.components ?? [])
      await visit(run, resolve(root, component), false)
  } catch (error) {
    if (!isFault(error)) throw error
    throw decryptFault(error.code as DecryptCode, `error decrypting sources: ${error.message}`)
  }
  return run.plain.size === 0 ? tree : overlay(tree, run.plain)
}

/** How to decrypt sources. */
export interface SourceOptions {
  /** Those of `spec.components`. */
  readonly components?: readonly string[]
  /** Check the MAC, too, which Flux does not. */
  readonly verify?: boolean
  /** Told of each text that was decrypted: no message may quote it. */
  readonly onText?: (text: string) => void
}

interface Run {
  readonly options: SourceOptions
  readonly tree: FileTree
  readonly keys: KeyService
  readonly visited: Set<string>
  /** Files that were decrypted. */
  readonly plain: Map<string, Uint8Array>
}

/** A path that climbs above the root ends at the root. */
function inside(...parts: readonly string[]): string {
  const clean = joinPath(...parts)
  return clean
    .split('/')
    .filter((part) => part !== '..')
    .join('/')
}

async function visit(run: Run, directory: string, isRoot: boolean): Promise<void> {
  if (run.visited.has(directory)) return
  if (run.visited.size >= MAX_DIRECTORIES)
    throw decryptFault('SOPS_FILE', 'too many directories to decrypt')
  run.visited.add(directory)
  if (run.tree.kind(directory) !== 'dir') {
    if (!isRoot) return
    throw decryptFault('SOPS_FILE', `lstat ${directory}: no such file or directory`)
  }
  const kustomization = load(run.tree, directory)
  for (const { file, format } of secretFiles(kustomization))
    await decryptOne(run, resolve(directory, file), format)
  const below = [...texts(kustomization['resources']), ...texts(kustomization['components'])]
  for (const entry of below) await visit(run, resolve(directory, entry), false)
}

function isKustomization(tree: FileTree, directory: string): boolean {
  return NAMES.some((name) => tree.kind(inside(directory, name)) === 'file')
}

/** The directories that a generated kustomization names: the topmost ones that have one. */
function generatedResources(tree: FileTree, directory: string): string[] {
  const below = (tree.list(directory) ?? [])
    .map((name) => inside(directory, name))
    .filter((path) => tree.kind(path) === 'dir')
  return below.flatMap((path) =>
    isKustomization(tree, path) ? [path] : generatedResources(tree, path),
  )
}

function resolve(directory: string, path: string): string {
  return path.startsWith('/') ? inside(path) : inside(directory, path)
}

function load(tree: FileTree, directory: string): JsonObject {
  const found = NAMES.filter((name) => tree.kind(inside(directory, name)) === 'file')
  const [name] = found
  if (name === undefined) throw decryptFault('SOPS_FILE', 'no kustomization file found')
  if (found.length > 1) throw decryptFault('SOPS_FILE', 'found multiple kustomization files')
  const file = inside(directory, name)
  const [value] = parseYaml(Buffer.from(tree.read(file) ?? []).toString('utf8'), file)
  return isObject(value) ? value : {}
}

interface SecretFile {
  readonly file: string
  readonly format: Format
}

function secretFiles(kustomization: JsonObject): SecretFile[] {
  const generators = objects(kustomization['secretGenerator'])
  const files = generators.flatMap((generator) =>
    texts(generator['files']).map((source) => {
      const equals = source.indexOf('=')
      const key = equals < 0 ? source : source.slice(0, equals)
      return { file: source.slice(equals + 1), format: formatForPath(key) }
    }),
  )
  const envs = generators.flatMap((generator) =>
    [...texts(generator['envs']), ...texts([generator['env'] ?? null])].map((file) => {
      const format = formatForPath(file)
      return { file, format: format === 'binary' ? ('dotenv' as const) : format }
    }),
  )
  const patches = objects(kustomization['patches']).flatMap((patch) => {
    const file = stringAt(patch, 'path') ?? ''
    return file === '' || isRemote(file) ? [] : [{ file, format: formatForPath(file) }]
  })
  return [...files, ...envs, ...patches]
}

async function decryptOne(run: Run, path: string, format: Format): Promise<void> {
  if (run.plain.has(path)) return
  const content = run.tree.read(path)
  if (content === undefined) {
    const isDirectory = run.tree.kind(path) === 'dir'
    throw decryptFault(
      'SOPS_FILE',
      isDirectory
        ? 'cannot decrypt irregular file as it has file mode type bits set'
        : `lstat ${path}: no such file or directory`,
    )
  }
  if (content.byteLength > MAX_FILE_BYTES)
    throw decryptFault(
      'SOPS_FILE',
      `cannot decrypt file with size (${content.byteLength} bytes) exceeding limit (${MAX_FILE_BYTES})`,
    )
  if (!isEncrypted(content, format)) return
  run.plain.set(path, await decryptFile(content, { ...run.options, input: format }, run.keys))
}

function isRemote(path: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/]/.test(path)
}

function texts(value: Json | undefined): string[] {
  return isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

function objects(value: Json | undefined): JsonObject[] {
  return isArray(value) ? value.filter(isObject) : []
}

/** The tree with some of its files in plain text. Their digests are not those of the tree. */
function overlay(tree: FileTree, files: ReadonlyMap<string, Uint8Array>): FileTree {
  return {
    kind: (path) => tree.kind(path),
    list: (path) => tree.list(path),
    ...(tree.real === undefined ? {} : { real: (path: string) => tree.real?.(path) }),
    read: (path) => files.get(path) ?? tree.read(path),
    digest: (path) => (files.has(path) ? undefined : tree.digest?.(path)),
  }
}
