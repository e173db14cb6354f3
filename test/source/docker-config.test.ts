import { describe, expect, it } from 'vitest'
import { messageOf } from '../../src/base/index.ts'
import { readDockerConfigs, registryLogin } from '../../src/source/oci/docker-config.ts'

const basic = (text: string): object => ({ auth: Buffer.from(text).toString('base64') })
const config = (auths: object): Uint8Array => Buffer.from(JSON.stringify({ auths }))

function check(auths: object, repository: string): unknown {
  const login = registryLogin(readDockerConfigs([config(auths)]), repository)
  return login?.kind === 'basic' ? `${login.user}:${login.password}` : login
}

describe('who is found for a repository', () => {
  const cases: Readonly<Record<string, { auths: object; at?: string; want: unknown }>> = {
    'by host': { auths: { 'r.io': basic('a:b') }, want: 'a:b' },
    'by address': { auths: { 'https://r.io/v1/': basic('a:b') }, want: 'a:b' },
    'by path': { auths: { 'r.io/org': basic('a:b') }, want: 'a:b' },
    'not by another path': { auths: { 'r.io/other': basic('a:b') }, want: undefined },
    'the more special one': {
      auths: { 'r.io': basic('a:b'), 'r.io/org': basic('c:d') },
      want: 'c:d',
    },
    'by pattern': { auths: { '*.r.io': basic('a:b') }, at: 'eu.r.io/org/app', want: 'a:b' },
    'not by a pattern over several parts': {
      auths: { '*.r.io': basic('a:b') },
      at: 'x.eu.r.io/org/app',
      want: undefined,
    },
    'not by another port': { auths: { 'r.io:5000': basic('a:b') }, want: undefined },
    'by fields': { auths: { 'r.io': { username: 'a', password: 'b:c' } }, want: 'a:b:c' },
    'with a colon in the password': { auths: { 'r.io': basic('a:b:c') }, want: 'a:b:c' },
    'by identity': {
      auths: { 'r.io': { identitytoken: 'x' } },
      want: { kind: 'identity', token: 'x' },
    },
    'by token': { auths: { 'r.io': { registrytoken: 'x' } }, want: { kind: 'token', token: 'x' } },
    'nobody of an empty entry': { auths: { 'r.io': {} }, want: undefined },
  }
  for (const [name, { auths, at = 'r.io/org/app', want }] of Object.entries(cases))
    it(name, () => expect(check(auths, at)).toEqual(want))

  it('helpers are programs and not run', () => {
    const helpers = Buffer.from('{"credHelpers":{"r.io":"ecr-login"}}')
    expect(registryLogin(readDockerConfigs([helpers]), 'r.io/org/app')).toBeUndefined()
  })
})

describe('a configuration that is none is refused and not quoted', () => {
  const cases: Readonly<Record<string, { text: string; want: string }>> = {
    'no JSON': { text: '{"auths":{"r.io":{"auth":"hunter2', want: 'unexpected end of JSON input' },
    'no base64': {
      text: '{"auths":{"r.io":{"auth":"%%%"}}}',
      want: 'unable to decode auth field: illegal base64 data at input byte 0',
    },
    'no colon': {
      text: '{"auths":{"r.io":{"auth":"aHVudGVyMg=="}}}',
      want: 'unable to decode auth field: must be formatted as base64(username:password)',
    },
  }
  for (const [name, { text, want }] of Object.entries(cases))
    it(name, () => {
      let message = ''
      try {
        readDockerConfigs([Buffer.from(text)])
      } catch (error) {
        message = messageOf(error)
      }
      expect(message).toContain(want)
      expect(message).not.toContain('hunter2')
    })
})
