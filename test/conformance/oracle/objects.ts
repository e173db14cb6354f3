/**
 * Writes test/fixtures/kubectl/objects.recorded.json: makes the objects of objects.yaml on a real
 * kube-apiserver (without controllers, so that their status stays) and keeps what it answers as
 * tables and as protobuf. usage: tsx test/conformance/oracle/objects.ts URL TOKEN
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'

const [url = '', token = ''] = process.argv.slice(2)
const folder = join(import.meta.dirname, '../../fixtures/kubectl')

interface Kube {
  readonly apiVersion: string
  readonly kind: string
  metadata: { name: string; namespace?: string; resourceVersion?: string; managedFields?: unknown }
  status?: unknown
}

interface Answered {
  readonly status: number
  readonly body: Buffer
  readonly date: string
}

function call(
  method: string,
  path: string,
  options: { body?: unknown; type?: string; accept?: string } = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      accept: options.accept ?? 'application/json',
      'content-type': options.type ?? 'application/json',
      'user-agent': 'recorder/1',
    }
    const made = request(url + path, { method, headers, rejectUnauthorized: false }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          body: Buffer.concat(parts),
          date: response.headers.date ?? '',
        }),
      )
    })
    made.on('error', reject)
    made.end(options.body === undefined ? undefined : JSON.stringify(options.body))
  })
}

const json = (answer: Answered): unknown => JSON.parse(answer.body.toString('utf8'))

async function pathOf(object: Kube): Promise<string> {
  const root = object.apiVersion.includes('/') ? '/apis' : '/api'
  const list = json(await call('GET', `${root}/${object.apiVersion}`)) as {
    resources: { name: string; kind: string; namespaced: boolean }[]
  }
  const found = list.resources.find((r) => r.kind === object.kind && !r.name.includes('/'))
  const place = found?.namespaced ? `/namespaces/${object.metadata.namespace}` : ''
  return `${root}/${object.apiVersion}${place}/${found?.name}`
}

async function make(object: Kube): Promise<string> {
  const path = await pathOf(object)
  const own = `${path}/${object.metadata.name}`
  const exists = (await call('GET', own)).status === 200
  const created = exists ? undefined : await call('POST', path, { body: object })
  if (created !== undefined && created.status >= 300)
    throw new Error(`${own}: ${created.body.toString('utf8')}`)
  if (object.status !== undefined) {
    const live = json(await call('GET', own)) as Kube
    const put = await call('PUT', `${own}/status`, { body: { ...live, status: object.status } })
    if (put.status >= 300) throw new Error(`${own}: ${put.body.toString('utf8')}`)
  }
  // Ownership of fields is long; pods keep theirs, so that it is read once.
  if (object.kind !== 'Pod')
    await call('PATCH', own, {
      type: 'application/merge-patch+json',
      body: { metadata: { managedFields: [{}] } },
    })
  if (object.metadata.name === 'leaving') await call('DELETE', own)
  return own
}

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io'
const PROTOBUF = 'application/vnd.kubernetes.protobuf'

async function main(): Promise<void> {
  const text = readFileSync(join(folder, 'objects.yaml'), 'utf8')
  const objects = parseAllDocuments(text).map((document) => document.toJS() as Kube)
  const recorded: unknown[] = []
  for (const object of objects) {
    const own = await make(object)
    if (object.kind === 'CustomResourceDefinition')
      await new Promise((resolve) => setTimeout(resolve, 2000))
    const table = await call('GET', `${own}?includeObject=Object`, { accept: TABLE })
    const { rows } = json(table) as { rows: { cells: unknown; object: Kube }[] }
    const proto = await call('GET', own, { accept: PROTOBUF })
    const [row] = rows
    recorded.push({
      path: own,
      now: new Date(table.date).toISOString(),
      ...row,
      ...(proto.status === 200 ? { protobuf: proto.body.toString('base64') } : {}),
    })
  }
  const lines = recorded.map((each) => `  ${JSON.stringify(each)}`).join(',\n')
  writeFileSync(join(folder, 'objects.recorded.json'), `[\n${lines}\n]\n`)
  process.stdout.write(`${recorded.length} objects, ${lines.length} bytes\n`)
}

await main()
