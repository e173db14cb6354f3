import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { memoryTree } from '../../src/base/index.ts'
import { ObjectHeap } from '../../src/source/bucket/object-heap.ts'
import { bytesInMemory, type HeldBytes, holdBytes } from '../../src/source/spool.ts'
import { readArchive } from '../../src/source/tree/tar-read.ts'
import { tarOf } from '../../src/source/tree/tar-write.ts'
import { unzipped } from '../../src/source/unzip.ts'

const LIMITS = { filesMax: 100, depthMax: 10 }
const fault = (why: string): Error => new Error(`no room: ${why}`)
const BYTES = Buffer.from(Array.from({ length: 70_000 }, (_, i) => i % 251))

async function* chunksOf(bytes: Buffer, size = 1000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size)
    yield await Promise.resolve(bytes.subarray(at, at + size))
}

async function withSpool(
  act: (spool: { readonly dir: string; readonly fromBytes: number }) => Promise<void> | void,
): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'tidegate-test-'))
  try {
    await act({ dir, fromBytes: 4000 })
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

describe('bytes that are taken in', () => {
  it('are the same from memory and from the disk, where no name shows them', () =>
    withSpool(async (spool) => {
      const inMemory = await holdBytes(chunksOf(BYTES), { fault })
      const onDisk = await holdBytes(chunksOf(BYTES), { spool, fault })
      expect([inMemory.memoryBytes, onDisk.memoryBytes]).toEqual([BYTES.length, 0])
      expect(readdirSync(spool.dir)).toEqual([])
      const readAll = (held: HeldBytes): string => Buffer.concat([...held.pieces]).toString('hex')
      expect(readAll(onDisk)).toBe(readAll(inMemory))
      expect(onDisk.read(69_990, 80_000)).toEqual(BYTES.subarray(69_990))
      onDisk.close()
    }))

  it('are a fault where the disk takes nothing', async () => {
    const spool = { dir: '/nowhere/at/all', fromBytes: 10 }
    await expect(holdBytes(chunksOf(BYTES), { spool, fault })).rejects.toThrow('no room: ENOENT')
  })

  it('make the same tree, wherever they are', () =>
    withSpool(async (spool) => {
      const files = { 'a.yaml': 'a: 1\n', 'deep/er/big': BYTES, empty: '' }
      const tar = tarOf(memoryTree(files))
      const held = await holdBytes(chunksOf(tar), { spool, fault })
      expect(tarOf(readArchive(held, LIMITS)).equals(tar)).toBe(true)
      expect(tarOf(readArchive(bytesInMemory(tar), LIMITS)).equals(tar)).toBe(true)
      held.close()
    }))

  it('may come side by side', () =>
    withSpool((spool) => {
      const heap = new ObjectHeap(spool)
      const objects = [heap.add(), heap.add()]
      for (let at = 0; at < BYTES.length; at += 1500)
        for (const object of objects) object.take(BYTES.subarray(at, at + 1500))
      for (const object of objects) {
        expect(object.length).toBe(BYTES.length)
        expect(Buffer.concat([...object.pieces]).equals(BYTES)).toBe(true)
      }
      heap.close()
    }))
})

describe('unpacking while it comes', () => {
  const packed = gzipSync(BYTES)
  const spoilt = Buffer.from(packed)
  spoilt[packed.length >> 1] = (spoilt[packed.length >> 1] ?? 0) ^ 0xff
  async function* failing(bytes: Buffer): AsyncGenerator<Buffer> {
    yield* chunksOf(bytes, 10)
    throw new Error('the host stopped')
  }
  const all = async (source: AsyncIterable<Buffer>, bytesMax = 1 << 20): Promise<Buffer> => {
    const chunks: Buffer[] = []
    for await (const chunk of unzipped(source, bytesMax)) chunks.push(chunk)
    return Buffer.concat(chunks)
  }

  it('gives what was packed', async () => {
    expect((await all(chunksOf(packed, 7))).equals(BYTES)).toBe(true)
  })

  const refused: Record<string, { given: () => Promise<Buffer>; want: string }> = {
    'what is cut': { given: () => all(chunksOf(packed.subarray(0, -9))), want: 'unexpected end' },
    'what is too much': {
      given: () => all(chunksOf(packed), 5000),
      want: 'limit 5000',
    },
    'a source that fails, before packing that is broken': {
      given: () => all(failing(spoilt)),
      want: 'the host stopped',
    },
  }
  for (const [reason, { given, want }] of Object.entries(refused))
    it(`refuses ${reason}`, async () => {
      await expect(given()).rejects.toThrow(want)
    })
})
