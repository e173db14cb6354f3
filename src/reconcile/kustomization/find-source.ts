import type { Artifact, Kustomization } from '../../api/index.ts'
import { formatDuration } from '../../base/index.ts'
import type { Run } from './context.ts'
import { failed, RunEnd } from './ending.ts'

/** Kinds that publish artifacts. */
export const SOURCE_KINDS: readonly string[] = [
  'GitRepository',
  'OCIRepository',
  'Bucket',
  'ExternalArtifact',
]

const ORIGIN_REVISION = 'org.opencontainers.image.revision'

/** Namespace of a Kustomization's source. */
export function sourceNamespace(object: Kustomization): string {
  return object.spec.sourceRef.namespace || (object.metadata.namespace ?? '')
}

/**
 * The artifact of the run's source; its revisions are noted in the run.
 * @throws RunEnd when access is denied, or there is no source or artifact yet
 */
export function findArtifact(run: Run): Artifact {
  const { kind, name } = run.object.spec.sourceRef
  const namespace = sourceNamespace(run.object)
  refuseForbidden(run, `${kind}/${namespace}/${name}`)
  const source = run.context.sources.get(kind)?.get(namespace, name)
  if (source === undefined) {
    const own = run.object.spec.sourceRef.namespace
    throw new RunEnd({
      kind: 'waiting',
      reason: 'ArtifactFailed',
      message: `${kind}.source.toolkit.fluxcd.io "${name}" not found`,
      log: `Source '${kind}/${own === undefined ? '' : `${own}/`}${name}' not found`,
      afterMs: run.retryMs,
    })
  }
  const artifact = source.status?.artifact
  if (artifact === undefined) {
    const afterMs = run.context.options.requeueDependencyMs
    const message = `Source artifact not found, retrying in ${formatDuration(afterMs)}`
    throw new RunEnd({ kind: 'waiting', reason: 'ArtifactFailed', message, log: message, afterMs })
  }
  refuseSwapped(run, artifact)
  run.revision = artifact.revision
  run.originRevision = artifact.metadata?.[ORIGIN_REVISION] ?? ''
  run.artifactMetadata = artifact.metadata ?? {}
  return artifact
}

/**
 * Whoever may write a source's status may point it anywhere. Where hosts are named, an artifact is
 * read from them alone, and only out of the folder of its own source.
 */
function refuseSwapped(run: Run, artifact: Artifact): void {
  const { artifactHosts } = run.context.options
  if (artifactHosts === undefined) return
  const { kind, name } = run.object.spec.sourceRef
  const namespace = sourceNamespace(run.object)
  const url = URL.canParse(artifact.url) ? new URL(artifact.url) : undefined
  const folder = `/${kind.toLowerCase()}/${namespace}/${name}/`
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:'
  if (isWeb && isKnownHost(url, artifactHosts) && url.pathname.startsWith(folder)) return
  throw failed(
    'ArtifactFailed',
    `can't access the artifact of '${kind}/${namespace}/${name}': its address is not one that artifacts of this source have`,
  )
}

function isKnownHost({ host, hostname }: URL, known: readonly string[]): boolean {
  const plain = (text: string): string => text.replace(/\.(?=:|$)/, '')
  return known.some(
    (each) => each === '*' || plain(each) === plain(host) || plain(each) === `${plain(hostname)}:*`,
  )
}

function refuseForbidden(run: Run, source: string): void {
  const { options } = run.context
  const deny = (why: string): never => {
    throw new RunEnd({
      kind: 'stalled',
      reason: 'AccessDenied',
      message: `can't access '${source}', ${why}`,
      isObserved: false,
    })
  }
  if (options.noCrossNamespaceRefs && sourceNamespace(run.object) !== run.object.metadata.namespace)
    deny('cross-namespace references have been blocked')
  if (run.object.spec.sourceRef.kind === 'ExternalArtifact' && !options.gates.ExternalArtifact)
    deny('ExternalArtifact feature gate is disabled')
}
