import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runProgram, scratch, startProgram } from '../kit/program.ts'

const folders: { dispose(): void }[] = []
afterAll(() => {
  for (const folder of folders.splice(0)) folder.dispose()
})

function fleet(): string {
  const folder = scratch('deploy/examples/fleet')
  folders.push(folder)
  return folder.dir
}

test.concurrent.each([
  ['production', 'clusters/production'],
  ['staging', 'clusters/staging'],
])('the example brings %s to all Ready and ends with 0', async (_, path) => {
  const { code, output } = await runProgram(['up', '--once', '--path', path])
  expect(output).toMatch(/All 5 Kustomizations are Ready/)
  expect(code, output).toBe(0)
})

const MANIFESTS = [
  'clusters/production/apps.yaml',
  'clusters/production/variables.yaml',
  'infrastructure/crds/database.yaml',
  'infrastructure/controllers/queue.yaml',
  'infrastructure/configs/database.yaml',
  'apps/base/web/deployment.yaml',
  'apps/production/kustomization.yaml',
  'apps/production/patches/web-resources.yaml',
]

test.concurrent.each(MANIFESTS)('breaking %s ends with 1 and names the file', async (file) => {
  const dir = fleet()
  const path = join(dir, file)
  const text = readFileSync(path, 'utf8')
  writeFileSync(
    path,
    text.replace(/^kind: .*$/m, (line) => `${line}\n  broken: [`),
  )
  const { code, output } = await runProgram(['up', dir, '--once'])
  expect(output).toContain(file.slice(file.lastIndexOf('/') + 1))
  expect(code).toBe(1)
})

test.concurrent.each([
  ['apps/base/web/deployment.yaml', 'containerPort: 8080', 'containerPort: http', 'a wrong type'],
  ['apps/base/web/deployment.yaml', '${region}', '${regiom}', 'a variable that nobody sets'],
  ['infrastructure/configs/database.yaml', 'engine: postgres', 'engine: sqlite', 'a refused value'],
  ['apps/base/worker/migrate.yaml', 'kind: Job', 'kind: Jobb', 'a kind that is not there'],
])('%s with %j made %j (%s) is named with its path', async (file, from, to) => {
  const dir = fleet()
  const path = join(dir, file)
  writeFileSync(path, readFileSync(path, 'utf8').replace(from, to))
  const { code, output } = await runProgram(['up', dir, '--once'])
  expect(output).toContain(file)
  expect(code, output).toBe(1)
})

test('Ctrl-C ends it cleanly and leaves nothing behind', async () => {
  const temp = scratch()
  folders.push(temp)
  const running = startProgram(['up'], undefined, temp.dir)
  await running.until(/KUBECONFIG=/)
  expect(readdirSync(temp.dir)).toHaveLength(1)
  running.interrupt()
  expect(await running.ended).toBe(0)
  expect(readdirSync(temp.dir)).toEqual([])
})

test('with --data a second run goes on where the first one ended', async () => {
  const data = scratch()
  folders.push(data)
  const options = ['up', '--once', '--data', data.dir]
  const first = await runProgram(options)
  expect(first.code, first.output).toBe(0)
  const saved = readdirSync(data.dir).sort()
  expect(saved).toEqual(['artifacts', 'kubeconfig', 'objects.jsonl'])
  const second = await runProgram(options)
  expect(second.output).not.toMatch(/failed/)
  expect(second.code, second.output).toBe(0)
})
