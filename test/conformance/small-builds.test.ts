import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { isFault, memoryTree } from '../../src/base/index.ts'
import { build } from '../../src/build/index.ts'
import { SMALL_BUILDS_OUTCOMES, smallBuilds } from './small-builds.ts'

/** Slips in every field of a kustomization, and what only looks like one: outcomes by kustomize. */
const outcomes = JSON.parse(readFileSync(SMALL_BUILDS_OUTCOMES, 'utf8')) as Record<
  string,
  string | null
>

function own(files: Readonly<Record<string, string>>): string | null {
  try {
    const built = build(memoryTree(files), '.')
    return 'missing' in built ? 'remote bases' : built.yaml
  } catch (error) {
    if (isFault(error)) return null
    throw error
  }
}

describe('small builds', () => {
  const cases = smallBuilds()
  test.each(cases.map(({ name, files }) => [name, files] as const))('%s', (name, files) => {
    expect(own(files)).toBe(outcomes[name])
  })

  test('the scoreboard tells the truth', () => {
    expect(Object.keys(outcomes).sort()).toEqual(cases.map(({ name }) => name).sort())
    const failing = Object.values(outcomes).filter((outcome) => outcome === null).length
    const line = `| kustomize build 5.8.1, small trees | ${cases.length - failing} | ${failing} | 0 |`
    expect(readFileSync(`${import.meta.dirname}/scoreboard.md`, 'utf8')).toContain(line)
  })
})
