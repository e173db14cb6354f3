import { createHash } from 'node:crypto'
import { type Artifact, KUSTOMIZE_GROUP, type KustomizationSpec } from '../../api/index.ts'
import { Fault, type FileTree, inTurns, isFault, joinPath } from '../../base/index.ts'
import type { KustomizationEdit } from '../../build/index.ts'
import type { Decryption } from '../../decrypt/index.ts'
import {
  idOf,
  idText,
  type Json,
  type JsonObject,
  type KubeObject,
  printYaml,
} from '../../object/index.ts'
import { expandLists, prepareObjects } from '../../plan/index.ts'
import { conform } from '../../schema/index.ts'
import { type SubstituteOptions, substitute, substitutionRoom } from '../../substitute/index.ts'
import type { BuiltSet, RawBuild } from './build-cache.ts'
import type { Run } from './context.ts'
import { openKeys } from './decryption-keys.ts'
import { failed, RunEnd } from './ending.ts'
import { findArtifact, sourceNamespace } from './find-source.ts'
import { secretValues } from './mask-ending.ts'
import { buildMessage, objectFiles, objectMessages } from './object-files.ts'
import { basesHold, buildWithRemotes } from './remote-bases.ts'
import { digestOf } from './seen.ts'
import { readVariables, type Variables } from './variables.ts'
import { weightOf } from './weight.ts'

/**
 * The path of a spec inside the artifact. What climbs above the root stays at the root, as when it
 * is joined securely.
 */
