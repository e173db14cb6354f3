import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { checkHostKey, knownKeyTypes } from '../../src/source/git/known-hosts.ts'

const wire = (name: string): Buffer =>
  Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.from(name)])
const line = (hosts: string, name: string): string =>
  `${hosts} ssh-ed25519 ${wire(name).toString('base64')}`
const salt = Buffer.from('some salt of twenty.')
const hashed = `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update('host').digest('base64')}`

const CASES: Readonly<
  Record<string, { given: string; host?: string; port?: number; want: string }>
> = {
  named: { given: line('host', 'a'), want: 'known' },
  'another key': { given: line('host', 'b'), want: 'mismatch' },
  'another host': { given: line('other', 'a'), want: 'unknown' },
  'with port': { given: line('[host]:2222', 'a'), port: 2222, want: 'known' },
  'a port that is not named': { given: line('host', 'a'), port: 2222, want: 'unknown' },
  'a wildcard': { given: line('*.example.com', 'a'), host: 'x.example.com', want: 'known' },
  'a dot is a dot': { given: line('a.b', 'a'), host: 'axb', want: 'unknown' },
  negated: { given: line('*,!host', 'a'), want: 'unknown' },
  hashed: { given: line(hashed, 'a'), want: 'known' },
  revoked: { given: `@revoked ${line('host', 'a')}\n${line('host', 'a')}`, want: 'revoked' },
  'an authority': { given: `@cert-authority ${line('host', 'a')}`, want: 'known' },
  'two keys': { given: `${line('host', 'b')}\n${line('host', 'a')}`, want: 'known' },
  comments: { given: `# ${line('host', 'a')}\n\n`, want: 'unknown' },
}

for (const [name, { given, host = 'host', port = 22, want }] of Object.entries(CASES))
  it(`the key of a host: ${name}`, () => {
    expect(checkHostKey(given, { name: host, port }, wire('a'))).toBe(want)
  })

it('the types of the known keys are asked for', () => {
  expect(knownKeyTypes(line('host', 'a'), { name: 'host', port: 22 })).toEqual(['ssh-ed25519'])
})
