import type { LayerSelector, OciArtifact, OciPull } from '../../api/index.ts'
import { type Fault, isFault, memoryTree } from '../../base/index.ts'
import { sameJson } from '../../object/index.ts'
import type { OciRun, SourceOutcome } from './context.ts'
import { withTimeout } from './git-checkout.ts'
import { halt } from './halt.ts'
import { readOciAccess, readOciPolicy, verifyFault } from './oci-access.ts'
import { checkStorage, latestUrl, storeArtifact, upToDate } from './storage.ts'

const SOURCE = 'org.opencontainers.image.source'
const REVISION = 'org.opencontainers.image.revision'

/**
 * Brings the artifact of an OCIRepository up to date.
 * @throws Fault of SourceCode
 * @see source-controller ocirepository_controller.go (v1.9.1)
 */
export async function reconcileOci(run: OciRun): Promise<SourceOutcome> {
  const { draft } = run
  draft.remove('StorageOperationFailed')
  await checkStorage(run)
  const wasRefused = draft.is('SourceVerified', 'False')
  if (wasRefused) draft.remove('SourceVerified')
  const { revision, pulled } = await fetchOci(run)
  draft.remove('FetchFailed')
  if (pulled === undefined) upToDate(run, revision)
  else
    try {
      await takeIn(run, revision, pulled)
    } finally {
      pulled.release()
    }
  draft.remove('ArtifactOutdated', 'StorageOperationFailed')
  draft.mark('ArtifactInStorage', 'True', 'Succeeded', `stored artifact for digest '${revision}'`)
  return { kind: 'stored', revision, message: storedMessage(run, revision) }
}

interface Fetched {
  readonly revision: string
  /** Undefined when what is published is what the registry has. */
  readonly pulled: OciPull | undefined
}

async function fetchOci(run: OciRun): Promise<Fetched> {
  const { spec } = run.object
  const { registry } = run.context
  if (registry === undefined) throw new Error('no registry')
  const access = await readOciAccess(run)
  try {
    const fetch = async (signal: AbortSignal): Promise<Fetched> => {
      const found = await registry.find({
        url: spec.url,
        ...(spec.ref === undefined ? {} : { ref: spec.ref }),
        ...(spec.layerSelector === undefined ? {} : { layer: spec.layerSelector }),
        insecure: spec.insecure ?? false,
        ...access,
        signal,
      })
      try {
        await verify(run, found)
        return {
          revision: found.revision,
          pulled: isHeld(run, found) ? undefined : await found.pull(),
        }
      } finally {
        observe(run, found)
      }
    }
    const words = 'failed to determine artifact digest'
    return await withTimeout(run, fetch, { reason: 'OCIArtifactPullFailed', words })
  } catch (error) {
    if (run.signal.aborted || !isFault(error) || error.code.startsWith('SOURCE_')) throw error
    throw explain(run, error)
  }
}

/** Says whether what is published was made of the same revision, in the same way. */
function isHeld(run: OciRun, { revision }: OciArtifact): boolean {
  const { status } = run.draft
  const { spec } = run.object
  return (
    status.artifact?.revision === revision &&
    spec.ignore === status.observedIgnore &&
    sameSelector(spec.layerSelector, status.observedLayerSelector)
  )
}

/** An empty selector is another one than none: it is observed as it is written. */
function sameSelector(a: LayerSelector | undefined, b: LayerSelector | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return sameJson(
    { mediaType: a.mediaType ?? '', operation: a.operation ?? '' },
    { mediaType: b.mediaType ?? '', operation: b.operation ?? '' },
  )
}

