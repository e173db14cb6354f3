import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { KeyService } from '../../src/api/index.ts'
import { isFault } from '../../src/base/index.ts'
import { decryptFile } from '../../src/decrypt/index.ts'
import { FIXTURES, keysOf } from './keys.ts'
import { formatOf, type Tampered, tamperings } from './tampering.ts'

/** By what was changed: what `sops -d --ignore-mac` said, as Flux does, and where it differs `sops -d`. */
const RECORDED = JSON.parse(readFileSync(join(FIXTURES, 'tampered.json'), 'utf8')) as Readonly<
  Record<string, string>
>

/** What differs and may, by the names of tamperings. */
const KNOWN: readonly { readonly names: RegExp; readonly why: string }[] = [
  { names: /: version (removed|=)/, why: 'the sops command reads the version; Flux does not' },
  {
    names: /: mac, type bytes$/,
    why: 'the sops command opens the MAC even where it is to ignore it',
  },
  {
    names: /: value, type comment$/,
    why: 'sops writes {value, inline} in the place of the value; here it becomes a comment',
  },
  { names: /: value, in plain as ""$/, why: 'an empty value stays empty where sops writes null' },
  {
    names: /: (value|comment), a text behind$/,
    why: 'the layout is not kept, the values are the same',
  },
  {
    names: /: a second document with the metadata alone$/,
    why: 'an empty document is left out where sops writes {}',
  },
  {
    names: /\.(json|env|ini): a key twice$/,
    why: 'the last one is written where sops writes both',
  },
  {
    names: /^encrypted-comment\.yaml: (value,|a value removed)|: encrypted_comment_regex =/,
    why: 'what is sealed is opened whatever comments say; a MAC that does not fit is refused',
  },
  { names: /^settings\.ini: a value removed$/, why: 'the names of keys are not aligned anew' },
]

/** Texts that stand in the plain files, and in no message. */
const CANARIES = ['s3cr3t', 'two words', 'line one', 'spaced value', 'quoted']

/** What comes of a file without a look at the MAC, and where it differs, with one. */
async function outcomes(each: Tampered, keys: KeyService): Promise<string> {
  const whole = await outcome(each, true, keys)
  if (whole !== 'MAC') return whole
  return `${await outcome(each, false, keys)} refused`.replace('refused refused', 'refused')
}

async function outcome(
  { file, text }: Tampered,
  verify: boolean,
  keys: KeyService,
): Promise<string> {
  try {
    const plain = await decryptFile(Buffer.from(text), { input: formatOf(file), verify }, keys)
    return createHash('sha256').update(plain).digest('hex').slice(0, 12)
  } catch (error) {
    if (!isFault(error)) throw error
    for (const canary of CANARIES) expect(error.message).not.toContain(canary)
    return verify && isFault(error, 'SOPS_MAC') ? 'MAC' : 'refused'
  }
}

/** Opens each stanza once: most tamperings leave them as they are. */
function remembering(keys: KeyService): KeyService {
  const known = new Map<string, ReturnType<KeyService['decrypt']>>()
  return {
    decrypt: (key) => {
      const id = JSON.stringify(key)
      const opened = known.get(id) ?? keys.decrypt(key)
      known.set(id, opened)
      return opened
    },
  }
}

describe('a tampering comes out as from sops, with the MAC and without', () => {
  const all = tamperings()
  const files = [...new Set(all.map(({ file }) => file))]
  const used = new Set<RegExp>()

  test.each(files)('of %s', async (file) => {
    const keys = remembering(await keysOf('one.agekey', 'two.agekey', 'one.asc'))
    const wrong: string[] = []
    for (const each of all.filter((one) => one.file === file)) {
      const got = await outcomes(each, keys)
      if (got === RECORDED[each.name]) continue
      const known = KNOWN.find(({ names }) => names.test(each.name))
      if (known === undefined) wrong.push(`${each.name}: ${got}, not ${RECORDED[each.name]}`)
      else used.add(known.names)
    }
    expect(wrong).toEqual([])
  })

  test('nothing is listed as different that is not', () => {
    expect(KNOWN.filter(({ names }) => !used.has(names))).toEqual([])
  })
})
