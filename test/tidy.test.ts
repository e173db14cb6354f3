import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  bannedCalls,
  importViolations,
  OWNERS,
  ROOMS,
  roomOf,
  wordViolations,
} from './kit/rules.ts'

const root = join(import.meta.dirname, '..')

function files(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name).replaceAll('\\', '/'))
    .filter((path) => path.endsWith(ending) && statSync(join(root, path)).isFile())
    .sort()
}

const sources = files('src', '.ts').map((path) => ({ path, text: read(path) }))

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

test('imports point down, through the door, and each package has one owner', () => {
  expect(sources.flatMap(({ path, text }) => importViolations(path, text))).toEqual([])
})

test('clock, randomness, environment and console have one home', () => {
  expect(sources.flatMap(({ path, text }) => bannedCalls(path, text))).toEqual([])
})

test('every room has a door with its invariant at the head', () => {
  const rooms = [...new Set(sources.map(({ path }) => roomOf(path)))].filter(
    (room) => room !== 'main' && ROOMS[room]?.open !== true,
  )
  for (const room of rooms) {
    expect(Object.keys(ROOMS)).toContain(room)
    expect(read(`src/${room}/index.ts`), room).toMatch(/^\/\*\*[\s\S]*?Invariant:/)
  }
})

test('every dependency has an owner, and every owner a dependency', () => {
  const declared = JSON.parse(read('package.json')) as { dependencies: Record<string, string> }
  expect(Object.keys(OWNERS).sort()).toEqual(Object.keys(declared.dependencies).sort())
})

test('no narrowed tests, no registry addresses', () => {
  const all = [...files('test', '.ts'), ...files('e2e', '.ts'), 'package-lock.json']
  const rules = 'test/kit/rules.ts'
  expect(
    all.filter((path) => path !== rules).flatMap((path) => wordViolations(path, read(path))),
  ).toEqual([])
})

test('every fixture folder is a case: it has files, and a test that names its room', () => {
  const rooms = readdirSync(join(root, 'test/fixtures'), { withFileTypes: true })
  const tests = [...files('test', '.ts'), ...files('e2e', '.ts')].map(read).join('\n')
  for (const room of rooms) {
    expect(room.isDirectory(), room.name).toBe(true)
    expect(tests, `no test reads test/fixtures/${room.name}`).toContain(`fixtures/${room.name}`)
  }
})

test('every document at the top has one title', () => {
  const documents = readdirSync(root).filter((name) => name.endsWith('.md'))
  for (const name of documents) {
    const titles =
      read(name)
        .replaceAll(/^```[\s\S]*?^```/gm, '')
        .match(/^# .+$/gm) ?? []
    expect(titles, name).toHaveLength(1)
  }
})

const PLANTED: Record<string, { path: string; text: string; finds: RegExp }> = {
  'a sibling room': {
    path: 'src/health/a.ts',
    text: "import { x } from '../plan/index.ts'",
    finds: /is not below/,
  },
  'a back door': {
    path: 'src/plan/a.ts',
    text: "import { x } from '../object/json.ts'",
    finds: /through its index/,
  },
  'a higher room': {
    path: 'src/base/a.ts',
    text: "export { x } from '../object/index.ts'",
    finds: /is not below/,
  },
  'the engine that knows Flux': {
    path: 'src/build/a.ts',
    text: "import type { x } from '../api/index.ts'",
    finds: /stops at level 1/,
  },
  'an adapter imported by a room': {
    path: 'src/reconcile/a.ts',
    text: "import { x } from '../cluster/index.ts'",
    finds: /compose\/ alone/,
  },
  'a package away from its owner': {
    path: 'src/plan/a.ts',
    text: "import { z } from 'zod'",
    finds: /belongs to api/,
  },
  'an unknown package': {
    path: 'src/plan/a.ts',
    text: "import x from 'left-pad'",
    finds: /no owning room/,
  },
  'a pure room with a disk': {
    path: 'src/plan/a.ts',
    text: "import fs from 'node:fs'",
    finds: /does no I\/O/,
  },
  'a clock': { path: 'src/plan/a.ts', text: 'const t = Date.now()', finds: /Clock port/ },
  'a timer': { path: 'src/source/a.ts', text: 'setTimeout(f, 1)', finds: /Clock port/ },
  'an environment': { path: 'src/cli/a.ts', text: 'process.env.X', finds: /main\.ts/ },
  'a console': { path: 'src/cli/a.ts', text: "console.log('x')", finds: /Log port/ },
}

test.each(Object.entries(PLANTED))('the rules find %s', (_, { path, text, finds }) => {
  expect([...importViolations(path, text), ...bannedCalls(path, text)].join('\n')).toMatch(finds)
})