/** A verification holds for one revision and one generation of the object. */
async function verify(run: OciRun, found: OciArtifact): Promise<void> {
  const { draft, object } = run
  if (object.spec.verify === undefined) {
    draft.remove('SourceVerified')
    return
  }
  const verified = draft.condition('SourceVerified')
  const isNew = draft.status.artifact?.revision !== found.revision
  if (!isNew && verified?.observedGeneration === object.metadata.generation) return
  const digest = found.revision.split('@').at(-1)
  const policy = await readOciPolicy(run, `${repositoryOf(found)}@${digest}`)
  let isVerified: boolean
  try {
    isVerified = await found.verify(policy)
  } catch (error) {
    if (!isFault(error, 'OCI_VERIFY')) throw error
    throw verifyFault(run, error.message, error)
  }
  if (!isVerified) return
  const message = `verified signature of revision ${found.revision}`
  draft.mark('SourceVerified', 'True', 'Succeeded', message)
}

function repositoryOf({ reference, revision }: OciArtifact): string {
  const at = reference.lastIndexOf(revision.includes('@') ? ':' : '@')
  return reference.slice(0, at)
}

/** Tells of a new revision, also when it could then not be had. */
function observe(run: OciRun, { revision, reference }: OciArtifact): void {
  const { draft } = run
  const published = draft.status.artifact
  if (published?.revision === revision) return
  const message = `new revision '${revision}' for '${reference}'`
  if (published !== undefined) draft.mark('ArtifactOutdated', 'True', 'NewRevision', message)
  draft.progress(`building artifact: ${message}`, true)
}

async function takeIn(run: OciRun, revision: string, pulled: OciPull): Promise<void> {
  const { draft } = run
  const { spec } = run.object
  const { content, annotations } = pulled
  const hasAnnotations = Object.keys(annotations).length > 0
  await storeArtifact(run, {
    revision,
    file: `${revision.split('@').at(-1)}.tar.gz`,
    isLinked: true,
    ...('tree' in content ? content : { tree: memoryTree({}), blob: content.blob }),
    ...(spec.ignore === undefined ? {} : { ignore: spec.ignore }),
    ...(hasAnnotations ? { metadata: annotations } : {}),
  })
  Object.assign(draft.status, {
    observedIgnore: spec.ignore,
    observedLayerSelector: spec.layerSelector,
    url: latestUrl(draft.status.artifact),
  })
}

function storedMessage(run: OciRun, revision: string): string {
  const message = `stored artifact with revision '${revision}' from '${run.object.spec.url}'`
  const { metadata = {} } = run.draft.status.artifact ?? {}
  const { [SOURCE]: source = '', [REVISION]: origin = '' } = metadata
  if (source === '' || origin === '') return message
  return `${message}, origin source '${source}', origin revision '${origin}'`
}

/** What a fault of the registry client means for the object. */
function explain(run: OciRun, fault: Fault): Fault {
  const { url } = run.object.spec
  const { code, message } = fault
  const words = WORDS[code]
  const base = { code: 'SOURCE_FETCH', cause: fault } as const
  if (words !== undefined) {
    const [reason, text] = words(url, message)
    const retry = code === 'OCI_URL' ? { retry: { kind: 'stalled' } as const } : {}
    return halt({ ...base, reason, message: text, ...retry })
  }
  return halt({
    ...base,
    reason: 'AuthenticationFailed',
    message: `failed to get credential: ${message}`,
  })
}

const WORDS: Readonly<Record<string, (url: string, message: string) => readonly [string, string]>> =
  {
    OCI_URL: (url, message) => ['URLInvalid', `URL validation failed for '${url}': ${message}`],
    OCI_TAG: (url, message) => [
      'ReadOperationFailed',
      `failed to determine the artifact tag for '${url}': ${message}`,
    ],
    OCI_DIGEST: (_, message) => [
      'OCIArtifactPullFailed',
      `failed to determine artifact digest: ${message}`,
    ],
    OCI_PULL: (url, message) => [
      'OCIArtifactPullFailed',
      `failed to pull artifact from '${url}': ${message}`,
    ],
    OCI_LAYER: (_, message) => ['OCIArtifactLayerOperationFailed', message],
  }
