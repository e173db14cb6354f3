import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { openJournal } from '../../src/files/index.ts'
import { scratch } from '../kit/program.ts'

const folders: { dispose(): void }[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) folder.dispose()
})

function place(): string {
  const folder = scratch()
  folders.push(folder)
  return join(folder.dir, 'deep', 'journal.jsonl')
}

test('what was appended is there when it is opened again', () => {
  const path = place()
  const first = openJournal(path)
  first.append({ n: 1 })
  first.append({ n: 2 })
  first.close()
  expect(openJournal(path).entries).toEqual([{ n: 1 }, { n: 2 }])
})

test('an entry that a crash cut short is dropped, and the next one is whole', () => {
  const path = place()
  openJournal(path).close()
  appendFileSync(path, '{"n":1}\n{"n":2,"te')
  const again = openJournal(path)
  expect(again.entries).toEqual([{ n: 1 }])
  again.append({ n: 3 })
  again.close()
  expect(readFileSync(path, 'utf8')).toBe('{"n":1}\n{"n":3}\n')
})

test('a rewrite takes the place of all, and appending goes on after it', () => {
  const path = place()
  const journal = openJournal(path)
  journal.append({ n: 1 })
  journal.rewrite([{ n: 10 }, { n: 11 }])
  journal.append({ n: 12 })
  journal.close()
  expect(openJournal(path).entries).toEqual([{ n: 10 }, { n: 11 }, { n: 12 }])
})

test('a line that is none is named, and the lock is given back', () => {
  const path = place()
  openJournal(path).close()
  writeFileSync(path, '{"n":1}\nnonsense\n{"n":2}\n')
  expect(() => openJournal(path)).toThrow(/journal\.jsonl:2: not a line of this journal/)
  expect(existsSync(`${path}.lock`)).toBe(false)
})

test('a folder in use is refused; the lock of a process that is gone is not', () => {
  const path = place()
  const journal = openJournal(path)
  expect(() => openJournal(path)).toThrow(
    new RegExp(`process ${process.pid} works with this folder`),
  )
  journal.close()
  writeFileSync(`${path}.lock`, '999999999\n')
  openJournal(path).close()
})
