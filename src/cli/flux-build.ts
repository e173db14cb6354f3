import { Fault, type FileTree, isFault, joinPath } from '../base/index.ts'
import { build, type EditIgnores, type KustomizationEdit } from '../build/index.ts'
import {
  type Cluster,
  isApiFault,
  type Json,
  type JsonObject,
  type KubeObject,
  printYaml,
} from '../object/index.ts'
import { expandLists, ownerLabels, withCommonMetadata, withoutOthers } from '../plan/index.ts'
import { isSubstitutionDisabled, substitute, variablesIn } from '../substitute/index.ts'
import { buildFetching, type Fetching } from './fetch-bases.ts'
import {
  type FluxBuildSpec,
  type FluxKustomization,
  findKustomization,
  isFluxKustomization,
  readFluxKustomization,
} from './flux-file.ts'
import { maskSops } from './flux-mask.ts'
import { usageFault } from './options.ts'

/** Which Kustomization to build. */
export interface FluxBuildOrder {
  readonly name: string
  readonly namespace: string
  /** The directory of its manifests in the tree. */
  readonly path: string
  /** Where it is written; absent: on the cluster. */
  readonly file?: { readonly name: string; readonly content: string }
}

/** What a build has of the world. */
export interface FluxBuildContext {
  readonly tree: FileTree
  readonly fetching: Fetching
  /** Absent for a dry run. */
  readonly cluster: Cluster | undefined
  readonly ignores: (directory: string) => Promise<EditIgnores>
  readonly isStrict: boolean
  readonly isRecursive: boolean
  /** From `Kind/namespace/name` to a directory in the tree. */
  readonly localSources: ReadonlyMap<string, string>
  /** Takes lines for stderr. */
  readonly warn: (line: string) => void
}

/** Most Kustomizations in Kustomizations; Flux has no end where two hold each other. */
const MAX_DEPTH = 50

/**
 * Builds as Flux does on a cluster, up to the objects: edits, substitution, owner labels, common
 * metadata. What sops encrypted is masked.
 * @see flux2 internal/build/build.go Build (v2.9.4)
 */
export async function buildFlux(
  order: FluxBuildOrder,
  context: FluxBuildContext,
): Promise<readonly KubeObject[]> {
  const { file, name, namespace } = order
  const live = context.cluster === undefined ? undefined : await readLive(order, context.cluster)
  const found =
    file === undefined
      ? live
      : inGetting(() => findKustomization(file.content, { file: file.name, name, namespace }))
  if (found === undefined) throw usageFault('dry-run mode requires a kustomization file')
  return await buildOne({ kustomization: found, path: order.path, depth: 0 }, context)
}

/** Objects as the flux command prints them. */
export function fluxText(objects: readonly KubeObject[]): string {
  return objects
    .map((object) => `${printYaml(object as unknown as Json, { keys: 'sorted' })}---\n`)
    .join('')
}

/** The Kustomization as the cluster has it; where it has none, the other, if there is another. */
async function readLive(
  { name, namespace }: Pick<FluxBuildOrder, 'name' | 'namespace'>,
  cluster: Cluster,
  other?: FluxKustomization,
): Promise<FluxKustomization> {
  const kind = 'Kustomization'
  const id = { group: 'kustomize.toolkit.fluxcd.io', version: 'v1', kind, namespace, name }
  try {
    return readFluxKustomization((await cluster.get(id)) as unknown as JsonObject)
  } catch (error) {
    if (other !== undefined && isApiFault(error, 'NOT_FOUND')) return other
    if (isFault(error)) throw getting(error)
    throw error
  }
}

function inGetting<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (isFault(error)) throw getting(error)
    throw error
  }
}

function getting(error: Fault): Fault {
  return reworded(error, `failed to get kustomization object: ${error.message}`)
}

function reworded({ code, cause, others, at }: Fault, message: string): Fault {
  return new Fault({ code, message, cause, others, ...(at === undefined ? {} : { at }) })
}

interface One {
  readonly kustomization: FluxKustomization
  readonly path: string
  readonly depth: number
}

async function buildOne(one: One, context: FluxBuildContext): Promise<readonly KubeObject[]> {
  const { kustomization } = one
  const { name, namespace, spec } = kustomization
  const built = await buildTree(one, context)
  const substituted = await substituteAll(built, kustomization, context)
  const labels = ownerLabels({ name, namespace })
  const owned = substituted.map((object) => maskSops(labelled(object, labels)))
  const objects = withoutOthers(expandLists(owned)).map((object) =>
    withCommonMetadata(object, spec.commonMetadata),
  )
  if (!context.isRecursive) return objects
  const below: KubeObject[] = []
  for (const object of objects) {
    if (!isFluxKustomization(object)) continue
    const next = readFluxKustomization(object)
    if (next.name === name && next.namespace === namespace) continue
    below.push(...(await buildBelow(next, one, context)))
  }
  return [...objects, ...below]
}

