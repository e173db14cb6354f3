import { expect, test } from 'vitest'
import { type HttpRequest, signV4 } from '../../src/keys/index.ts'

/** The credentials of AWS's published examples. */
const KEY = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
  service: 'service',
}
const NOW = Date.UTC(2015, 7, 30, 12, 36, 0)
const HOST = 'https://example.amazonaws.com'

interface Case {
  readonly request: HttpRequest
  readonly service?: string
  readonly signature: string
}

/** From AWS's Signature Version 4 test suite, and the example of the IAM documentation. */
const CASES: Readonly<Record<string, Case>> = {
  'get-vanilla': {
    request: { method: 'GET', url: `${HOST}/`, headers: {} },
    signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  },
  'post-vanilla': {
    request: { method: 'POST', url: `${HOST}/`, headers: {} },
    signature: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  },
  'get-vanilla-query-order-key-case': {
    request: { method: 'GET', url: `${HOST}/?Param2=value2&Param1=value1`, headers: {} },
    signature: 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  },
  'post-x-www-form-urlencoded': {
    request: {
      method: 'POST',
      url: `${HOST}/`,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: 'Param1=value1',
    },
    signature: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  },
  'IAM ListUsers': {
    request: {
      method: 'GET',
      url: 'https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08',
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    },
    service: 'iam',
    signature: '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  },
}

test.each(Object.entries(CASES))('%s', (_, { request, service, signature }) => {
  const signed = signV4(request, { ...KEY, service: service ?? KEY.service }, NOW)
  expect(signed.headers['authorization']).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20150830\/us-east-1\/\w+\/aws4_request, SignedHeaders=[a-z;-]+, Signature=/,
  )
  expect(signed.headers['authorization']?.split('Signature=')[1]).toBe(signature)
})

test('a session token is signed, too', () => {
  const request: HttpRequest = { method: 'GET', url: `${HOST}/`, headers: {} }
  const signed = signV4(request, { ...KEY, sessionToken: 'session' }, NOW)
  expect(signed.headers['x-amz-security-token']).toBe('session')
  expect(signed.headers['authorization']).toContain(
    'SignedHeaders=host;x-amz-date;x-amz-security-token',
  )
})
