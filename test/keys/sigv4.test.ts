import { describe, expect, test } from 'vitest'
import { type HttpRequest, presignV4, signV4 } from '../../src/keys/index.ts'

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

describe('signed addresses', () => {
  test('the example of the S3 documentation', () => {
    const key = {
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      region: 'us-east-1',
      service: 's3',
    }
    const url = presignV4(
      { method: 'GET', url: 'https://examplebucket.s3.amazonaws.com/test.txt', headers: {} },
      key,
      { nowMs: Date.UTC(2013, 4, 24), expiresS: 86_400, isUnsigned: true },
    )
    expect(url).toBe(
      'https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
    )
  })

  /** Made by aws-sdk-go-v2 service/sts v1.42.1, with the header of the cluster as Flux adds it. */
  const made = {
    '': '83eeb8d909fee914533917f04c812229195ed421b1222afbcd75cbbf7b1d386e',
    'ses/sion+token==': '908e5b4e3fb31f57b465b387f70c1a28cbfe7d5be17c670d5042f215c5276ff5',
  }
  test.each(Object.entries(made))('who we are, for a cluster of EKS, session %j', (token, want) => {
    const session = token === '' ? {} : { sessionToken: token }
    const url = presignV4(
      {
        method: 'GET',
        url: 'https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15',
        headers: { 'x-k8s-aws-id': 'prod' },
      },
      { ...KEY, ...session, region: 'eu-west-1', service: 'sts' },
      { nowMs: Date.UTC(2026, 0, 1), expiresS: 900 },
    )
    const carried = token === '' ? '' : '&X-Amz-Security-Token=ses%2Fsion%2Btoken%3D%3D'
    expect(url).toBe(
      `https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260101%2Feu-west-1%2Fsts%2Faws4_request&X-Amz-Date=20260101T000000Z&X-Amz-Expires=900${carried}&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Signature=${want}`,
    )
  })
})
