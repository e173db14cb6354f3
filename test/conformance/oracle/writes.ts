/**
 * Writes the expected.json of test/fixtures/builtin, test/fixtures/fields, test/fixtures/structural and test/fixtures/crd-problems: does the writes of
 * their input on a real kube-apiserver (without controllers) and keeps what it answers.
 * usage: tsx test/conformance/oracle/writes.ts URL TOKEN
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import type { Json, JsonObject, KubeObject } from '../../../src/object/index.ts'
import { gvkOf, parseYaml, stringAt } from '../../../src/object/index.ts'
import { builtinKind } from '../../../src/schema/index.ts'
import { comparable, NODE_PORT, SERVICE_IP, type Write } from '../../apiserver/write-path.ts'

const [url = '', token = ''] = process.argv.slice(2)
const fixtures = join(import.meta.dirname, '../../fixtures')
const agent = new Agent({ keepAlive: true, rejectUnauthorized: false })

interface Answer {
  readonly code: number
  readonly body: JsonObject
}

function call(method: string, path: string, body?: unknown, type?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': type ?? 'application/json',
    }
    const made = request(url + path, { method, headers, agent }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8')
        resolve({ code: response.statusCode ?? 0, body: JSON.parse(text) as JsonObject })
      })
    })
    made.on('error', reject)
    made.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

function pathOf(object: KubeObject, name?: string): string {
  const kind = gvkOf(object)
  const known = builtinKind(kind)
  const root = kind.group === '' ? '/api' : `/apis/${kind.group}`
  const plural = known?.plural ?? `${kind.kind.toLowerCase()}es`
  const place = (known?.namespaced ?? true) ? '/namespaces/default' : ''
  return `${root}/${kind.version}${place}/${plural}${name === undefined ? '' : `/${name}`}`
}

const TYPES: Readonly<Record<string, string>> = {
  apply: 'application/apply-patch+yaml',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
}

function send(write: Write, object: KubeObject, query = ''): Promise<Answer> {
  const options = `?fieldManager=${write.manager}${query}`
  if (write.op === 'create') return call('POST', pathOf(object) + options, write.body)
  const at =
    pathOf(object, object.metadata.name) + (write.subresource ? `/${write.subresource}` : '')
  if (write.op === 'update') return call('PUT', at + options, write.body)
  const force = write.op === 'apply' ? `&force=${write.force === true}` : ''
  return call('PATCH', at + options + force, write.body, TYPES[write.op])
}

/** An answer without what is this server's own: addresses, ports, identity, times. */
function kept(answer: Answer): JsonObject {
  if (answer.code >= 400) {
    const details = answer.body['details'] as JsonObject | undefined
    const message = answer.body['message'] ?? ''
    return { code: answer.code, message, causes: details?.['causes'] ?? [] }
  }
  const object = comparable(answer.body as unknown as KubeObject)
  if (object['kind'] !== 'Service') return { object }
  const text = JSON.stringify(object)
    .replaceAll(/"10\.0\.\d+\.\d+"/g, JSON.stringify(SERVICE_IP))
    .replaceAll(/"nodePort":\d+/g, `"nodePort":${NODE_PORT}`)
  return { object: JSON.parse(text) as JsonObject }
}

async function remove(object: KubeObject): Promise<void> {
  const at = pathOf(object, object.metadata.name)
  await call('PATCH', at, { metadata: { finalizers: null } }, TYPES['merge'])
  await call('DELETE', `${at}?gracePeriodSeconds=0&propagationPolicy=Background`)
}

function read(folder: string, file: string): unknown {
  const text = readFileSync(join(fixtures, folder, file), 'utf8')
  return file.endsWith('.yaml') ? parseYaml(text, file) : JSON.parse(text)
}

function save(folder: string, value: readonly unknown[]): void {
  const lines = value.map((each) => `  ${JSON.stringify(each)}`).join(',\n')
  writeFileSync(join(fixtures, folder, 'expected.json'), `[\n${lines}\n]\n`)
}

async function recordObjects(): Promise<void> {
  const out = []
  for (const object of read('builtin/objects', 'input.yaml') as KubeObject[]) {
    const body = object as unknown as JsonObject
    const created = await send({ op: 'create', manager: 'm1', body }, object, '&dryRun=All')
    const applied = await send({ op: 'apply', manager: 'm2', body }, object, '&dryRun=All')
    out.push({ created: kept(created), applied: kept(applied) })
  }
  save('builtin/objects', out)
}

async function recordInvalid(): Promise<void> {
  const out = []
  for (const object of read('builtin/invalid', 'input.yaml') as KubeObject[]) {
    const body = object as unknown as JsonObject
    out.push(kept(await send({ op: 'create', manager: 'm', body }, object, '&dryRun=All')))
  }
  save('builtin/invalid', out)
}

