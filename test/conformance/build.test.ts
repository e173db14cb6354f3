import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isFault } from '../../src/base/index.ts'
import { type Built, build } from '../../src/build/index.ts'
import { diskTree } from '../../src/files/index.ts'
import { isObject, parseYaml } from '../../src/object/index.ts'
import { type Fixture, fixtureFile, fixturesOf } from '../kit/fixture.ts'

/** Cases under test/fixtures/build: inputs by hand or by the fuzzer, outcomes by the real kustomize. */
const cases = fixturesOf('build')
const here = import.meta.dirname
const root = join(here, '../fixtures/build')
const tree = diskTree(root)

const known: Readonly<Record<string, string>> = readKnown('build')
/** Cases that fail in other words than kustomize's. */
const otherWords: Readonly<Record<string, string>> = readKnown('words')

function readKnown(of: 'build' | 'words'): Record<string, string> {
  const value = parseYaml(readFileSync(join(here, 'known-failures.yaml'), 'utf8'), 'known')[0]
  const list = isObject(value) ? value[of] : undefined
  return isObject(list) ? (list as Record<string, string>) : {}
}

function run(fixture: Fixture): Built | string {
  const flags = ((fixture.options['flags'] ?? []) as string[]).map(String)
  const path = join(fixture.name, 'input', String(fixture.options['path'] ?? '.'))
  try {
    const built = build(tree, path, {
      loadRestrictor: flags.includes('LoadRestrictionsNone') ? 'none' : 'root',
      order: flags.includes('none') ? 'fifo' : 'legacy',
      managedByLabel: flags.includes('--enable-managedby-label'),
    })
    if ('missing' in built) throw new Error(`remote bases: ${JSON.stringify(built.missing)}`)
    expect(typeof built.yaml).toBe('string')
    return built
  } catch (error) {
    if (!isFault(error)) throw error
    return [error, ...error.others]
      .map(({ message }) => message.replace(WAY, '').replaceAll(`/${fixture.name}/input`, ''))
      .join('\n')
  }
}

/** The way through the kustomizations, which we tell behind kustomize's words. */
const WAY = / \([^()]* → [^()]*\)$/

/** Says whether a fault is in kustomize's words; either may go on where the other ends. */
function isInTheirWords(fixture: Fixture, own: string): boolean {
  const theirs = (fixtureFile(fixture, 'expected-error.txt') ?? '')
    .replace(/^(?:Error|panic): /, '')
    .trim()
  return own.trim().startsWith(theirs) || theirs.startsWith(own.trim())
}

/** What is wrong with a case; undefined when it is as kustomize has it. */
function check(fixture: Fixture): string | undefined {
  const outcome = run(fixture)
  const expected = fixtureFile(fixture, 'expected.yaml')
  if (expected === undefined) {
    if (!existsSync(join(fixture.dir, 'expected-error.txt'))) return 'nothing is expected'
    if (typeof outcome !== 'string') return 'builds, where kustomize fails'
    const isKnown = otherWords[fixture.name] !== undefined
    if (isInTheirWords(fixture, outcome) !== isKnown) return undefined
    return isKnown ? 'has the words: take it off' : `fails in other words: ${outcome}`
  }
  if (typeof outcome === 'string') return `fails, where kustomize builds: ${outcome}`
  if (outcome.yaml !== expected) return difference(outcome.yaml, expected)
  const warnings = (fixtureFile(fixture, 'expected-warnings.txt') ?? '').split('\n').filter(Boolean)
  const own = outcome.warnings.filter((line) => line.startsWith('# Warning'))
  return own.join('\n') === warnings.join('\n') ? undefined : `warnings differ: ${own.join('\n')}`
}

function difference(own: string, expected: string): string {
  const [a, b] = [own.split('\n'), expected.split('\n')]
  const line = a.findIndex((text, i) => text !== b[i])
  return `line ${line + 1}: ${JSON.stringify(a[line])}, kustomize has ${JSON.stringify(b[line])}`
}

describe('kustomize build', () => {
  test.each(cases.map((fixture) => [fixture.name, fixture] as const))('%s', (name, fixture) => {
    const problem = check(fixture)
    if (known[name] === undefined) expect(problem).toBeUndefined()
    else expect(problem, `${name} passes: take it off known-failures.yaml`).toBeDefined()
  })

  test('known failures name cases', () => {
    const names = new Set(cases.map(({ name }) => name))
    const listed = [...Object.keys(known), ...Object.keys(otherWords)]
    expect(listed.filter((name) => !names.has(name))).toEqual([])
  })

  test('the scoreboard tells the truth', () => {
    const failing = Object.keys(known).length
    const errors = cases.filter((fixture) => fixtureFile(fixture, 'expected.yaml') === undefined)
    const line = `| kustomize build 5.8.1 | ${cases.length - errors.length} | ${errors.length} | ${failing} |`
    expect(readFileSync(join(here, 'scoreboard.md'), 'utf8')).toContain(line)
  })
})
