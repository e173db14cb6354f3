import { describe, expect, it } from 'vitest'
import { memoryTree } from '../../src/base/index.ts'
import { artifactFilter } from '../../src/source/tree/ignore-rules.ts'
import { matchName } from '../../src/source/tree/match-name.ts'

type Case = {
  readonly reason: string
  readonly given: { readonly files: Readonly<Record<string, string>>; readonly ignore?: string }
  readonly want: readonly string[]
}

const CASES: Readonly<Record<string, Case>> = {
  defaults: {
    reason: 'pictures and CI files stay out where nobody says anything',
    given: { files: { 'a.jpg': '', 'a.yaml': '', '.github/ci.yaml': '', 'x/.sops.yaml': '' } },
    want: ['a.yaml'],
  },
  'one pattern': {
    reason: 'switches the defaults off, but not those of version control',
    given: { files: { 'a.jpg': '', 'b.txt': '', '.gitignore': '' }, ignore: '*.txt\n' },
    want: ['a.jpg'],
  },
  'comments only': {
    reason: 'are no patterns',
    given: { files: { '.sourceignore': '# nothing\n\n', 'a.jpg': '', b: '' } },
    want: ['.sourceignore', 'b'],
  },
  'spec after files': {
    reason: 'the last pattern that matches decides',
    given: {
      files: { '.sourceignore': '*.yaml\n', 'a.yaml': '', 'b.yaml': '' },
      ignore: '!a.yaml',
    },
    want: ['.sourceignore', 'a.yaml'],
  },
  'a nested file': {
    reason: 'acts from its own directory on',
    given: { files: { 'd/.sourceignore': '/x\n', x: '', 'd/x': '', 'd/e/x': '' } },
    want: ['d/.sourceignore', 'd/e/x', 'x'],
  },
  'back in below what is out': {
    reason: 'each path is looked at by itself, unlike in git',
    given: { files: { 'd/a': '', 'd/b': '' }, ignore: 'd/\n!d/a\n' },
    want: ['d/a'],
  },
  'two stars': {
    reason: 'skip any number of directories',
    given: { files: { 'a/x/b/k': '', 'a/b/k': '', 'b/k': '' }, ignore: 'a/**/b/\n' },
    want: ['b/k'],
  },
}

describe('what goes into an artifact', () => {
  for (const [name, { reason, given, want }] of Object.entries(CASES))
    it(`${name}: ${reason}`, () => {
      const includes = artifactFilter(memoryTree(given.files), given.ignore)
      const left = Object.keys(given.files).filter((path) => includes(path, 'file'))
      expect(left.sort()).toEqual([...want].sort())
    })
})

describe('names', () => {
  const NAMES: readonly (readonly [string, string, boolean])[] = [
    ['*.md', 'a.md', true],
    ['*.md', 'a.MD', false],
    ['[a-c]x', 'bx', true],
    ['[^a-c]x', 'bx', false],
    ['a\\*', 'a*', true],
    ['a\\*', 'ab', false],
    ['[', '[', false],
    ['?', 'é', true],
    ['a.b', 'axb', false],
  ]
  for (const [pattern, name, want] of NAMES)
    it(`${pattern} ${want ? 'matches' : 'does not match'} ${name}`, () => {
      expect(matchName(pattern, name)).toBe(want)
    })
})
