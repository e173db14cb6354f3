import { appendFileSync, copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
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
  expect([...openJournal(path).entries]).toEqual([{ n: 1 }, { n: 2 }])
})

test('an entry that a crash cut short is dropped, and the next one is whole', () => {
  const path = place()
  openJournal(path).close()
  appendFileSync(path, '{"n":1}\n{"n":2,"te')
  const again = openJournal(path)
  expect([...again.entries]).toEqual([{ n: 1 }])
  again.append({ n: 3 })
  again.close()
  expect(readFileSync(path, 'utf8')).toBe('{"n":1}\n{"n":3}\n')
})

test('a rewrite takes the place of all, and appending goes on after it', async () => {
  const path = place()
  const journal = openJournal(path)
  journal.append({ n: 1 })
  await journal.rewrite([{ n: 10 }, { n: 11 }])
  journal.append({ n: 12 })
  journal.close()
  expect([...openJournal(path).entries]).toEqual([{ n: 10 }, { n: 11 }, { n: 12 }])
})

test('a crash in the middle of a rewrite loses nothing, wherever it comes', async () => {
  const path = place()
  const journal = openJournal(path)
  const state = new Map<string, number>()
  const write = (key: string, n: number): void => {
    state.set(key, n)
    journal.append({ key, n, text: 'x'.repeat(30_000) })
  }
  for (let i = 0; i < 40; i += 1) write(`k${i}`, i)
  /** What a process would find that begins with the files as they are now. */
  const found = (): Map<string, number> => {
    const copy = place()
    openJournal(copy).close()
    copyFileSync(path, copy)
    const entries = [...openJournal(copy).entries] as { key: string; n: number }[]
    return new Map(entries.map(({ key, n }) => [key, n]))
  }
  const keys = [...state.keys()]
  let turns = 0
  function* snapshot(): Generator<unknown> {
    for (const key of keys) {
      yield { key, n: state.get(key), text: 'y'.repeat(30_000) }
      // Between two entries others are written, which are told already or still to be told.
      write(`k${(turns * 7) % 40}`, 100 + turns)
      write(`new${turns}`, turns)
      turns += 1
      if (turns % 9 === 0) expect(found()).toEqual(state)
    }
  }
  await journal.rewrite(snapshot())
  expect(turns).toBe(40)
  expect(existsSync(`${path}.next`)).toBe(false)
  expect(found()).toEqual(state)
  write('after', 1)
  expect(found()).toEqual(state)
  journal.close()
})

test('a rewrite that is cut short by the end of the process leaves the journal as it was', async () => {
  const path = place()
  const journal = openJournal(path)
  journal.append({ n: 1 })
  const rewriting = journal.rewrite([{ n: 'x'.repeat(300_000) }, { n: 2 }])
  journal.append({ n: 3 })
  journal.close()
  await rewriting
  expect(existsSync(`${path}.next`)).toBe(false)
  expect([...openJournal(path).entries]).toEqual([{ n: 1 }, { n: 3 }])
})

test('a line that is none is named, and the lock is given back', () => {
  const path = place()
  openJournal(path).close()
  writeFileSync(path, '{"n":1}\nnonsense\n{"n":2}\n')
  expect(() => [...openJournal(path).entries]).toThrow(
    /journal\.jsonl:2: not a line of this journal/,
  )
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
