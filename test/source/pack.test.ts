import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ObjectSource } from '../../src/source/git/object.ts'
import { readPack } from '../../src/source/git/pack.ts'
import { gatherPack, packInMemory } from '../../src/source/git/pack-bytes.ts'
import { reachable, writePack } from '../../src/source/git/pack-write.ts'
import { MemoryRepository } from '../../src/source/index.ts'
import { scratch } from '../kit/program.ts'
import { hasTool, missing, runTool } from '../kit/tools.ts'

const LIMITS = { objectsMax: 1000, objectBytesMax: 1 << 20, totalBytesMax: 1 << 24 }

describe('packs', () => {
  it('are read as they were written, from memory and from the disk', async () => {
    const { dir, dispose } = scratch()
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.uint8Array({ maxLength: 300 })),
        fc.integer({ min: 1, max: 64 }),
        async (files, step) => {
          const repository = new MemoryRepository()
          const commit = repository.commit({ files, message: 'x' })
          const { pack } = writePack(repository.objects, {
            wants: [commit],
            haves: [],
            commitsOnly: false,
          })
          const inMemory = await readPack(packInMemory(pack), LIMITS)
          const spool = { dir, fromBytes: 20 }
          const spooled = await readPack(await gatherPack(pieces(pack, step), spool), LIMITS)
          const oids = [...reachable(repository.objects, [commit])]
          const data = (from: ObjectSource): unknown => oids.map((oid) => from.get(oid)?.data)
          expect(data(inMemory)).toEqual(data(repository.objects))
          expect(data(spooled)).toEqual(data(repository.objects))
          expect(spooled.diskBytes).toBe(pack.length)
          expect(readdirSync(dir)).toEqual([])
          spooled.release?.()
        },
      ),
    )
    dispose()
  })

  it('stay open as long as somebody holds them, and give back what they built on', async () => {
    const { dir, dispose } = scratch()
    const repository = new MemoryRepository()
    const commit = repository.commit({ files: { a: 'a'.repeat(100) }, message: 'x' })
    const { pack } = writePack(repository.objects, {
      wants: [commit],
      haves: [],
      commitsOnly: false,
    })
    const read = async (base?: ObjectSource): Promise<ObjectSource> =>
      readPack(await gatherPack(pieces(pack, 8), { dir, fromBytes: 0 }), LIMITS, base)
    const below = await read()
    const above = await read(below)
    below.release?.()
    expect(below.retain?.()).toBe(true)
    below.release?.()
    expect(above.retain?.()).toBe(true)
    above.release?.()
    expect(above.get(commit)?.type).toBe('commit')
    above.release?.()
    expect(above.retain?.()).toBe(false)
    expect(below.retain?.()).toBe(false)
    dispose()
  })

  it(`with deltas are read as git wrote them${missing('git')}`, {
    skip: !hasTool('git'),
  }, async () => {
    const { dir, dispose } = scratch()
    try {
      const git = (...args: string[]): string =>
        runTool('git', ['-C', dir, ...args], { env: { HOME: dir, GIT_CONFIG_NOSYSTEM: '1' } })
      git('init', '-q')
      const text = Array.from({ length: 2000 }, (_, i) => `line ${i} ${i * 7919}`).join('\n')
      for (let i = 0; i < 5; i += 1) {
        writeFileSync(join(dir, 'f.txt'), `${text}\nversion ${i}\n`)
        git('add', '.')
        git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', `${i}`)
      }
      git('repack', '-adfq', '--depth=50')
      const [name = ''] = runTool('sh', ['-c', `ls ${dir}/.git/objects/pack/*.pack`]).split('\n')
      const pack = readFileSync(name)
      const objects = await readPack(packInMemory(pack), LIMITS)
      const spool = { dir, fromBytes: 0 }
      const bytes = await gatherPack(pieces(pack, 999), spool)
      const spooled = await readPack(bytes, { ...LIMITS, spool })
      expect(spooled.diskBytes).toBeGreaterThan(pack.length + 4 * text.length)
      for (let i = 0; i < 5; i += 1) {
        const oid = git('rev-parse', `HEAD~${i}:f.txt`).trim()
        expect(objects.get(oid)?.data.toString()).toBe(`${text}\nversion ${4 - i}\n`)
        expect(spooled.get(oid)).toEqual(objects.get(oid))
      }
    } finally {
      dispose()
    }
  })
})

async function* pieces(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

function packOf(...entries: readonly Buffer[]): Buffer {
  const head = Buffer.from([...Buffer.from('PACK'), 0, 0, 0, 2, 0, 0, 0, entries.length])
  return checked(Buffer.concat([head, ...entries]))
}

function checked(body: Buffer): Buffer {
  return Buffer.concat([body, createHash('sha1').update(body).digest()])
}

describe('hostile packs', () => {
  const small = deflateSync(Buffer.from('abc'))
  const bomb = deflateSync(Buffer.alloc(4 << 20))
  const cases: Readonly<Record<string, { given: Buffer; want: string }>> = {
    'no pack': { given: checked(Buffer.alloc(64)), want: 'malformed pack file signature' },
    'a wrong checksum': {
      given: Buffer.concat([
        packOf(Buffer.concat([Buffer.from([0x33]), small])).subarray(0, -1),
        Buffer.from([0]),
      ]),
      want: 'checksum',
    },
    'more than it says': {
      given: packOf(Buffer.concat([Buffer.from([0x33]), bomb])),
      want: 'zlib',
    },
    'less than it says': {
      given: packOf(Buffer.concat([Buffer.from([0x3f]), small])),
      want: 'another size',
    },
    'an object beyond the limit': {
      given: packOf(Buffer.concat([Buffer.from([0xb0, 0xff, 0xff, 0x7f]), small])),
      want: 'the limit is',
    },
    'a delta without its base': {
      given: packOf(Buffer.concat([Buffer.from([0x73]), Buffer.alloc(20, 7), small])),
      want: 'reference delta not found',
    },
    'a delta on itself': {
      given: packOf(Buffer.concat([Buffer.from([0x63, 0x00]), small])),
      want: 'delta',
    },
    'bytes at the end': {
      given: packOf(Buffer.concat([Buffer.from([0x33]), small, Buffer.from('tail')])),
      want: 'bytes after the last object',
    },
  }
  for (const [name, { given, want }] of Object.entries(cases))
    it(`are refused: ${name}`, async () => {
      const read = async (): Promise<unknown> => readPack(packInMemory(given), LIMITS)
      await expect(read()).rejects.toThrow(want)
    })
})
