import { request } from 'node:https'
import type { Transport } from '../../src/object/index.ts'
import { plainTransport } from '../../test/kit/plain-transport.ts'

/** A transport to a real API server over HTTPS, its certificate unchecked: loopback only. */
export function realTransport(url: string, token: string): Transport {
  return plainTransport(url, { ask: request, headers: { authorization: `Bearer ${token}` } })
}
