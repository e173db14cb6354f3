import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JsonObject } from '../../../src/object/index.ts'
import { convertedReview, isAnsweredOtherwise, type Spoiling } from '../conversion/hook.ts'

/** What a webhook answers; it stands in the URL that it is asked at, so that each case has its own. */
export interface Reply {
  /** What the review that came says of itself goes back, with this as its response. */
  readonly response?: JsonObject
  /** JSON patch: becomes `patch` and `patchType` of the response. */
  readonly patch?: readonly JsonObject[]
  /** Instead of a review. */
  readonly text?: string
  readonly status?: number
  /** What the text says it is; `''`: nothing. Default: JSON. */
  readonly type?: string
  readonly delayMs?: number
  /** Instead of what the review says. */
  readonly uid?: string
  readonly kind?: string
  readonly apiVersion?: string
  /** It converts, and this is what it does wrong. */
  readonly conversion?: Spoiling
}

/** What a webhook was asked. */
export interface Asked {
  readonly hook: string
  readonly path: string
  readonly headers: JsonObject
  readonly body: JsonObject
}

/** A webhook server on loopback that answers as its URL says and keeps what it was asked. */
export interface Hooks {
  /** Where to ask for a reply; `hook` is what records call it. */
  url(hook: string, reply: Reply): string
  readonly caBundle: string
  /** What was asked since the last time. */
  asked(): Asked[]
  close(): void
}

/** Starts it. */
export async function startHooks(): Promise<Hooks> {
  const dir = mkdtempSync(join(tmpdir(), 'tidegate-hooks-'))
  const [cert, key] = [join(dir, 'c.pem'), join(dir, 'k.pem')]
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=hooks'].concat([
      '-addext',
      'subjectAltName=IP:127.0.0.1',
      '-keyout',
      key,
      '-out',
      cert,
    ]),
    { stdio: 'ignore' },
  )
  const certificate = readFileSync(cert)
  let records: Asked[] = []
  const server = createServer(
    { cert: certificate, key: readFileSync(key) },
    (incoming, outgoing) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () => {
        const at = new URL(incoming.url ?? '/', 'https://hooks')
        const [, hook = '', packed = ''] = at.pathname.split('/')
        const reply = JSON.parse(Buffer.from(packed, 'base64url').toString()) as Reply
        const body = JSON.parse(Buffer.concat(chunks).toString()) as JsonObject
        const { accept, 'content-type': type = '' } = incoming.headers
        records.push({ hook, path: at.search, headers: { accept: accept ?? '', type }, body })
        setTimeout(() => {
          const { status = 200, text } = answering(body, reply)
          const { type: said = 'application/json' } = reply
          outgoing.writeHead(status, said === '' ? {} : { 'content-type': said })
          outgoing.end(text)
        }, reply.delayMs ?? 0)
      })
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  rmSync(dir, { recursive: true })
  return {
    url: (hook, reply) =>
      `https://127.0.0.1:${port}/${hook}/${Buffer.from(JSON.stringify(reply)).toString('base64url')}`,
    caBundle: certificate.toString('base64'),
    asked: () => {
      const found = records
      records = []
      return found
    },
    close: () => server.close(),
  }
}

function answering(
  body: JsonObject,
  reply: Reply,
): { readonly status?: number | undefined; readonly text: string } {
  const { conversion } = reply
  if (conversion === undefined)
    return { status: reply.status, text: reply.text ?? JSON.stringify(reviewOf(body, reply)) }
  const review = JSON.stringify(convertedReview(body, conversion))
  if (!isAnsweredOtherwise(body, conversion)) return { text: review }
  return { status: conversion.status, text: conversion.text ?? review }
}

function reviewOf(body: JsonObject, reply: Reply): JsonObject {
  const request = body['request'] as JsonObject
  const patch =
    reply.patch === undefined
      ? {}
      : {
          patchType: 'JSONPatch',
          patch: Buffer.from(JSON.stringify(reply.patch)).toString('base64'),
        }
  return {
    apiVersion: reply.apiVersion ?? body['apiVersion'] ?? '',
    kind: reply.kind ?? 'AdmissionReview',
    response: {
      uid: reply.uid ?? request['uid'] ?? '',
      allowed: true,
      ...patch,
      ...reply.response,
    },
  }
}
