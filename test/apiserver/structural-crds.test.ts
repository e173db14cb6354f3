import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { applyBuiltinDefaults, type Cause } from '../../src/apiserver/builtin/index.ts'
import { validateCrd } from '../../src/apiserver/structural/index.ts'
import { type KubeObject, parseYaml, stringAt } from '../../src/object/index.ts'
import { conform } from '../../src/schema/index.ts'

const root = join(import.meta.dirname, '../fixtures/crd-problems/all')

function read(file: string): unknown {
  return JSON.parse(readFileSync(join(root, file), 'utf8'))
}

function complete(crd: KubeObject): KubeObject {
  return applyBuiltinDefaults(conform(crd as never).object as unknown as KubeObject)
}

/** Without the values that Go prints as its own structs, which we do not have. */
function keys(causes: readonly Cause[]): string[] {
  return [
    ...new Set(
      causes.map((c) => `${c.field} ${c.message.replace(/[[{]"(?:ID|Name|type)".*[\]}]: /, '… ')}`),
    ),
  ].sort()
}

const inputs = read('input.json') as KubeObject[]
const answers = read('expected.json') as { causes: readonly Cause[] }[]

test.each(inputs.map((_, i) => i))('what is wrong with CRD %i', (i) => {
  const causes = validateCrd(complete(inputs[i] as KubeObject))
  expect(keys(causes)).toEqual(keys(answers[i]?.causes ?? []))
})

const crds = join(import.meta.dirname, '../../crds')
const own = readdirSync(crds)
  .filter((name) => name.endsWith('.yaml'))
  .flatMap((name) => parseYaml(readFileSync(join(crds, name), 'utf8'), name) as unknown[])
  .filter((object) => stringAt(object as never, 'kind') === 'CustomResourceDefinition')

test('the CRDs of this project are right', () => {
  expect(own.length).toBeGreaterThan(0)
  for (const crd of own) expect(validateCrd(complete(crd as KubeObject))).toEqual([])
})

test('what may not be changed of an established CRD', () => {
  const [crd] = own as KubeObject[]
  const old = complete(crd as KubeObject)
  const status = { ...(old['status'] as object) }
  const conditions = [{ type: 'Established', status: 'True' }]
  const live = { ...old, status: { ...status, conditions } } as KubeObject
  const spec = live['spec'] as Record<string, unknown>
  const changed = { ...live, spec: { ...spec, scope: 'Cluster', group: 'other.example.com' } }
  expect(keys(validateCrd(changed as KubeObject, live))).toEqual([
    'spec.group Invalid value: "other.example.com": field is immutable',
    'spec.scope Invalid value: "Cluster": field is immutable',
  ])
})
