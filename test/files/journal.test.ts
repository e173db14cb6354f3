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
  expect(readFileSync(path, 'utf8')).toBe('{"n":1}\ne67d59fc {"n":3}\n')
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

/** The bytes of a journal with three entries. */
function three(path: string): Buffer {
  const journal = openJournal(path)
  for (const n of [1, 2, 3]) journal.append({ n })
  journal.close()
  return readFileSync(path)
}

test('a byte that is not as it was written is found and named, wherever it is', () => {
  const path = place()
  const bytes = three(path)
  for (let at = 0; at < bytes.length; at += 1)
    for (const mask of at % 3 === 0 ? [0x0a ^ (bytes[at] ?? 0)] : [0x01]) {
      if (mask === 0) continue
      const flipped = Buffer.from(bytes)
      flipped[at] = (flipped[at] ?? 0) ^ mask
      writeFileSync(path, flipped)
      expect(() => [...openJournal(path).entries], `byte ${at} ${mask}`).toThrow(
        /journal\.jsonl: \d+ bytes at byte \d+ .*are not as they were written, and nothing was changed/,
      )
      expect(existsSync(`${path}.lock`)).toBe(false)
      expect(readFileSync(path)).toEqual(flipped)
    }
})

test('what the message says to do leaves what is whole', () => {
  const path = place()
  const bytes = three(path)
  const second = bytes.indexOf('\n') + 1
  bytes[second + 10] = 0
  writeFileSync(path, bytes)
  const size = bytes.indexOf('\n', second) + 1 - second
  expect(() => [...openJournal(path).entries]).toThrow(
    `${path}: ${size} bytes at byte ${second} (line 2) are not as they were written`,
  )
  writeFileSync(path, bytes.subarray(0, second))
  expect([...openJournal(path).entries]).toEqual([{ n: 1 }])
})

test('cut off anywhere, a journal has the entries whose bytes are all there', () => {
  const path = place()
  const bytes = three(path)
  const each = bytes.length / 3
  for (let size = 0; size <= bytes.length; size += size % each < each - 3 ? 4 : 1) {
    writeFileSync(path, bytes.subarray(0, size))
    const journal = openJournal(path)
    const whole = Math.floor((size + 1) / (bytes.length / 3))
    expect([...journal.entries], `${size} bytes`).toHaveLength(whole)
    journal.append({ n: 'next' })
    journal.close()
    const again = openJournal(path)
    expect([...again.entries].at(-1)).toEqual({ n: 'next' })
    again.close()
  }
})

test('a folder in use is refused; the lock of a process that is gone is not', () => {
  const path = place()
  const journal = openJournal(path)
  expect(() => openJournal(path)).toThrow(
    new RegExp(`process ${process.pid} works with this folder`),
  )
  journal.close()
  for (const gone of [
    '999999999\n',
    `${process.pid} 1 ${'0'.repeat(8)}\n`,
    `${process.pid} 17\n`,
    '',
  ]) {
    writeFileSync(`${path}.lock`, gone)
    openJournal(path).close()
  }
})
