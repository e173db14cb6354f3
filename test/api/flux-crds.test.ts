import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { crdFiles, crdPages } from '../../crds/generate.ts'
import { STORED_PAGE, storedPage } from '../../crds/stored.ts'
import { isArray, isObject, type Json, parseYaml, printYaml } from '../../src/object/index.ts'

const root = join(import.meta.dirname, '../..')
const fixtures = join(root, 'test/fixtures/api/flux-crds')
const real = process.env['TG_FLUX_CRDS'] ?? ''
const ours = crdFiles()

/** A CRD without what may differ: descriptions, the generator's mark, labels, order of fields. */
function skeleton(text: string): Json {
  return bare(parseYaml(text, 'crd')[0] ?? null, [])
}

function bare(value: Json, path: readonly string[]): Json {
  if (isArray(value)) {
    const items = value.map((item) => bare(item, [...path, '[]']))
    return path.at(-1) === 'required' ? items.map(String).sort() : items
  }
  if (!isObject(value)) return value
  const fields = path.at(-1) === 'properties'
  const kept = Object.entries(value)
    .filter(([key]) => fields || (key !== 'description' && key !== 'labels'))
    .filter(([key]) => key !== 'controller-gen.kubebuilder.io/version')
    .map(([key, item]): [string, Json] => [key, bare(item ?? null, [...path, key])])
    .filter(([key, item]) => !(key === 'annotations' && isObject(item) && isEmpty(item)))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(kept)
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0
}

test.runIf(process.env['ORACLE'] === 'write')('the fixtures are written from the real CRDs', () => {
  for (const name of ours.keys()) {
    const text = readFileSync(join(real, name), 'utf8')
    writeFileSync(join(fixtures, name), printYaml(skeleton(text)))
  }
  expect(readdirSync(fixtures)).toHaveLength(ours.size + 1)
})

describe('our CRDs are those of Flux 2.9.4', () => {
  test.each([...ours])('%s', (name, text) => {
    expect(skeleton(text)).toEqual(parseYaml(readFileSync(join(fixtures, name), 'utf8'), name)[0])
  })
})

describe.skipIf(!existsSync(real))('the fixtures are those of the CRDs in TG_FLUX_CRDS', () => {
  test.each([...ours.keys()])('%s', (name) => {
    const fixture = parseYaml(readFileSync(join(fixtures, name), 'utf8'), name)[0]
    expect(fixture).toEqual(skeleton(readFileSync(join(real, name), 'utf8')))
  })
})

test('crds/ is what the schemas give: npm run crds changes nothing', () => {
  const generated = new Map([...ours, ...crdPages()])
  const written = readdirSync(join(root, 'crds')).filter((name) => name.includes('.toolkit.'))
  expect(written.sort()).toEqual([...generated.keys()].sort())
  for (const name of written)
    expect(readFileSync(join(root, 'crds', name), 'utf8'), name).toBe(generated.get(name))
})

test('the examples of the pages are objects of their kind', () => {
  for (const [name, text] of crdPages()) {
    const example = /```yaml\n([\s\S]*?)```/.exec(text)?.[1] ?? ''
    expect(parseYaml(example, name)[0], name).toMatchObject({
      apiVersion: `${name.split('_')[0]}/v1`,
      kind: /^# (.*)$/m.exec(text)?.[1],
    })
  }
})

test('every field has a description, as kubectl explain shows it', () => {
  const missing: string[] = []
  const walk = (schema: Json | undefined, path: string): void => {
    if (!isObject(schema)) return
    if (path.split('.').length > 1 && path !== '.metadata' && schema['description'] === undefined)
      missing.push(path)
    for (const [name, field] of Object.entries((schema['properties'] ?? {}) as object))
      walk(field as Json, `${path}.${name}`)
    if (isObject(schema['items']) && schema['items']['type'] === 'object')
      walk(schema['items'], `${path}[]`)
  }
  for (const [name, text] of ours) {
    const crd = parseYaml(text, name)[0] as unknown as {
      spec: { versions: { schema: { openAPIV3Schema: Json } }[] }
    }
    walk(crd.spec.versions[0]?.schema.openAPIV3Schema, '')
  }
  expect(missing).toEqual([])
})

test('the embedded server starts with what it would store itself: npm run crds changes nothing', async () => {
  expect(readFileSync(STORED_PAGE, 'utf8')).toBe(await storedPage())
})
