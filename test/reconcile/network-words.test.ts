import { expect, test } from 'vitest'
import { type ApiCode, ApiFault } from '../../src/object/index.ts'
import { remoteWords } from '../../src/reconcile/kustomization/network-words.ts'

const ASKED = 'GET https://10.0.0.1:6443/api: '

test.each<{
  readonly reason: string
  readonly given: { readonly message: string; readonly code?: string; readonly api?: ApiCode }
  readonly want: string
}>([
  {
    reason: 'nobody listens',
    given: { message: `${ASKED}connect ECONNREFUSED`, code: 'ECONNREFUSED' },
    want: 'failed to get server groups: Get "https://10.0.0.1:6443/api?timeout=30s": dial tcp 10.0.0.1:6443: connect: connection refused',
  },
  {
    reason: 'the certificate is of an authority that the kubeconfig does not name',
    given: { message: `${ASKED}self-signed`, code: 'SELF_SIGNED_CERT_IN_CHAIN' },
    want: 'failed to get server groups: Get "https://10.0.0.1:6443/api?timeout=30s": tls: failed to verify certificate: x509: certificate signed by unknown authority',
  },
  {
    reason: 'no such name',
    given: {
      message: 'GET https://none.example.com/api: getaddrinfo ENOTFOUND',
      code: 'ENOTFOUND',
    },
    want: 'failed to get server groups: Get "https://none.example.com/api?timeout=30s": dial tcp: lookup none.example.com: no such host',
  },
  {
    reason: 'a later question is not about the groups',
    given: { message: 'PATCH https://h:1/api/v1/x: connect ECONNREFUSED', code: 'ECONNREFUSED' },
    want: 'Patch "https://h:1/api/v1/x?timeout=30s": dial tcp h:1: connect: connection refused',
  },
  {
    reason: 'what has no words of Go keeps its own',
    given: { message: `${ASKED}no answer within 30s` },
    want: 'failed to get server groups: Get "https://10.0.0.1:6443/api?timeout=30s": no answer within 30s',
  },
  {
    reason: 'the token is not known there',
    given: { message: 'Unauthorized', api: 'UNAUTHORIZED' },
    want: 'failed to get server groups: the server has asked for the client to provide credentials',
  },
  {
    reason: 'an answer of the server stays as it is',
    given: { message: 'configmaps "a" is forbidden', api: 'FORBIDDEN' },
    want: 'configmaps "a" is forbidden',
  },
])('of a remote cluster: $reason', ({ given, want }) => {
  const cause = Object.assign(new Error(given.message), { code: given.code })
  const code = given.api ?? 'UNREACHABLE'
  expect(remoteWords(new ApiFault({ code, status: 0, message: given.message, cause }))).toBe(want)
})