async function recordUpdates(): Promise<void> {
  const out = []
  for (const [before, after] of read('builtin/updates', 'input.yaml') as [
    KubeObject,
    KubeObject,
  ][]) {
    await remove(before)
    const apply = { op: 'apply', manager: 'm' } as const
    const made = await send({ ...apply, body: before as unknown as JsonObject }, before)
    const refused = await send(
      { ...apply, body: after as unknown as JsonObject },
      after,
      '&dryRun=All',
    )
    out.push({ live: kept(made)['object'], ...kept(refused) })
    await remove(before)
  }
  save('builtin/updates', out)
}

/** Sequences of writes to one object. */
async function recordFields(name: string): Promise<void> {
  const crd = read('fields', 'crd.json')
  await call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crd)
  await sleep(1500)
  const out = []
  for (const sequence of read(`fields/${name}`, 'input.json') as Write[][]) {
    const subject = sequence[0]?.body as unknown as KubeObject
    await remove(subject)
    const answers = []
    for (const write of sequence) {
      const body = write.op === 'update' ? await versioned(write.body, subject) : write.body
      answers.push(kept(await send({ ...write, body }, subject)))
    }
    out.push(answers)
    await remove(subject)
  }
  save(`fields/${name}`, out)
}

/** The body of an update with the version that it is meant for, and what a service may not lose. */
async function versioned(body: JsonObject, subject: KubeObject): Promise<JsonObject> {
  const live = (await call('GET', pathOf(subject, subject.metadata.name))).body
  const metadata = live['metadata'] as JsonObject | undefined
  return {
    ...body,
    metadata: {
      ...(body['metadata'] as JsonObject),
      resourceVersion: metadata?.['resourceVersion'],
    },
  }
}

interface Named {
  readonly name: string
  readonly spec: Json
}

/** Custom objects: one that is created, or two of which the second replaces the first. */
async function recordCustom(name: string): Promise<void> {
  const crd = read(`structural/${name}`, 'crd.json') as KubeObject
  const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  await call('DELETE', `${crds}/${crd.metadata.name}`)
  await sleep(1000)
  await call('POST', crds, crd)
  await sleep(3000)
  const [plural, ...group] = (crd.metadata.name ?? '').split('.')
  const apiVersion = `${group.join('.')}/v1`
  const kind = stringAt(crd as unknown as Json, 'spec', 'names', 'kind')
  const place = `/apis/${apiVersion}/namespaces/default/${plural}`
  const out = []
  for (const [first, second] of read(`structural/${name}`, 'input.json') as Named[][]) {
    if (first === undefined) continue
    const made = (each: Named): JsonObject => ({
      apiVersion,
      kind,
      metadata: { name: each.name, namespace: 'default' },
      spec: each.spec,
    })
    if (second === undefined) {
      out.push(kept(await call('POST', `${place}?dryRun=All`, made(first))))
      continue
    }
    const { metadata } = (await call('POST', place, made(first))).body
    const body = made(second)
    const resourceVersion = stringAt(metadata, 'resourceVersion')
    const next = { ...body, metadata: { ...(body['metadata'] as JsonObject), resourceVersion } }
    out.push(kept(await call('PUT', `${place}/${second.name}?dryRun=All`, next)))
    await call('DELETE', `${place}/${first.name}`)
  }
  save(`structural/${name}`, out)
  await call('DELETE', `${crds}/${crd.metadata.name}`)
}

async function recordCrds(): Promise<void> {
  const out = []
  for (const crd of read('crd-problems/all', 'input.json') as JsonObject[]) {
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All'
    const answer = kept(await call('POST', path, crd))
    out.push({ causes: answer['causes'] ?? [] })
  }
  save('crd-problems/all', out)
}

/** What the decoder says of values that a field can not hold. */
async function recordMismatches(): Promise<void> {
  const out = []
  for (const object of read('conform/mismatches', 'input.json') as KubeObject[]) {
    const path = `${pathOf(object)}?dryRun=All`
    out.push((await call('POST', path, object)).body['message'])
  }
  save('conform/mismatches', out)
}

/** Strategic merge patches of one object: the first of the input, which is not changed by them. */
async function recordPatches(): Promise<void> {
  const [object, ...patches] = read('patch/strategic', 'input.json') as JsonObject[]
  const subject = object as unknown as KubeObject
  await remove(subject)
  const body = object ?? {}
  const out = [kept(await send({ op: 'create', manager: 'm', body }, subject))]
  for (const patch of patches) {
    const write = { op: 'strategic', manager: 'm', body: patch } as const
    out.push(kept(await send(write, subject, '&dryRun=All')))
  }
  save('patch/strategic', out)
  await remove(subject)
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

await recordObjects()
await recordInvalid()
await recordMismatches()
await recordPatches()
await recordCrds()
await recordUpdates()
const folders = readdirSync(join(fixtures, 'fields'), { withFileTypes: true })
for (const folder of folders) if (folder.isDirectory()) await recordFields(folder.name)
for (const name of readdirSync(join(fixtures, 'structural'))) await recordCustom(name)
agent.destroy()