export function buildPath(spec: KustomizationSpec): string {
  const parts: string[] = []
  for (const part of (spec.path ?? '').split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return joinPath(...parts)
}

/** An artifact, and what it holds: its files, or its build where that is known. */
export interface Opened {
  readonly artifact: Artifact
  readonly from: FileTree | RawBuild
}

/**
 * Fetches the artifact unless its build is known. An artifact that its source replaces meanwhile is
 * given up for the new one: the old address may be that of a process that is gone.
 * @throws RunEnd ArtifactFailed when it can not be had, or has no such path
 */
export async function openArtifact(run: Run, artifact: Artifact): Promise<Opened> {
  for (let current = artifact; ; current = findArtifact(run)) {
    const moved = watchSource(run, current)
    try {
      const signal = AbortSignal.any([run.turn.signal, moved.signal])
      return { artifact: current, from: await openOne(run, current, signal) }
    } catch (error) {
      if (!moved.signal.aborted || run.turn.signal.aborted) throw error
    } finally {
      moved.stop()
    }
  }
}

/** Aborts when the run's source publishes another artifact, or the same elsewhere. */
function watchSource(
  run: Run,
  artifact: Artifact,
): { readonly signal: AbortSignal; readonly stop: () => void } {
  const { kind, name } = run.object.spec.sourceRef
  const namespace = sourceNamespace(run.object)
  const moved = new AbortController()
  const stop = run.context.sources.get(kind)?.onChange(({ object }) => {
    const { metadata, status } = object
    if (metadata.name !== name || (metadata.namespace ?? '') !== namespace) return
    const now = status?.artifact
    if (now !== undefined && (now.url !== artifact.url || now.digest !== artifact.digest))
      moved.abort(new Error('the source has another artifact'))
  })
  return { signal: moved.signal, stop: stop ?? (() => undefined) }
}

async function openOne(
  run: Run,
  artifact: Artifact,
  signal: AbortSignal,
): Promise<FileTree | RawBuild> {
  const { builds, artifacts } = run.context
  const known = builds.forArtifact(run.key, artifactKey(artifact), specKey(run))
  if (known !== undefined) return known
  let tree: FileTree
  try {
    tree = await artifacts.open(artifact, signal)
  } catch (error) {
    if (!isFault(error)) throw error
    if (error.code !== 'ARTIFACT_NOT_FOUND') throw failed('ArtifactFailed', error.message)
    const afterMs = run.context.options.requeueDependencyMs
    const message = `Source is not ready, artifact not found, retrying in ${afterMs / 1000}s`
    throw new RunEnd({ kind: 'waiting', reason: 'ArtifactFailed', message, log: message, afterMs })
  }
  const path = buildPath(run.object.spec)
  if (tree.kind(path) === undefined)
    throw failed(
      'ArtifactFailed',
      `kustomization path not found: stat ${placeOf(run, path)}: no such file or directory`,
    )
  return tree
}

/**
 * Builds, substitutes and prepares the objects to apply.
 * @throws RunEnd BuildFailed
 */
export async function buildObjects(
  run: Run,
  artifact: Artifact,
  from: FileTree | RawBuild,
): Promise<BuiltSet> {
  const decryption = await openKeys(run)
  if (decryption !== undefined) run.secrets.push(() => decryption.texts)
  const raw = await buildRaw(run, artifact, { from, decryption })
  const wasDecrypted = raw.keys !== ''
  run.secrets.push(() => secretValues(raw.objects, wasDecrypted))
  const variables = await readVariables(run, raw.objects)
  const inputs = digestOf([variables.vars, run.object.spec.commonMetadata ?? null])
  const known = run.context.builds.prepared(run.key, raw, inputs)
  const set = known ?? (await prepare(run, raw, variables))
  run.secrets.push(() => [...set.secretTexts, ...secretValues(set.objects, wasDecrypted)])
  if (known !== undefined) return known
  run.context.builds.keepPrepared(run.key, raw, inputs, set)
  return set
}

async function buildRaw(
  run: Run,
  artifact: Artifact,
  given: { readonly from: FileTree | RawBuild; readonly decryption: Decryption | undefined },
): Promise<RawBuild> {
  const { from, decryption } = given
  const keys = decryption?.digest ?? ''
  if ('objects' in from && from.keys === keys && (await holds(run, from))) return from
  const tree =
    'objects' in from ? await run.context.artifacts.open(artifact, run.turn.signal) : from
  const { builds } = run.context
  const wanted = { artifact: artifactKey(artifact), spec: specKey(run), keys }
  const known = builds.forTree(run.key, wanted, tree)
  if (known !== undefined && (await holds(run, known))) return known
  const raw = await buildTree(run, tree, decryption)
  builds.keep(run.key, wanted.artifact, wanted.spec, raw)
  return raw
}

/** Says whether what a build took from elsewhere is still what it was. */
async function holds(run: Run, raw: RawBuild): Promise<boolean> {
  if (raw.bases.length === 0) return true
  try {
    return await basesHold(run, raw.bases)
  } catch (error) {
    if (isFault(error)) throw failed('BuildFailed', buildMessage(error, mountOf(run)))
    throw error
  }
}

async function buildTree(
  run: Run,
  tree: FileTree,
  decryption: Decryption | undefined,
): Promise<RawBuild> {
  const path = buildPath(run.object.spec)
  if (tree.kind(path) === 'file') {
    const file = `${placeOf(run, path)}/kustomization.yaml: not a directory`
    throw failed('BuildFailed', `open ${file} remove ${file}`)
  }
  const options = {
    order: 'fifo',
    loadRestrictor: 'none',
    digests: false,
    edit: editOf(run.object.spec),
  } as const
  const root = mountOf(run)
  try {
    const plain = decryption === undefined ? tree : await decryption.sources(tree, path)
    const request = { tree: plain, root, path: joinPath(root, path), options }
    const { built: result, questions, bases } = await buildWithRemotes(run, request)
    const files = objectFiles(result.objects, result.files, root)
    const objects = await decryption?.objects(result.objects)
    return {
      objects: objects ?? result.objects,
      warnings: result.warnings,
      files,
      questions,
      keys: decryption?.digest ?? '',
      bases,
      bytes: await weightOf(objects ?? result.objects),
    }
  } catch (error) {
    if (isFault(error)) throw failed('BuildFailed', buildMessage(error, root))
    throw error
  }
}

/** Objects that are prepared between two turns for everything else. */
const BATCH = 100

async function prepare(run: Run, raw: RawBuild, variables: Variables): Promise<BuiltSet> {
  const secretTexts = new Set<string>()
  run.secrets.push(() => secretTexts)
  try {
    const substituted = await substituteAll(run, raw, {
      ...variables,
      onSecret: (text) => secretTexts.add(text),
    })
    const hash = createHash('sha256')
    await inTurns(substituted, BATCH, (object, i) =>
      hash.update(
        `${i === 0 ? '' : '---\n'}${printYaml(object as unknown as Json, { keys: 'sorted' })}`,
      ),
    )
    const { objects, unknown, refusal } = await prepareAll(run, substituted)
    return {
      objects,
      unknown,
      digests: await inTurns(objects, BATCH, (object) => digestOf(object)),
      digest: `sha256:${hash.digest('hex')}`,
      warnings: raw.warnings,
      files: raw.files,
      secretTexts: [...secretTexts],
      ...(refusal === undefined ? {} : { refusal }),
    }
  } catch (error) {
    if (isFault(error)) throw failed('BuildFailed', objectMessages(error, raw.files))
    throw error
  }
}

/** Substitutes in turns with everything else; all objects that fail are told. */
async function substituteAll(
  run: Run,
  raw: RawBuild,
  variables: Variables & Pick<SubstituteOptions, 'onSecret'>,
): Promise<readonly KubeObject[]> {
  const { postBuild } = run.object.spec
  if (postBuild === undefined) return raw.objects
  const options: SubstituteOptions = {
    ...variables,
    strict: run.context.options.gates.StrictPostBuildSubstitutions,
    always: postBuild.substituteStrategy === 'Always',
    room: substitutionRoom(),
  }
  const faults: Fault[] = []
  const parts = await inTurns(batches(raw.objects), 1, (batch) => {
    try {
      return substitute(batch, options)
    } catch (error) {
      if (!isFault(error)) throw error
      faults.push(error, ...error.others)
      return []
    }
  })
  const [first, ...others] = faults
  if (first === undefined) return parts.flat()
  const { code, message, at, cause } = first
  throw new Fault({ code, message, cause, others, ...(at === undefined ? {} : { at }) })
}

function batches<T>(items: readonly T[]): T[][] {
  const count = Math.ceil(items.length / BATCH)
  return Array.from({ length: count }, (_, i) => items.slice(i * BATCH, (i + 1) * BATCH))
}

interface Prepared {
  readonly objects: readonly KubeObject[]
  readonly unknown: readonly string[]
  readonly refusal?: string
}

async function prepareAll(run: Run, objects: readonly KubeObject[]): Promise<Prepared> {
  const { metadata } = run.object
  const unknown: string[] = []
  const options = {
    owner: { name: metadata.name ?? '', namespace: metadata.namespace ?? '' },
    ...commonMetadataOf(run),
    conform: (object: KubeObject) => {
      const typed = conformObject(object)
      for (const field of typed.unknown) unknown.push(`${idText(idOf(object))}: ${field}`)
      return typed.object
    },
  }
  try {
    const prepared = await inTurns(batches(objects), 1, (batch) =>
      prepareObjects(expandLists(batch), options),
    )
    return { objects: prepared.flat(), unknown }
  } catch (error) {
    if (isFault(error, 'ENCRYPTED_SECRET')) return { objects: [], unknown, refusal: error.message }
    throw error
  }
}

/** Role and ClusterRole keep their rules as they are written: Flux leaves them out, too. */
function conformObject(object: KubeObject): {
  readonly object: KubeObject
  readonly unknown: readonly string[]
} {
  const isRole =
    object.apiVersion === 'rbac.authorization.k8s.io/v1' &&
    (object.kind === 'Role' || object.kind === 'ClusterRole')
  if (isRole) return { object, unknown: [] }
  const { object: typed, mismatches, unknown } = conform(object as never)
  if (mismatches.length > 0 || (typed as unknown) === object) return { object, unknown: [] }
  return { object: withoutReset(typed as unknown as KubeObject), unknown }
}

/** An empty list of managed fields, which would reset them, is none in Go. */
function withoutReset(object: KubeObject): KubeObject {
  const { managedFields, ...metadata } = object.metadata
  return managedFields?.length === 0 ? { ...object, metadata } : object
}

function editOf(spec: KustomizationSpec): KustomizationEdit {
  const { targetNamespace, namePrefix, nameSuffix, patches, components, images } = spec
  return {
    ...(targetNamespace === undefined ? {} : { namespace: targetNamespace }),
    ...(namePrefix === undefined ? {} : { namePrefix }),
    ...(nameSuffix === undefined ? {} : { nameSuffix }),
    ...(patches === undefined ? {} : { patches: patches as unknown as JsonObject[] }),
    ...(components === undefined ? {} : { components }),
    ...(images === undefined ? {} : { images: images as unknown as JsonObject[] }),
    ...(spec.buildMetadata === undefined ? {} : { buildMetadata: spec.buildMetadata }),
    ignoreMissingComponents: spec.ignoreMissingComponents === true,
  }
}

function artifactKey(artifact: Artifact): string {
  return artifact.digest ?? `${artifact.url} ${artifact.revision}`
}

/** The parts of a spec that have a say in what is built. */
function specKey(run: Run): string {
  return digestOf([buildPath(run.object.spec), editOf(run.object.spec)])
}

/** Where Flux would have unpacked a path of the artifact: its messages quote that. */
function placeOf(run: Run, path: string): string {
  return `/${joinPath(mountOf(run), path)}`
}

/** The directory that the build sees the artifact in: the same for each build of a revision. */
function mountOf(run: Run): string {
  const seed = `${run.object.metadata.uid} ${run.revision}`
  const digits = createHash('sha256').update(seed).digest().readUInt32BE(0)
  return joinPath(run.context.options.tempDir, `kustomization-${digits}`)
}

/** Flux lets it overwrite the owner labels; where tenants do not trust each other it may not. */
function commonMetadataOf({ object, context }: Run): Pick<KustomizationSpec, 'commonMetadata'> {
  const { commonMetadata } = object.spec
  if (commonMetadata === undefined) return {}
  if (!context.options.noCrossNamespaceRefs) return { commonMetadata }
  const labels = Object.entries(commonMetadata.labels ?? {}).filter(
    ([key]) => key !== `${KUSTOMIZE_GROUP}/name` && key !== `${KUSTOMIZE_GROUP}/namespace`,
  )
  return { commonMetadata: { ...commonMetadata, labels: Object.fromEntries(labels) } }
}
