import { expect, test } from 'vitest'
import type { Clock } from '../../src/base/index.ts'
import type { JsonObject } from '../../src/object/index.ts'
import { configMap, kustomization, NAMESPACE, type System, startSystem } from './system.ts'

/** Requests that ask about, or change, one object of a kind. */
function asked(system: System, plural: string): string[] {
  return system.requests().filter((each) => each.includes(`/${plural}/`))
}

/** Milliseconds of the clock until a claim holds. */
async function took(
  clock: Clock & { advance(ms: number): Promise<void> },
  claim: () => Promise<boolean>,
): Promise<number> {
  const started = clock.now()
  while (!(await claim())) await clock.advance(5)
  return clock.now() - started
}

const CRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gates.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Gate, plural: gates, singular: gate}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`
const GATE = `apiVersion: example.com/v1\nkind: Gate\nmetadata: {name: gate, namespace: ${NAMESPACE}}\nspec: {}\n`

async function setStatus(system: System, status: JsonObject): Promise<void> {
  const ref = { group: 'example.com', kind: 'Gate', namespace: NAMESPACE, name: 'gate' }
  await system.cluster.patch(
    ref,
    { type: 'merge', value: { status } },
    { subresource: 'status', fieldManager: 'its-controller' },
  )
}

/** A Gate that is there already, and not well. */
async function closedGate(system: System): Promise<void> {
  await system.apply(CRD)
  await system.clock.advance(1_000)
  await system.apply(GATE)
  await setStatus(system, waiting)
}

const waiting = { conditions: [{ type: 'Ready', status: 'False', reason: 'Opening', message: '' }] }
const open = { conditions: [{ type: 'Ready', status: 'True', reason: 'Open', message: '' }] }

test('an object that gets well ends the wait at once; nobody asks for it meanwhile', async () => {
  const system = await startSystem()
  await closedGate(system)
  await system.commit({ 'gate/gate.yaml': GATE, 'next/cm.yaml': configMap('next') })
  await system.apply(
    kustomization('gate', 'wait: true\ntimeout: 10m'),
    kustomization('next', 'dependsOn: [{name: gate}]'),
  )
  await system.clock.advance(5_000)
  asked(system, 'gates')
  await system.clock.advance(50_000)
  expect(asked(system, 'gates')).toEqual([])
  expect(await system.ready('gate')).toBe(false)
  await setStatus(system, open)
  expect(await took(system.clock, () => system.ready('next'))).toBeLessThanOrEqual(200)
  await system.close()
})

test('an object of somebody else that health checks name is watched, too', async () => {
  const system = await startSystem()
  await system.commit({ 'app/cm.yaml': configMap('one') })
  const check = `{apiVersion: v1, kind: ConfigMap, name: theirs, namespace: ${NAMESPACE}}`
  await system.apply(kustomization('app', `timeout: 10m\nhealthChecks: [${check}]`))
  await system.until(async () => (await system.get('ConfigMap', 'one')) !== undefined)
  await system.clock.advance(1_000)
  asked(system, 'configmaps')
  await system.clock.advance(50_000)
  expect(asked(system, 'configmaps')).toEqual([])
  await system.apply(configMap('theirs'))
  expect(await took(system.clock, () => system.ready('app'))).toBeLessThanOrEqual(100)
  await system.close()
})

test('a kind that appears during the wait, and an account that may not watch', async () => {
  const system = await startSystem()
  await system.commit({ 'app/cm.yaml': configMap('one') })
  const check = `{apiVersion: example.com/v1, kind: Gate, name: gate, namespace: ${NAMESPACE}}`
  await system.apply(kustomization('app', `timeout: 10m\nhealthChecks: [${check}]`))
  await system.clock.advance(20_000)
  await system.apply(CRD)
  await system.clock.advance(2_000)
  await system.apply(GATE)
  await setStatus(system, open)
  expect(await took(system.clock, () => system.ready('app'))).toBeLessThanOrEqual(16_000)
  await system.close()
})

test('a new revision ends the wait for an old one', async () => {
  const system = await startSystem()
  await closedGate(system)
  await system.commit({ 'gate/gate.yaml': GATE })
  await system.apply(kustomization('gate', 'wait: true\ntimeout: 10m'))
  await system.clock.advance(5_000)
  const revision = await system.commit({ 'gate/cm.yaml': configMap('instead') })
  const isDone = async (): Promise<boolean> =>
    (await system.kustomization('gate'))?.status?.lastAppliedRevision === revision
  expect(await took(system.clock, isDone)).toBeLessThanOrEqual(1_000)
  await system.close()
})
