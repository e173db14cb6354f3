import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFolder } from '../../src/files/index.ts'

test('a folder is made with those above it, or there is an error that names what is in the way', () => {
  const dir = mkdtempSync(join(tmpdir(), 'tidegate-test-'))
  makeFolder(join(dir, 'a/b/c'))
  makeFolder(join(dir, 'a/b/c'))
  expect(existsSync(join(dir, 'a/b/c'))).toBe(true)
  writeFileSync(join(dir, 'file'), '')
  expect(() => makeFolder(join(dir, 'file/x/y'))).toThrow(/ENOTDIR.*file\/x'/)
  rmSync(dir, { recursive: true })
})

test.skipIf(!existsSync('/proc/self'))('where nothing can be made it does not try for ever', () => {
  expect(() => makeFolder('/proc/tidegate/x')).toThrow("mkdir '/proc/tidegate'")
})
