import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scratch } from '../kit/program.ts'

const root = join(import.meta.dirname, '../..')

/** A program of somebody who has the package. */
const PROGRAM = `
import { createApiServer, seededRandom, startApiServer, VirtualClock } from 'tidegate/apiserver'

const server = await startApiServer({ dataDir: process.argv[2] })
const namespaces = await (await fetch(server.url + '/api/v1/namespaces')).json()
const made = await server.transport.request({
  method: 'POST',
  path: '/api/v1/namespaces/default/configmaps',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }),
})
await server.close()
const again = await startApiServer({ dataDir: process.argv[2] })
const kept = await fetch(again.url + '/api/v1/namespaces/default/configmaps/a')
await again.close()
const clock = new VirtualClock()
const virtual = createApiServer({ clock, random: seededRandom(1) }, { workloads: false })
const version = JSON.parse(await (await virtual.request({ method: 'GET', path: '/version' })).text())
virtual.close()
console.log(JSON.stringify({
  names: namespaces.items.map((each) => each.metadata.name),
  made: made.status,
  kept: kept.status,
  kubeconfig: server.kubeconfig.includes(server.url),
  major: version.major,
}))
`

test('another program starts the API server by the entry of the package', () => {
  const folder = scratch()
  mkdirSync(join(folder.dir, 'node_modules'))
  symlinkSync(root, join(folder.dir, 'node_modules/tidegate'))
  writeFileSync(join(folder.dir, 'package.json'), '{"type":"module"}')
  writeFileSync(join(folder.dir, 'program.js'), PROGRAM)
  const ran = spawnSync(process.execPath, ['program.js', join(folder.dir, 'data')], {
    cwd: folder.dir,
    encoding: 'utf8',
  })
  folder.dispose()
  expect(ran.stderr).toBe('')
  expect(JSON.parse(ran.stdout)).toEqual({
    names: ['default', 'kube-node-lease', 'kube-public', 'kube-system'],
    made: 201,
    kept: 200,
    kubeconfig: true,
    major: '1',
  })
})

const tsc = join(root, 'node_modules/typescript/bin/tsc')
const types = join(root, 'dist/types/compose/api-server.d.ts')

test.skipIf(!existsSync(types))(
  `its types say what it takes${existsSync(types) ? '' : ': left out, npm run types makes them'}`,
  () => {
    const folder = scratch()
    mkdirSync(join(folder.dir, 'node_modules'))
    symlinkSync(root, join(folder.dir, 'node_modules/tidegate'))
    writeFileSync(join(folder.dir, 'package.json'), '{"type":"module"}')
    const start = "import { startApiServer } from 'tidegate/apiserver'\n"
    const good = `${start}const { url } = await startApiServer({ port: 1 })\nurl.length\n`
    const bad = `${start}await startApiServer({ port: 'one' })\n`
    writeFileSync(join(folder.dir, 'good.ts'), good)
    writeFileSync(join(folder.dir, 'bad.ts'), bad)
    const flags = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext']
    const roots = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')]
    const ran = spawnSync(process.execPath, [tsc, ...flags, ...roots, 'good.ts', 'bad.ts'], {
      cwd: folder.dir,
      encoding: 'utf8',
    })
    folder.dispose()
    expect(ran.stdout).not.toContain('good.ts')
    expect(ran.stdout).toContain("Type 'string' is not assignable to type 'number'")
  },
  180_000,
)
