import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Artifact, ArtifactStore, Shares } from '../api/index.ts'
import { type Log, memoryTree, messageOf } from '../base/index.ts'
import { createHttpClient, downloadArtifact, type LocalArtifactStore } from '../source/index.ts'
import { systemClock } from './system.ts'

/** The store of a replica, and who shares it. */
export interface Replica {
  /** Absent: there are no others. */
  readonly shares?: Shares
  readonly log: Log
  readonly dir: string
  /** `host:port` of this replica's artifacts. */
  readonly address: () => string
  readonly signal: AbortSignal
}

/** A replica that is gone does not answer; then the source is fetched from its host again. */
const FETCH_MS_MAX = 10_000
/** How often, and how long after its last change, what is somebody else's now is removed. */
const SWEEP_MS = 10 * 60_000
const KINDS = ['GitRepository', 'OCIRepository', 'Bucket']

/**
 * A store that takes over what another replica has published: a source that changes hands keeps its
 * artifact, and what includes another source finds its artifact, whoever has it. What others look
 * after now is removed from the local store alone.
 */
export function storeAmongReplicas(
  store: LocalArtifactStore,
  local: ArtifactStore,
  replica: Replica,
): LocalArtifactStore {
  const { shares, log, signal } = replica
  if (shares === undefined) return store
  const http = createHttpClient()
  const verify: ArtifactStore['verify'] = async (artifact) => {
    const state = await store.verify(artifact)
    if (state !== 'missing' || isOwn(artifact, replica.address())) return state
    const late = new AbortController()
    const takeBack = systemClock.after(FETCH_MS_MAX, () => late.abort(new Error('no answer')))
    const ends = AbortSignal.any([signal, late.signal])
    try {
      const how = { http, clock: systemClock, retries: 0, spoolDir: replica.dir }
      const blob = await downloadArtifact(artifact, how, ends)
      try {
        await store.put({ ...inputOf(artifact), blob, signal })
      } finally {
        blob.close()
      }
      log.info('took over an artifact', { path: artifact.path, revision: artifact.revision })
      return await store.verify(artifact)
    } catch (error) {
      log.info('unable to take over an artifact', { url: artifact.url, error: messageOf(error) })
      return 'missing'
    } finally {
      takeBack()
    }
  }
  void sweepForever(local, { ...replica, shares })
  return {
    ...store,
    verify,
    put: async (input) => {
      for (const { artifact } of input.includes ?? []) await verify(artifact)
      return store.put(input)
    },
  }
}

function isOwn(artifact: Artifact, address: string): boolean {
  return URL.canParse(artifact.url) && new URL(artifact.url).host === address
}

function inputOf(artifact: Artifact) {
  const [kind = '', namespace = '', name = ''] = dirname(artifact.path).split('/')
  const owner = { kind, namespace, name }
  return { owner, file: basename(artifact.path), revision: artifact.revision, tree: memoryTree({}) }
}

/** Removes, from time to time, what belongs to sources that other replicas look after. */
async function sweepForever(
  store: ArtifactStore,
  replica: Replica & { readonly shares: Shares },
): Promise<void> {
  const { signal, log } = replica
  while (!signal.aborted) {
    await systemClock.sleep(SWEEP_MS, signal).catch(() => undefined)
    if (signal.aborted) return
    await sweep(store, replica).catch((error: unknown) =>
      log.error('unable to remove artifacts of other replicas', { error: messageOf(error) }),
    )
  }
}

async function sweep(
  store: ArtifactStore,
  { dir, shares }: Pick<Replica, 'dir'> & { readonly shares: Shares },
): Promise<void> {
  const names = (...path: string[]): Promise<string[]> =>
    readdir(join(dir, ...path)).catch(() => [])
  for (const kind of KINDS)
    for (const namespace of await names(kind.toLowerCase()))
      for (const name of await names(kind.toLowerCase(), namespace)) {
        if (shares.owns(`${kind}/${namespace}/${name}`)) continue
        const { mtimeMs } = await stat(join(dir, kind.toLowerCase(), namespace, name))
        if (systemClock.now() - mtimeMs > SWEEP_MS) await store.remove({ kind, namespace, name })
      }
}
