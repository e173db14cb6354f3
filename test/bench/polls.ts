/**
 * What a poll costs that finds nothing new: an OCIRepository on a tag, and a Bucket. Requests and CPU
 * milliseconds of each, those of the server in the same process included.
 * Usage: tsx test/bench/polls.ts [POLLS]
 */
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { memoryTree } from '../../src/base/index.ts'
import { systemClock } from '../../src/compose/system.ts'
import { listen } from '../../src/source/artifact/server.ts'
import { createBuckets, createHttpClient, createRegistry } from '../../src/source/index.ts'
import { startRegistry } from '../kit/registry.ts'

const POLLS = Number(process.argv[2] ?? 500)
const WARM = 50
const OBJECTS = 100
const { signal } = new AbortController()
const http = createHttpClient()
const etagOf = (text: string): string => createHash('md5').update(text).digest('hex')

async function measure(
  what: string,
  requests: () => number,
  poll: () => Promise<unknown>,
): Promise<void> {
  for (let i = 0; i < WARM; i += 1) await poll()
  const before = requests()
  const cpu = process.cpuUsage()
  const start = performance.now()
  for (let i = 0; i < POLLS; i += 1) await poll()
  const { user, system } = process.cpuUsage(cpu)
  const row = {
    what,
    requests: (requests() - before) / POLLS,
    cpuMs: Number(((user + system) / 1000 / POLLS).toFixed(2)),
    wallMs: Number(((performance.now() - start) / POLLS).toFixed(2)),
  }
  console.log(JSON.stringify(row))
}

async function pollTag(): Promise<void> {
  const registry = await startRegistry()
  registry.push('org/app', 'v1.0.0', memoryTree({ 'a.yaml': 'a: 1\n' }))
  const client = createRegistry({ http, clock: systemClock })
  const request = { url: `oci://${registry.host}/org/app`, ref: { tag: 'v1.0.0' }, signal }
  await measure(
    'tag',
    () => registry.requests.length,
    () => client.find(request),
  )
  await registry.close()
}

async function pollBucket(): Promise<void> {
  let requests = 0
  const entries = Array.from(
    { length: OBJECTS },
    (_, i) => `<Contents><Key>f${i}.yaml</Key><ETag>"${etagOf(`${i}`)}"</ETag></Contents>`,
  )
  const list = `<ListBucketResult><IsTruncated>false</IsTruncated>${entries.join('')}</ListBucketResult>`
  const storage = createServer((request, response) => {
    requests += 1
    const url = new URL(request.url ?? '/', 'http://x')
    if (url.searchParams.has('list-type')) response.end(list)
    else if (request.method === 'HEAD') response.end()
    else if (url.pathname.endsWith('/.sourceignore')) response.writeHead(404).end()
    else response.setHeader('etag', `"${etagOf(/f(\d+)/.exec(url.pathname)?.[1] ?? '')}"`).end('x')
  })
  const { address, close } = await listen(storage, { host: '127.0.0.1', port: 0 })
  const buckets = createBuckets({ http, clock: systemClock })
  const request = { endpoint: address, bucket: 'things', insecure: true, region: 'eu-1', signal }
  const { revision } = await buckets.fetch(request)
  await measure(
    `bucket of ${OBJECTS} objects`,
    () => requests,
    () => buckets.fetch({ ...request, have: revision }),
  )
  await close()
}

await pollTag()
await pollBucket()
http.close()
