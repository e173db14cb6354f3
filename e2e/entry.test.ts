import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { scratch } from '../test/kit/program.ts'

const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const types = join(root, 'dist/types/compose/api-server.d.ts')

/** Programs that the README shows, for users of the package. */
const shown = [...readme.matchAll(/^```ts\n([\s\S]*?)^```/gm)]
  .map(([, text = '']) => text)
  .filter((text) => text.includes("'tidegate/apiserver'"))

/** A project of somebody who has the package. */
function outside(): { readonly dir: string; dispose(): void } {
  const folder = scratch()
  const names = ['tidegate', 'vitest', '@kubernetes/client-node', '@types/node']
  for (const name of names) {
    const to = join(folder.dir, 'node_modules', name)
    mkdirSync(dirname(to), { recursive: true })
    symlinkSync(name === 'tidegate' ? root : join(root, 'node_modules', name), to)
  }
  writeFileSync(join(folder.dir, 'package.json'), '{"type":"module"}')
  return folder
}

test('the test that the README shows passes in a project of its own', () => {
  const folder = outside()
  const text = shown.find((each) => each.includes('test(')) ?? ''
  writeFileSync(join(folder.dir, 'shown.test.ts'), text)
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const ran = spawnSync(process.execPath, [vitest, 'run', '--testTimeout=60000'], {
    cwd: folder.dir,
    encoding: 'utf8',
  })
  folder.dispose()
  expect(ran.stdout).toMatch(/1 passed/)
}, 120_000)

test.skipIf(!existsSync(types))(
  `what the README shows has the right types${existsSync(types) ? '' : ': left out, npm run types makes them'}`,
  () => {
    const folder = outside()
    const missing = "import { writeFile } from 'node:fs/promises'\n"
    for (const [i, text] of shown.entries())
      writeFileSync(join(folder.dir, `shown-${i}.ts`), `${missing}void writeFile\n${text}`)
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const flags = ['--noEmit', '--strict', '--skipLibCheck', '--types', 'node']
    const target = ['--module', 'nodenext', '--target', 'es2023']
    const files = shown.map((_, i) => `shown-${i}.ts`)
    const ran = spawnSync(process.execPath, [tsc, ...flags, ...target, ...files], {
      cwd: folder.dir,
      encoding: 'utf8',
    })
    folder.dispose()
    expect(ran.stdout).toBe('')
  },
  180_000,
)

/** Starts and ends servers with a watch each, and tells what is left of them. */
const STARTS = `
import { startApiServer } from 'tidegate/apiserver'
const one = async () => {
  const server = await startApiServer()
  const watch = fetch(server.url + '/api/v1/configmaps?watch=true')
  await (await fetch(server.url + '/api/v1/namespaces')).text()
  await (await watch).body.cancel().catch(() => {})
  await server.close()
}
const left = () => {
  globalThis.gc()
  return { heap: process.memoryUsage().heapUsed / 2 ** 20, open: process.getActiveResourcesInfo() }
}
for (let i = 0; i < 20; i += 1) await one()
const before = left()
for (let i = 0; i < Number(process.argv[2]); i += 1) await one()
const after = left()
console.log(JSON.stringify({ grown: after.heap - before.heap, open: after.open.length - before.open.length }))
`

test('servers that were started and ended leave nothing behind', () => {
  const folder = outside()
  writeFileSync(join(folder.dir, 'starts.js'), STARTS)
  const count = process.env['STARTS'] ?? '50'
  const args = ['--expose-gc', 'starts.js', count]
  const ran = spawnSync(process.execPath, args, { cwd: folder.dir, encoding: 'utf8' })
  folder.dispose()
  const left = JSON.parse(ran.stdout) as { readonly grown: number; readonly open: number }
  // Texts and parts of objects that were made lately are kept, up to a bound.
  expect(left.grown).toBeLessThan(20)
  expect(left.open).toBeLessThan(5)
}, 600_000)
