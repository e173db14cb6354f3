import { expect, test } from 'vitest'
import { LineQueue } from '../../src/apiserver/store/line-queue.ts'

async function read(queue: LineQueue): Promise<string[]> {
  const lines: string[] = []
  for await (const line of queue) lines.push(line)
  return lines
}

test('lines are made when they are read', async () => {
  const queue = new LineQueue()
  let made = 0
  for (let i = 0; i < 3; i += 1) queue.push(() => `line ${(made += 1)}`)
  expect(made).toBe(0)
  queue.close()
  expect(await read(queue)).toEqual(['line 1', 'line 2', 'line 3'])
})

test('what waited before the bound does not count; who falls behind further has the stream ended', async () => {
  const queue = new LineQueue()
  for (const text of ['a', 'b', 'c']) queue.push(() => text)
  queue.bound(2)
  let ended = false
  queue.onClose(() => {
    ended = true
  })
  for (const text of ['d', 'e']) queue.push(() => text)
  expect(ended).toBe(false)
  queue.push(() => 'f')
  expect(ended).toBe(true)
  expect(await read(queue)).toEqual([])
})
