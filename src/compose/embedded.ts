import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ApiServer, ApiServerOptions, Secured, Served } from '../apiserver/index.ts'
import { createApiServer, serve } from '../apiserver/index.ts'
import { type Log, rfc3339 } from '../base/index.ts'
import { createCluster } from '../cluster/index.ts'
import { openJournal } from '../files/index.ts'
import { type Cluster, isKubeObject, type KubeObject, parseYaml } from '../object/index.ts'
import { type Face, faceOf } from './face.ts'
import { OWN_CRDS } from './own-crds.generated.ts'
import { shippedPath, systemClock, systemRandom } from './system.ts'

/** The embedded API server with its face on HTTP and a client in this process. */
export interface Embedded {
  readonly cluster: Cluster
  readonly served: Served
  /** Set where TLS is spoken. */
  readonly secured?: Secured
  close(): Promise<void>
}

/** Starts the embedded API server on loopback and installs the CRDs that we own. */
export async function startEmbedded(options: {
  readonly port: number
  readonly log: Log
  /** Where the objects are kept; absent: in memory. */
  readonly dataDir?: string
  readonly server?: ApiServerOptions
  /** Where to listen, and under which names; absent: plain HTTP on loopback. */
  readonly face?: Face
  /** Whether the CRDs that we own are installed. Default: yes. */
  readonly withCrds?: boolean
}): Promise<Embedded> {
  const deps = { clock: systemClock, random: systemRandom, log: options.log }
  const tokenSeed = randomBytes(32)
  const { dataDir } = options
  const journal = dataDir === undefined ? undefined : openJournal(join(dataDir, 'objects.jsonl'))
  const objects = options.withCrds === false ? [] : ownCrds(systemClock.now())
  const server: ApiServer = createApiServer(
    { ...deps, tokenSeed },
    { ...options.server, objects, ...(journal === undefined ? {} : { journal }) },
  )
  const closers: (() => Promise<void> | void)[] = [() => journal?.close(), () => server.close()]
  const close = async (): Promise<void> => {
    for (const each of closers.splice(0).reverse()) await each()
  }
  try {
    const face = faceOf(server, options.face)
    const served = await serve(server, { port: options.port, ...face.options })
    closers.push(() => served.close())
    const cluster = createCluster({ transport: server, ...deps, host: served.url })
    // What was kept may be of an older version.
    const kept = dataDir === undefined || options.withCrds === false ? [] : await shippedCrds()
    for (const crd of kept) await apply(cluster, crd)
    const { secured } = face
    return { cluster, served, close, ...(secured === undefined ? {} : { secured }) }
  } catch (error) {
    await close()
    throw error
  }
}

/** The CRDs of the kinds that we own, as they are stored: nobody waits for their schemas to be checked. */
function ownCrds(now: number): readonly KubeObject[] {
  return JSON.parse(OWN_CRDS.replaceAll('@now', rfc3339(now))) as readonly KubeObject[]
}

/** The same as they are shipped. */
async function shippedCrds(): Promise<KubeObject[]> {
  const dir = shippedPath('crds')
  const names = (await readdir(dir)).filter((name) => name.endsWith('.yaml')).sort()
  const texts = await Promise.all(names.map((name) => readFile(join(dir, name), 'utf8')))
  return texts.flatMap((text, i) =>
    parseYaml(text, names[i] ?? '').flatMap((each) => (isKubeObject(each) ? [each] : [])),
  )
}

/** Server-side apply by the program itself. */
export function apply(cluster: Cluster, object: KubeObject): Promise<KubeObject> {
  const { apiVersion, kind, metadata } = object
  const slash = apiVersion.indexOf('/')
  return cluster.patch(
    {
      group: slash < 0 ? '' : apiVersion.slice(0, slash),
      version: apiVersion.slice(slash + 1),
      kind,
      namespace: metadata.namespace ?? '',
      name: metadata.name ?? '',
    },
    { type: 'apply', value: object, force: true },
    { fieldManager: 'tidegate' },
  )
}
