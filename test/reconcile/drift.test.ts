import { expect, test } from 'vitest'
import type { JsonObject } from '../../src/object/index.ts'
import { configMap, kustomization, NAMESPACE, type System, startSystem } from './system.ts'

const REF = { group: '', kind: 'ConfigMap', namespace: NAMESPACE, name: 'one' }

interface Case {
  readonly reason: string
  /** Of the Kustomization. */
  readonly spec?: string
  readonly manager: string
  readonly edit: JsonObject
  readonly isDeleted?: true
  /** Data after the correction. */
  readonly want: JsonObject
  /** Requests about the object. */
  readonly asked: readonly string[]
}

const PATH = '/api/v1/namespaces/test/configmaps/one'

const CASES: readonly Case[] = [
  {
    reason: 'a value that somebody changed is set back by one apply, nothing is asked',
    manager: 'somebody',
    edit: { data: { a: 'foreign' } },
    want: { a: 'b' },
    asked: [`PATCH ${PATH}`],
  },
  {
    reason: 'a field that we do not set is nobody’s drift',
    manager: 'somebody',
    edit: { data: { theirs: 'x' } },
    want: { a: 'b', theirs: 'x' },
    asked: [],
  },
  {
    reason: 'what kubectl added goes: its fields become ours first',
    manager: 'kubectl-edit',
    edit: { data: { a: 'foreign', more: 'x' } },
    want: { a: 'b' },
    asked: [`GET ${PATH}`, `PATCH ${PATH} dryRun`, `PATCH ${PATH}`, `PATCH ${PATH}`],
  },
  {
    reason: 'a request that somebody made by kubectl stays for those who are asked',
    manager: 'kubectl-annotate',
    edit: { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': 'now' } } },
    want: { a: 'b' },
    asked: [],
  },
  {
    reason: 'an object that says that it is not to be reconciled is left alone',
    manager: 'somebody',
    edit: {
      metadata: { annotations: { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' } },
      data: { a: 'foreign' },
    },
    want: { a: 'foreign' },
    asked: [`GET ${PATH}`],
  },
  {
    reason: 'fields that are to be ignored are compared with the live object',
    spec: 'ignore: [{paths: [/data/a]}]',
    manager: 'somebody',
    edit: { data: { a: 'foreign' } },
    want: { a: 'foreign' },
    asked: [`GET ${PATH}`, `PATCH ${PATH} dryRun`],
  },
  {
    reason: 'an object that was deleted is made again',
    manager: 'somebody',
    edit: {},
    isDeleted: true,
    want: { a: 'b' },
    asked: [`PATCH ${PATH} dryRun`, `PATCH ${PATH}`],
  },
]

function asked(system: System): string[] {
  return system
    .requests()
    .filter((each) => each.includes(PATH))
    .map((each) => each.replace(/\?.*(dryRun).*/, ' $1').replace(/\?.*/, ''))
}

test.each(CASES)('$reason', async ({ spec = '', manager, edit, isDeleted, want, asked: list }) => {
  const system = await startSystem()
  await system.commit({ 'app/cm.yaml': configMap('one') })
  await system.apply(kustomization('app', spec))
  await system.until(() => system.ready('app'))
  await system.clock.advance(2_000)
  asked(system)
  if (isDeleted) await system.cluster.delete(REF)
  else await system.cluster.patch(REF, { type: 'merge', value: edit }, { fieldManager: manager })
  await system.clock.advance(1_000)
  expect(asked(system)).toEqual(list)
  expect((await system.get('ConfigMap', 'one'))?.['data']).toEqual(want)
  await system.close()
})
