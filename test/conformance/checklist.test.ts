import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { FEATURES } from '../reconcile/features/index.ts'

// The checklist of what clones of Flux get wrong, and the tests that hold each line of it.

interface Line {
  readonly line: number
  readonly says: string
  /** `scenario NAME`, `source NAME`, `feature NAME`, or `FILE > title`. */
  readonly tests: readonly string[]
}

const LINES = 35
const root = join(import.meta.dirname, '../..')
const sourceFolder = join(root, 'test/fixtures/source/recorded/scenarios')
const SOURCES = readdirSync(sourceFolder)
  .map((file) => readFileSync(join(sourceFolder, file), 'utf8'))
  .join('\n')
const checklist = parse(
  readFileSync(join(import.meta.dirname, 'checklist.yaml'), 'utf8'),
) as readonly Line[]

describe('the checklist of compatibility', () => {
  test('has every line once', () => {
    expect(checklist.map(({ line }) => line)).toEqual(
      Array.from({ length: LINES }, (_, i) => i + 1),
    )
  })

  test.each(checklist)('$line: $says', ({ tests }) => {
    expect(tests.length).toBeGreaterThan(0)
    expect(tests.filter((each) => !isThere(each))).toEqual([])
  })
})

function isThere(named: string): boolean {
  const [file = '', title] = named.split(' > ')
  if (title !== undefined) {
    const path = join(root, file)
    return existsSync(path) && readFileSync(path, 'utf8').includes(title)
  }
  const [kind, name = ''] = named.split(' ')
  if (kind === 'feature') return Object.hasOwn(FEATURES, name)
  if (kind === 'source') return new RegExp(`name: ${name}\\b`).test(SOURCES)
  return existsSync(join(root, 'test/fixtures/flux', name, 'scenario.yaml'))
}
