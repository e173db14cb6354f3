import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryTree } from '../../src/base/index.ts'
import { bytesInMemory } from '../../src/source/spool.ts'
import { decodeName, encodeName } from '../../src/source/tree/file-name.ts'
import { graft } from '../../src/source/tree/graft.ts'
import { readArchive } from '../../src/source/tree/tar-read.ts'
import { tarOf } from '../../src/source/tree/tar-write.ts'
import { hasTool, missing, runTool } from '../kit/tools.ts'

const LIMITS = { filesMax: 1000, depthMax: 64 }
const segment = fc.stringMatching(/^[a-zA-Z0-9é_+=-]{1,60}$/)
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))

describe('archives', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(fc.dictionary(path, fc.uint8Array({ maxLength: 1500 })), (files) => {
        // A path cannot be a file and a directory at once.
        const names = Object.keys(files)
        const clean = Object.fromEntries(
          Object.entries(files).filter(
            ([name]) => !names.some((each) => each.startsWith(`${name}/`)),
          ),
        )
        const tree = readArchive(bytesInMemory(tarOf(memoryTree(clean))), LIMITS)
        for (const [name, content] of Object.entries(clean))
          expect(Buffer.from(tree.read(name) ?? 'none').equals(content)).toBe(true)
      }),
    )
  })

  it('do not depend on the order of the input', () => {
    const one = tarOf(memoryTree({ b: '2', 'a/x': '1' }))
    expect(one.equals(tarOf(memoryTree({ 'a/x': '1', b: '2' })))).toBe(true)
  })

  const hostile: Readonly<Record<string, { name: string; want: string }>> = {
    'climbs out': { name: '../x', want: 'invalid name' },
    'climbs out below': { name: 'a/../../x', want: 'invalid name' },
    absolute: { name: '/etc/passwd', want: 'invalid name' },
    backslash: { name: 'a\\b', want: 'invalid name' },
    'too deep': { name: Array(65).fill('d').join('/'), want: 'too deep' },
  }
  for (const [name, given] of Object.entries(hostile))
    it(`refuse a name that is hostile: ${name}`, () => {
      const tar = tarOf({
        kind: (at) => (at === '' ? 'dir' : 'file'),
        list: (at) => (at === '' ? [given.name] : []),
        read: () => Buffer.from('x'),
      })
      expect(() => readArchive(bytesInMemory(tar), LIMITS)).toThrow(given.want)
    })

  it('refuse more entries than allowed, and a header that is spoilt', () => {
    const tar = tarOf(memoryTree({ a: '', b: '', c: '' }))
    expect(() => readArchive(bytesInMemory(tar), { filesMax: 2, depthMax: 9 })).toThrow(
      'more than 2 entries',
    )
    const spoilt = Buffer.from(tar)
    spoilt[0] = 0x21
    expect(() => readArchive(bytesInMemory(spoilt), LIMITS)).toThrow('invalid tar header')
  })

  it(`are read by tar, links are left out${missing('tar')}`, { skip: !hasTool('tar') }, () => {
    const tar = tarOf(memoryTree({ 'a/b': 'text', [`${'long'.repeat(40)}/x`]: 'y' }))
    const listed = runTool('tar', ['tf', '-'], { input: tar.toString('latin1') })
    expect(listed.split('\n')).toContain('a/b')
  })
})

describe('names that are not UTF-8', () => {
  it('keep their bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), (bytes) => {
        expect(encodeName(decodeName(Buffer.from(bytes))).equals(bytes)).toBe(true)
      }),
    )
  })
})

describe('grafting', () => {
  const host = memoryTree({ 'a/x': '1', f: '2' })
  const scion = memoryTree({ 'lib/y': '3', z: '4' })

  it('puts a folder where nothing is', () => {
    const tree = graft(host, scion, { fromPath: 'lib', toPath: 'vendor/lib' })
    expect(tree.list('vendor/lib')).toEqual(['y'])
    expect(tree.list('')).toEqual(['a', 'f', 'vendor'])
  })

  it('refuses a place that is taken, and what is not there', () => {
    expect(() => graft(host, scion, { fromPath: '', toPath: 'a' })).toThrow('file exists')
    expect(() => graft(host, scion, { fromPath: '', toPath: '.' })).toThrow('file exists')
    expect(() => graft(host, scion, { fromPath: 'no', toPath: 'b' })).toThrow('no such file')
    expect(() => graft(host, scion, { fromPath: '', toPath: 'f/g' })).toThrow('not a directory')
  })

  it('never leaves the tree', () => {
    const tree = graft(host, scion, { fromPath: '../../lib', toPath: '../b' })
    expect(tree.list('b')).toEqual(['y'])
  })
})
