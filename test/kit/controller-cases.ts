import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  parseYaml,
  type Transport,
} from '../../src/object/index.ts'
import { casesIn } from './case-folders.ts'
import { type PodsWanted, putPods } from './controller-pods.ts'
import { ask, pathOf } from './controller-requests.ts'
import { delta, snapshotOf } from './controller-snapshot.ts'

/** What is done at once before all is looked at again. */
export interface ControllerStep {
  /** Objects; without a namespace they go into the case's own. */
  readonly create?: JsonObject | readonly JsonObject[]
  readonly patch?: Patch | readonly Patch[]
  readonly delete?: Deletion | readonly Deletion[]
  /** What a kubelet and a scheduler would do to pods. */
  readonly pods?: PodsWanted | readonly PodsWanted[]
  /** Seconds that pass at least. */
  readonly wait?: number
}

interface Named {
  readonly kind: string
  readonly name: string
}

interface Patch extends Named {
  /** A merge patch; a list is a JSON patch. */
  readonly with: Json
  readonly part?: string
}

interface Deletion extends Named {
  readonly propagation?: string
  readonly grace?: number
}

/** A case: a folder with `case.yaml` and, written from the real controllers, `expected.json`. */
export interface ControllerCase {
  readonly name: string
  readonly why: string
  readonly steps: readonly ControllerStep[]
}

const FOLDER = join(import.meta.dirname, '../fixtures/controllers')

/** All cases, by name. */
export function controllerCases(): ControllerCase[] {
  return casesIn<ControllerCase>(FOLDER)
}

/** Where is kept what the real controllers made of a case. */
export function madeFile(name: string): string {
  return join(FOLDER, name, 'expected.json')
}

/** What the real controllers made of a case, step by step. */
export function expectedChanges(name: string): Json[] {
  return JSON.parse(readFileSync(madeFile(name), 'utf8')) as Json[]
}

/** Cases in which the embedded controllers still differ: `known-differences.yaml`, each with its reason. */
export function knownDifferences(): Readonly<Record<string, string>> {
  const text = readFileSync(join(FOLDER, 'known-differences.yaml'), 'utf8')
  const [value] = parseYaml(text, 'known-differences.yaml')
  return (isObject(value) ? value : {}) as Readonly<Record<string, string>>
}

/** A server with controllers, however its time passes. */
export interface ControllerSide {
  readonly transport: Transport
  now(): number
  /** Resolves when nothing in a namespace changes any more, and at least so many seconds on. */
  settled(namespace: string, seconds: number): Promise<readonly KubeObject[]>
}

/** Plays a case; answers for each step how all objects changed, as merge patches. */
export async function playControllers(side: ControllerSide, of: ControllerCase): Promise<Json[]> {
  const namespace = `c-${of.name}`
  const fill = <T>(value: T): T =>
    JSON.parse(JSON.stringify(value).replaceAll('{ns}', namespace)) as T
  await ask(side, 'POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  })
  const addresses = new Map<string, string>()
  const known = { generated: new Set<string>(), uids: new Map<string, string>() }
  let before: JsonObject = {}
  const take = async (seconds: number): Promise<Json> => {
    const now = snapshotOf(await side.settled(namespace, seconds), namespace, known)
    const changed = delta(before, now)
    before = now
    return changed
  }
  const out: Json[] = [await take(3)]
  for (const given of fill(of.steps)) {
    const step = await withUids(side, given)
    for (const each of listed(step.create)) await create(side, namespace, each)
    for (const each of listed(step.patch)) await patch(side, namespace, each)
    for (const each of listed(step.delete)) await remove(side, namespace, each)
    for (const each of listed(step.pods)) await putPods(side, { namespace, addresses }, each)
    out.push(await take(step.wait ?? 0))
  }
  return out
}

/** A step in which `{uid of NAMESPACE KIND NAME}` is the uid of an object that is there. */
async function withUids(side: ControllerSide, step: ControllerStep): Promise<ControllerStep> {
  let text = JSON.stringify(step)
  for (const [whole, namespace = '', kind = '', name = ''] of text.matchAll(UID_OF)) {
    const response = await side.transport.request({
      method: 'GET',
      path: pathOf(kind, namespace, name),
    })
    const { metadata } = JSON.parse(await response.text()) as KubeObject
    text = text.replaceAll(whole, metadata.uid ?? '')
  }
  return JSON.parse(text) as ControllerStep
}

const UID_OF = /\{uid of (\S+) (\w+) ([^\s}]+)\}/g

function listed<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return []
  return Array.isArray(value) ? (value as readonly T[]) : [value as T]
}

/** A node on which pods of all cases are said to run. */
export async function addNode(side: Pick<ControllerSide, 'transport'>): Promise<void> {
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } }
  await ask(side, 'POST', pathOf('Node', ''), node)
  const [at, reason] = ['2026-01-01T00:00:00Z', 'KubeletReady']
  const ready = { type: 'Ready', status: 'True', reason, message: 'ready' }
  const status = { conditions: [{ ...ready, lastHeartbeatTime: at, lastTransitionTime: at }] }
  await ask(side, 'PATCH', `${pathOf('Node', '', 'n1')}/status`, { status })
}

async function create(side: ControllerSide, namespace: string, body: JsonObject): Promise<void> {
  const kind = String(body['kind'])
  const metadata = isObject(body['metadata']) ? body['metadata'] : {}
  await ask(side, 'POST', pathOf(kind, String(metadata['namespace'] ?? namespace)), body)
}

async function patch(side: ControllerSide, namespace: string, of: Patch): Promise<void> {
  const part = of.part === undefined ? '' : `/${of.part}`
  await ask(side, 'PATCH', pathOf(of.kind, namespace, of.name) + part, of.with)
}

async function remove(side: ControllerSide, namespace: string, of: Deletion): Promise<void> {
  await ask(side, 'DELETE', pathOf(of.kind, namespace, of.name), {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(of.propagation === undefined ? {} : { propagationPolicy: of.propagation }),
    ...(of.grace === undefined ? {} : { gracePeriodSeconds: of.grace }),
  })
}
