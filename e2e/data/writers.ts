import type { KubeObject } from '../../src/object/index.ts'
import type { Draw } from '../kube/fuzz/values.ts'
import type { Ledger } from './ledger.ts'
import type { Asked, DataServer, Told } from './server.ts'

/** Where the objects are that are checked to the letter. */
export const HOME = '/api/v1/namespaces/written/configmaps'
const NAMESPACES = '/api/v1/namespaces'
const APPLY = 'application/apply-patch+yaml'
const MERGE = 'application/merge-patch+json'
const OBJECTS = 4

/** One client that writes on and on. */
export interface Writer {
  readonly server: DataServer
  readonly ledger: Ledger
  readonly draw: Draw
  readonly id: string
  /** Counted up by each write. */
  next(): number
}

/** Writes one object after another, each to the end, until the server does not answer any more. */
export async function writeOn(writer: Writer): Promise<void> {
  try {
    for (;;) await writeOne(writer, `w${writer.id}-${writer.draw.below(OBJECTS)}`)
  } catch {
    // The server was killed: what was asked last is in doubt.
  }
}

async function writeOne(writer: Writer, name: string): Promise<void> {
  const { ledger, server } = writer
  const known = ledger.known(name)
  const count = `${writer.id}.${writer.next()}`
  const { request, doubt } = drawn(writer, { name, known, count })
  ledger.ask(name, { count: doubt })
  const { status, object } = await server.ask(request)
  if (status >= 300) {
    ledger.faults.push(`${request.method} ${request.path}: ${status} ${JSON.stringify(object)}`)
    return
  }
  if (request.method === 'DELETE') {
    const stays = (known?.metadata.finalizers ?? []).length > 0
    ledger.tell(name, stays ? object : undefined)
    return
  }
  const isOver = isEnding(known)
  ledger.tell(name, isOver ? undefined : object)
}

function isEnding(object: KubeObject | undefined): boolean {
  return object?.metadata.deletionTimestamp !== undefined
}

interface Now {
  readonly name: string
  readonly known: KubeObject | undefined
  readonly count: string
}

/** The next write of an object, and what it leaves in it. */
function drawn({ draw }: Writer, now: Now): { request: Asked; doubt: string | undefined } {
  const { name, known, count } = now
  const path = `${HOME}/${name}`
  const data = { n: count, m: count, pad: 'é'.repeat(draw.below(3000)) }
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data }
  const manager = draw.of(['one', 'two', 'three'])
  const apply: Asked = {
    method: 'PATCH',
    path: `${path}?fieldManager=${manager}&force=true`,
    type: APPLY,
    body: object,
  }
  if (known === undefined) {
    const finalizers = draw.below(3) === 0 ? ['x.io/keep'] : []
    const body = { ...object, metadata: { name, finalizers } }
    const create: Asked = { method: 'POST', path: HOME, body }
    return { request: draw.of([create, create, apply]), doubt: count }
  }
  if (isEnding(known)) {
    const body = { metadata: { finalizers: null } }
    return { request: { method: 'PATCH', path, type: MERGE, body }, doubt: undefined }
  }
  const { resourceVersion, finalizers = [] } = known.metadata
  const metadata = { name, resourceVersion, finalizers }
  const merge: Asked = { method: 'PATCH', path, type: MERGE, body: { data } }
  const put: Asked = { method: 'PUT', path, body: { ...object, metadata } }
  const remove: Asked = { method: 'DELETE', path }
  const request = draw.of([apply, apply, merge, put, put, remove])
  return { request, doubt: request === remove ? undefined : count }
}

/** Makes work for controllers and leaves it half done: what comes of it is seen later. */
export async function bustle(writer: Writer): Promise<void> {
  const { draw } = writer
  const works = [workload, household, emptied, defined]
  try {
    for (;;) await draw.of(works)(writer, `${writer.id}-${writer.next()}`)
  } catch {
    // The server was killed.
  }
}

function must({ server }: Writer, request: Asked): Promise<Told> {
  return server.ask(request)
}

async function workload(writer: Writer, name: string): Promise<void> {
  const path = '/apis/apps/v1/namespaces/default/deployments'
  const labels = { app: name }
  const containers = [{ name: 'c', image: 'i' }]
  const template = { metadata: { labels }, spec: { containers } }
  const spec = { replicas: 2, selector: { matchLabels: labels }, template }
  const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: `d${name}` }, spec }
  await must(writer, { method: 'POST', path, body })
  const at = `${path}/d${name}`
  const replicas = writer.draw.below(4)
  await must(writer, { method: 'PATCH', path: at, type: MERGE, body: { spec: { replicas } } })
  if (writer.draw.below(3) > 0)
    await must(writer, {
      method: 'DELETE',
      path: `${at}?propagationPolicy=${writer.draw.of(['Background', 'Foreground'])}`,
    })
}

/** An owner with what it owns, which goes with it or is let go. */
async function household(writer: Writer, name: string): Promise<void> {
  const path = '/api/v1/namespaces/default/configmaps'
  const make = (of: string, ownerReferences: readonly unknown[]): Promise<Told> =>
    must(writer, {
      method: 'POST',
      path,
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: of, ownerReferences } },
    })
  const { uid } = (await make(`o${name}`, [])).object.metadata
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: `o${name}`, uid }
  const owners = [{ ...owner, blockOwnerDeletion: true }]
  for (const i of [1, 2, 3]) await make(`o${name}-${i}`, owners)
  const policy = writer.draw.of(['Background', 'Foreground', 'Orphan'])
  await must(writer, { method: 'DELETE', path: `${path}/o${name}?propagationPolicy=${policy}` })
}

async function emptied(writer: Writer, name: string): Promise<void> {
  const metadata = { name: `t${name}` }
  await must(writer, { method: 'POST', path: NAMESPACES, body: { metadata } })
  const path = `${NAMESPACES}/t${name}/configmaps`
  for (const each of ['a', 'b'])
    await must(writer, { method: 'POST', path, body: { metadata: { name: each } } })
  await must(writer, { method: 'DELETE', path: `${NAMESPACES}/t${name}` })
}

/** A definition with an object, changed and removed again. */
async function defined(writer: Writer, name: string): Promise<void> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  const group = `g${name}.example`
  const schema = {
    openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  }
  const version = { name: 'v1', served: true, storage: true, schema }
  const names = { kind: 'Boat', plural: 'boats', singular: 'boat', listKind: 'BoatList' }
  const spec = { group, names, scope: 'Namespaced', versions: [version] }
  const metadata = { name: `boats.${group}` }
  const body = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' }
  await must(writer, { method: 'POST', path, body: { ...body, metadata, spec } })
  const boats = `/apis/${group}/v1/namespaces/default/boats`
  const boat = { apiVersion: `${group}/v1`, kind: 'Boat', metadata: { name: 'b' } }
  await must(writer, { method: 'POST', path: boats, body: boat })
  const at = `${path}/${metadata.name}`
  const labels = { changed: 'yes' }
  await must(writer, { method: 'PATCH', path: at, type: MERGE, body: { metadata: { labels } } })
  if (writer.draw.below(4) > 0) await must(writer, { method: 'DELETE', path: at })
}
