import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scratch } from '../kit/program.ts'

const bundle = join(import.meta.dirname, '../../dist/tidegate.mjs')

test('a slow reader of a pipe gets all that was printed', async () => {
  const folder = scratch()
  const value = 'x'.repeat(1000)
  const objects = Array.from(
    { length: 1000 },
    (_, i) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c${i}}\ndata: {v: ${value}}\n`,
  )
  mkdirSync(join(folder.dir, 'base'))
  writeFileSync(join(folder.dir, 'base/all.yaml'), objects.join('---\n'))
  writeFileSync(join(folder.dir, 'base/kustomization.yaml'), 'resources: [all.yaml]\n')
  const child = spawn(process.execPath, [bundle, 'build', join(folder.dir, 'base')])
  let length = 0
  let values = 0
  for await (const chunk of child.stdout) {
    length += (chunk as Buffer).length
    values += (chunk as Buffer).toString().split('kind: ConfigMap').length - 1
    await new Promise((resolve) => setImmediate(resolve))
  }
  folder.dispose()
  expect(length).toBeGreaterThan(1_000_000)
  expect(values).toBeGreaterThan(990)
})
