import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  isArray,
  isObject,
  type Json,
  parseYaml,
  stringAt,
  valueAt,
} from '../../src/object/index.ts'
import { hasTool, runTool } from '../kit/tools.ts'

const root = join(import.meta.dirname, '../..')
const folder = join(root, '.github/workflows')
const names = readdirSync(folder)

function workflow(name: string): Json {
  return parseYaml(readFileSync(join(folder, name), 'utf8'), name)[0] ?? null
}

function jobs(name: string): readonly [string, Json][] {
  const found = valueAt(workflow(name), 'jobs') ?? null
  return isObject(found) ? Object.entries(found).map(([job, value]) => [job, value ?? null]) : []
}

function steps(job: Json): readonly Json[] {
  const found = valueAt(job, 'steps')
  return isArray(found) ? found : []
}

test.each(names)('%s runs actions of one commit each, and may no more than it needs', (name) => {
  expect(valueAt(workflow(name), 'permissions')).toEqual({ contents: 'read' })
  for (const [job, value] of jobs(name)) {
    expect(valueAt(value, 'timeout-minutes'), job).toBeGreaterThan(0)
    for (const step of steps(value)) {
      const uses = stringAt(step, 'uses')
      if (uses === undefined) continue
      expect(uses, job).toMatch(/^[\w.-]+\/[\w.-]+@[0-9a-f]{40}$/)
      if (uses.startsWith('actions/checkout@'))
        expect(valueAt(step, 'with', 'persist-credentials'), job).toBe(false)
    }
  }
})

test.each(names)('%s puts nothing that others can choose into a script', (name) => {
  for (const [job, value] of jobs(name))
    for (const step of steps(value)) expect(stringAt(step, 'run') ?? '', job).not.toContain('${{')
})

test('only the release may write, and says what for', () => {
  const writers = names.flatMap((name) =>
    jobs(name)
      .filter(([, job]) => valueAt(job, 'permissions') !== undefined)
      .map(([job, value]) => [`${name} ${job}`, valueAt(value, 'permissions')]),
  )
  expect(writers).toEqual([
    ['release.yml publish', { contents: 'write', packages: 'write', 'id-token': 'write' }],
  ])
})

test('scripts and npm tasks that workflows name exist', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const text = names.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n')
  const tasks = [...text.matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, task = '']) => task)
  expect(tasks.length).toBeGreaterThan(4)
  expect(tasks.filter((task) => scripts[task] === undefined)).toEqual([])
  const files = [...text.matchAll(/(?<![\w.-])((?:e2e|deploy)\/[\w./-]+)/g)].map(
    ([, file = '']) => file,
  )
  for (const file of files) expect(() => readdirOrFile(join(root, file)), file).not.toThrow()
})

function readdirOrFile(path: string): unknown {
  try {
    return readFileSync(path)
  } catch {
    return readdirSync(path)
  }
}

test.skipIf(!hasTool('actionlint'))('actionlint finds nothing (skipped where it is not)', () => {
  expect(
    runTool(
      'actionlint',
      names.map((name) => join(folder, name)),
    ),
  ).toBe('')
})
