import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scratch } from '../kit/program.ts'

const entry = join(import.meta.dirname, '../../dist/apiserver.mjs')

/** Lists what is kept, then writes on and on, and says each name once its write was answered. */
const PROGRAM = `
const { startApiServer } = await import(process.argv[1])
const server = await startApiServer({ dataDir: process.argv[2] })
const path = '/api/v1/namespaces/default/configmaps'
const ask = async (method, at, body) => {
  const response = await server.transport.request({
    method,
    path: at,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return JSON.parse(await response.text())
}
const kept = await ask('GET', path)
const names = kept.items.map((each) => each.metadata.name).filter((name) => name.startsWith('c-'))
const print = (text) => process.stdout.write(text + '\\n')
print('kept ' + JSON.stringify({ names, revision: Number(kept.metadata.resourceVersion) }))
for (let i = 0; ; i += 1) {
  const name = 'c-' + process.argv[3] + '-' + i
  const made = await ask('POST', path, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })
  print('made ' + name + ' ' + made.metadata.resourceVersion)
  if (i % 3 === 2) {
    const gone = 'c-' + process.argv[3] + '-' + (i - 1)
    await ask('DELETE', path + '/' + gone)
    print('gone ' + gone + ' 0')
  }
  await new Promise((resolve) => setImmediate(resolve))
}
`

interface Run {
  readonly names: readonly string[]
  readonly revision: number
  readonly told: readonly (readonly string[])[]
}

/** Runs the program until it said so many things, and kills it. */
async function run(dir: string, round: number, count: number): Promise<Run> {
  const args = ['--input-type=module', '-e', PROGRAM, entry, dir, String(round)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  for await (const chunk of child.stdout) {
    text += String(chunk)
    if (text.split('\n').length > count) child.kill('SIGKILL')
  }
  // A line that the kill cut short says nothing.
  const [first = '', ...lines] = text.slice(0, text.lastIndexOf('\n')).split('\n')
  const kept = JSON.parse(first.slice('kept '.length)) as Pick<Run, 'names' | 'revision'>
  return { ...kept, told: lines.map((line) => line.split(' ')) }
}

test('killed at any moment, the server comes back with all that it answered', async () => {
  const folder = scratch()
  const there = new Set<string>()
  const perhapsGone = new Set<string>()
  const gone = new Set<string>()
  let revision = 0
  for (const [round, count] of [5, 60, 17, 130].entries()) {
    const ran = await run(join(folder.dir, 'data'), round, count)
    const kept = new Set(ran.names)
    expect([...there].filter((name) => !kept.has(name) && !perhapsGone.has(name))).toEqual([])
    expect([...gone].filter((name) => kept.has(name))).toEqual([])
    expect(ran.revision).toBeGreaterThanOrEqual(revision)
    there.clear()
    perhapsGone.clear()
    for (const name of kept) there.add(name)
    for (const [what, name = '', at] of ran.told) {
      if (what === 'made') there.add(name)
      else {
        there.delete(name)
        gone.add(name)
      }
      revision = Math.max(revision, Number(at))
    }
    // The last deletion may have been made and not been told any more.
    const [, last = ''] = ran.told.findLast(([what]) => what === 'made') ?? []
    const number = Number(last.split('-')[2])
    perhapsGone.add(`c-${round}-${number - 1}`)
  }
  folder.dispose()
}, 120_000)