/** One that was found in another; what the cluster knows of it counts, where there is one. */
async function buildBelow(
  found: FluxKustomization,
  { depth }: One,
  context: FluxBuildContext,
): Promise<readonly KubeObject[]> {
  if (depth >= MAX_DEPTH)
    throw usageFault(`Kustomizations hold each other more than ${MAX_DEPTH} levels deep`)
  const { kind = '', name: source = '', namespace = '' } = found.spec.sourceRef ?? {}
  const parts = [kind, namespace || found.namespace, source]
  const key = parts.filter((part, i) => i !== 1 || part !== '').join('/')
  const root = context.localSources.get(key)
  if (root === undefined)
    throw usageFault(`cannot get local path for ${key} of kustomization ${found.name}`)
  const path = joinPath(root, found.spec.path ?? '')
  const kustomization =
    context.cluster === undefined ? found : await readLive(found, context.cluster, found)
  return await buildOne({ kustomization, path, depth: depth + 1 }, context)
}

async function buildTree(
  { kustomization, path }: One,
  context: FluxBuildContext,
): Promise<readonly KubeObject[]> {
  const ignores = await context.ignores(path)
  try {
    const built = await buildFetching(context.fetching, (remotes) =>
      build(context.tree, path, {
        order: 'fifo',
        loadRestrictor: 'none',
        digests: false,
        remotes,
        edit: editOf(kustomization.spec),
        ignores,
      }),
    )
    for (const line of built.warnings) context.warn(line)
    return built.objects
  } catch (error) {
    if (!isFault(error) || error.message.startsWith('kustomize build failed: ')) throw error
    throw reworded(error, `failed to generate kustomization.yaml: ${error.message} <nil>`)
  }
}

function editOf(spec: FluxBuildSpec): KustomizationEdit {
  const { namePrefix, nameSuffix, patches, images, components, buildMetadata } = spec
  return {
    ...(spec.targetNamespace === undefined ? {} : { namespace: spec.targetNamespace }),
    ...(namePrefix === undefined ? {} : { namePrefix }),
    ...(nameSuffix === undefined ? {} : { nameSuffix }),
    ...(patches === undefined ? {} : { patches }),
    ...(images === undefined ? {} : { images }),
    ...(components === undefined ? {} : { components }),
    ...(buildMetadata === undefined ? {} : { buildMetadata }),
    ignoreMissingComponents: spec.ignoreMissingComponents === true,
  }
}

async function substituteAll(
  objects: readonly KubeObject[],
  kustomization: FluxKustomization,
  context: FluxBuildContext,
): Promise<readonly KubeObject[]> {
  const { postBuild } = kustomization.spec
  if (postBuild === undefined) return objects
  const failure = (object: KubeObject): string =>
    `var substitution failed for '${object.metadata.name ?? ''}'`
  const first = objects.find((object) => !isSubstitutionDisabled(object))
  if (first === undefined) return objects
  const secret = new Set<string>()
  const vars: Record<string, string> = {}
  for (const reference of context.cluster === undefined ? [] : (postBuild.substituteFrom ?? [])) {
    const { kind = '', name = '' } = reference
    const found = await variablesOf(reference, kustomization.namespace, context).catch(
      (error: unknown) => {
        if (!isFault(error)) throw error
        const why = `substitute from '${kind}/${name}' error: ${error.message}`
        throw reworded(error, `${failure(first)}: ${why}`)
      },
    )
    for (const [key, value] of Object.entries(found)) {
      vars[key] = value
      if (kind === 'Secret') secret.add(key)
      else secret.delete(key)
    }
  }
  for (const key of Object.keys(postBuild.substitute ?? {})) secret.delete(key)
  return substitute(objects, {
    vars: { ...vars, ...postBuild.substitute },
    strict: context.isStrict,
    always: postBuild.substituteStrategy === 'Always',
    secret,
    failure,
  })
}

async function variablesOf(
  reference: { readonly kind?: string; readonly name?: string; readonly optional?: boolean },
  namespace: string,
  { cluster }: FluxBuildContext,
): Promise<Readonly<Record<string, string>>> {
  const { kind = '', name = '', optional } = reference
  if (cluster === undefined || (kind !== 'ConfigMap' && kind !== 'Secret')) return {}
  if (namespace === '')
    throw usageFault('an empty namespace may not be set when a resource name is provided')
  try {
    return variablesIn(await cluster.get({ group: '', version: 'v1', kind, namespace, name }))
  } catch (error) {
    if (optional === true && isApiFault(error) && error.code === 'NOT_FOUND') return {}
    throw error
  }
}

/** Kustomize sets labels one by one, whatever the others are. */
function labelled(object: KubeObject, labels: Readonly<Record<string, string>>): KubeObject {
  const { metadata } = object
  return { ...object, metadata: { ...metadata, labels: { ...metadata.labels, ...labels } } }
}
