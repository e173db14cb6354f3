/** Writes the CRDs as the embedded server stores them, as a page of code: npm run crds. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crds } from '../src/api/crds.ts'
import { createApiServer } from '../src/apiserver/index.ts'
import { seededRandom, VirtualClock } from '../src/base/index.ts'
import { createCluster } from '../src/cluster/index.ts'
import type { KubeObject } from '../src/object/index.ts'

/** The page of code from which the embedded server has them, as they are stored. */
export async function storedPage(): Promise<string> {
  return `// Written by crds/stored.ts: npm run crds. Do not edit.
/** The CRDs of our kinds as the embedded server stores them, as JSON; \`@now\` stands for times. */
export const OWN_CRDS: string = ${JSON.stringify(await stored(crds()))}
`
}

/** Where that page is. */
export const STORED_PAGE: string = join(import.meta.dirname, '../src/compose/own-crds.generated.ts')

const CRD = { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' }

/** Fields that hold a time; properties of these names in schemas hold none. */
const TIMES = new Set(['time', 'lastTransitionTime'])

/** What the embedded server makes of CRDs that the program applies, as JSON with `@now` for times. */
async function stored(all: readonly KubeObject[]): Promise<string> {
  const clock = new VirtualClock()
  const server = createApiServer({ clock, random: seededRandom(1) })
  const cluster = createCluster({ transport: server, clock, random: seededRandom(2) })
  const found: KubeObject[] = []
  for (const crd of all) {
    const { name = '' } = crd.metadata
    const patch = { type: 'apply', value: crd, force: true } as const
    await cluster.patch({ ...CRD, namespace: '', name }, patch, { fieldManager: 'tidegate' })
    await clock.advance(1000)
    found.push(await cluster.get({ ...CRD, namespace: '', name }))
  }
  server.close()
  return JSON.stringify(found.map(timeless))
}

/** Without what each server gives itself. */
function timeless(object: KubeObject): unknown {
  const { uid: _u, resourceVersion: _r, creationTimestamp: _c, ...metadata } = object.metadata
  return JSON.parse(JSON.stringify({ ...object, metadata }), (key, value: unknown) =>
    TIMES.has(key) && typeof value === 'string' ? '@now' : value,
  )
}

if (process.argv[1] === import.meta.filename) writeFileSync(STORED_PAGE, await storedPage())
