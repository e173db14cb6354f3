import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ApiServer, ApiServerOptions, Served } from '../apiserver/index.ts'
import { createApiServer, serve } from '../apiserver/index.ts'
import type { Log } from '../base/index.ts'
import { createCluster } from '../cluster/index.ts'
import { openJournal } from '../files/index.ts'
import { type Cluster, isKubeObject, type KubeObject, parseYaml } from '../object/index.ts'
import { shippedPath, systemClock, systemRandom } from './system.ts'

/** The embedded API server with its face on HTTP and a client in this process. */
export interface Embedded {
  readonly cluster: Cluster
  readonly served: Served
  close(): Promise<void>
}

/** Starts the embedded API server on loopback and installs the CRDs that we own. */
export async function startEmbedded(options: {
  readonly port: number
  readonly log: Log
  /** Where the objects are kept; absent: in memory. */
  readonly dataDir?: string
  readonly server?: ApiServerOptions
}): Promise<Embedded> {
  const deps = { clock: systemClock, random: systemRandom, log: options.log }
  const { dataDir } = options
  const journal = dataDir === undefined ? undefined : openJournal(join(dataDir, 'objects.jsonl'))
  const server: ApiServer = createApiServer(deps, {
    ...options.server,
    ...(journal === undefined ? {} : { journal }),
  })
  const closers: (() => Promise<void> | void)[] = [() => journal?.close(), () => server.close()]
  const close = async (): Promise<void> => {
    for (const each of closers.splice(0).reverse()) await each()
  }
  try {
    const served = await serve(server, { port: options.port })
    closers.push(() => served.close())
    const cluster = createCluster({ transport: server, ...deps, host: served.url })
    for (const crd of await ownCrds()) await apply(cluster, crd)
    return { cluster, served, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** The CRDs of the kinds that we own. */
async function ownCrds(): Promise<KubeObject[]> {
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
