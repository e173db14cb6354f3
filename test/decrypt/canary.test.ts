import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isFault, memoryTree } from '../../src/base/index.ts'
import {
  decryptFile,
  decryptObjects,
  decryptSources,
  type Format,
  formatForPath,
  localKeys,
  readKeySecret,
} from '../../src/decrypt/index.ts'
import { isKubeObject, parseYaml } from '../../src/object/index.ts'
import { FIXTURES, keysOf, sealed } from './keys.ts'

/** Texts that stand in the plain fixtures and in the keys, and in nothing that may be shown. */
const CANARIES = [
  's3cr3t',
  'line one',
  'folded text',
  'spaced value',
  'AGE-SECRET-KEY',
  'PRIVATE KEY',
  ...readdirSync(join(FIXTURES, 'keys')).flatMap((name) =>
    readFileSync(join(FIXTURES, 'keys', name), 'utf8')
      .split('\n')
      .filter((line) => line.length > 40 && !line.startsWith('#')),
  ),
]

const NAMES = [
  'secret.yaml',
  'shapes.yaml',
  'values.json',
  'settings.env',
  'settings.ini',
  'text.bin',
]

/** All that a fault may show somewhere: its message, its stack, its cause, and theirs. */
function shown(error: unknown): string {
  expect(isFault(error), inspect(error)).toBe(true)
  return inspect(error, { depth: 10, maxStringLength: null })
}

function expectClean(text: string): void {
  for (const canary of CANARIES) expect(text).not.toContain(canary)
}

async function outcome(run: () => Promise<unknown>): Promise<string> {
  try {
    await run()
    return ''
  } catch (error) {
    return shown(error)
  }
}

/** A file that somebody broke: bytes changed, cut out or doubled, at a few places. */
function broken(content: Buffer): fc.Arbitrary<Buffer> {
  const at = fc.nat({ max: content.length - 1 })
  const change = fc.record({ at, length: fc.nat({ max: 30 }), put: fc.string({ maxLength: 3 }) })
  return fc
    .array(change, { minLength: 1, maxLength: 3 })
    .map((changes) =>
      changes.reduce(
        (bytes, one) =>
          Buffer.concat([
            bytes.subarray(0, one.at),
            Buffer.from(one.put),
            bytes.subarray(one.at + one.length),
          ]),
        content,
      ),
    )
}

describe('a fault shows no plain text and no key', () => {
  test.each(NAMES)('whatever is broken in %s', async (name) => {
    const keys = await keysOf('one.agekey')
    const formats: readonly Format[] = ['yaml', 'json', 'dotenv', 'ini', 'binary']
    await fc.assert(
      fc.asyncProperty(broken(sealed(name)), fc.constantFrom(...formats), async (bytes, output) => {
        const input = formatForPath(name)
        expectClean(await outcome(() => decryptFile(bytes, { input, output, verify: true }, keys)))
      }),
      { numRuns: 60 },
    )
  })

  test('whatever is broken in an object or in a tree', async () => {
    const keys = await keysOf('one.agekey')
    await fc.assert(
      fc.asyncProperty(broken(sealed('secret-data.yaml')), async (bytes) => {
        const tree = memoryTree({
          'kustomization.yaml': 'patches: [{path: a.yaml}]',
          'a.yaml': bytes,
        })
        expectClean(await outcome(() => decryptSources(tree, '', keys)))
        const objects = parsed(bytes).filter(isKubeObject)
        expectClean(await outcome(() => decryptObjects(objects, keys, { verify: true })))
      }),
      { numRuns: 60 },
    )
  })

  test('whatever is broken in a key', async () => {
    const names = readdirSync(join(FIXTURES, 'keys'))
    await fc.assert(
      fc.asyncProperty(
        fc
          .constantFrom(...names)
          .chain((name) =>
            broken(readFileSync(join(FIXTURES, 'keys', name))).map((bytes) => ({ name, bytes })),
          ),
        async ({ name, bytes }) => {
          const run = (): Promise<unknown> =>
            localKeys(readKeySecret({ [name]: bytes }, 'team/keys')).then((keys) =>
              decryptFile(sealed('several.yaml'), { input: 'yaml' }, keys),
            )
          expectClean(await outcome(run))
        },
      ),
      { numRuns: 80 },
    )
  })
})

function parsed(bytes: Buffer): unknown[] {
  try {
    return parseYaml(bytes.toString(), 'a.yaml')
  } catch {
    return []
  }
}
