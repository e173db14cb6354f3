import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { createApiServer } from '../../src/apiserver/index.ts'
import * as der from '../../src/apiserver/tls/der.ts'
import { seededRandom, VirtualClock } from '../../src/base/index.ts'
import { type Json, type JsonObject, valueAt } from '../../src/object/index.ts'
import { ask, pathOf } from '../kit/controller-requests.ts'

const ORGANIZATION = '2.5.4.10'
const COMMON_NAME = '2.5.4.3'

/** A request for a certificate as `openssl req` writes it. */
function requestFor(name: string, groups: readonly string[]): string {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const part = (type: string, text: string): Buffer =>
    der.setOf(der.sequence(der.oid(type), der.utf8(text)))
  const body = der.sequence(
    der.integer(Buffer.from([0])),
    der.sequence(...groups.map((each) => part(ORGANIZATION, each)), part(COMMON_NAME, name)),
    publicKey.export({ type: 'spki', format: 'der' }),
    der.tagged(0, Buffer.alloc(0), true),
  )
  const algorithm = der.sequence(der.oid('1.2.840.10045.4.3.2'))
  const signature = sign('sha256', body, privateKey)
  const text = der.sequence(body, algorithm, der.bits(signature)).toString('base64')
  const lines = text.match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join('\n')}\n-----END CERTIFICATE REQUEST-----\n`
}

const CLIENT = 'kubernetes.io/kube-apiserver-client'

interface Asked {
  readonly signerName?: string
  readonly usages?: readonly string[]
  readonly condition?: 'Approved' | 'Denied'
}

/** Asks for a certificate and answers what became of that; and for how long it is kept. */
async function played(of: Asked): Promise<{ status: JsonObject; authority: string; left: number }> {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1))
  const server = createApiServer({ clock, random: seededRandom(5) })
  const { authority } = server.secure(['localhost'])
  const { signerName = CLIENT, usages = ['client auth'] } = of
  const request = Buffer.from(requestFor('jane', ['dev'])).toString('base64')
  const apiVersion = 'certificates.k8s.io/v1'
  const kind = 'CertificateSigningRequest'
  const path = pathOf(kind, '')
  const spec = { request, signerName, usages, expirationSeconds: 3600 }
  await ask({ transport: server }, 'POST', path, {
    apiVersion,
    kind,
    metadata: { name: 'j' },
    spec,
  })
  const condition = { type: of.condition ?? 'Approved', status: 'True', reason: 'x', message: 'y' }
  const status = { conditions: [condition] }
  await ask({ transport: server }, 'PATCH', `${path}/j/approval`, { status })
  await clock.advance(1000)
  const read = async (): Promise<Json> => {
    const response = await server.request({ method: 'GET', path: `${path}/j` })
    return JSON.parse(await response.text()) as Json
  }
  const found = valueAt(await read(), 'status') as JsonObject
  await clock.advance(3_600_000)
  const left = valueAt(await read(), 'code') === 404 ? 0 : 1
  server.close()
  return { status: found, authority, left }
}

test('what is approved is signed, and its request goes after an hour', async () => {
  const { status, authority, left } = await played({})
  const text = Buffer.from(String(status['certificate']), 'base64').toString()
  const certificate = new X509Certificate(text)
  expect(certificate.subject).toBe('O=dev\nCN=jane')
  expect(certificate.verify(new X509Certificate(authority).publicKey)).toBe(true)
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
  expect(Date.parse(certificate.validTo)).toBe(Date.UTC(2026, 0, 1, 0, 55))
  expect(left).toBe(0)
})

const UNSIGNED: Readonly<Record<string, { readonly given: Asked; readonly want: string }>> = {
  'of another signer': { given: { signerName: 'example.com/mine' }, want: 'Approved' },
  'that is denied': { given: { condition: 'Denied' }, want: 'Denied' },
  'for another use': {
    given: { usages: ['server auth'] },
    want: 'Approved, Failed: invalid usage for client certificate: server auth',
  },
  'of a node that is none': {
    given: { signerName: 'kubernetes.io/kube-apiserver-client-kubelet' },
    want: 'Approved, Failed: subject organization is not system:nodes',
  },
}

test.each(Object.entries(UNSIGNED))('a request %s is not signed', async (_, { given, want }) => {
  const { status } = await played(given)
  expect(status['certificate']).toBeUndefined()
  const conditions = status['conditions'] as unknown as readonly { type: string; message: string }[]
  const told = conditions.map(({ type, message }) =>
    type === 'Failed' ? `${type}: ${message}` : type,
  )
  expect(told.join(', ')).toBe(want)
})
