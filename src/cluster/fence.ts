import { ApiFault, type Transport } from '../object/index.ts'

/**
 * A transport that lets no write out unless it may: a leader that was frozen and wakes must not write
 * beside its successor. Reads pass. The transport below asks once more as a write gets its socket, since
 * it may have waited for one.
 */
export function fencedTransport(transport: Transport, mayWrite: () => boolean): Transport {
  return {
    request: async (request) => {
      if (request.method === 'GET' || request.method === 'HEAD') return transport.request(request)
      if (!mayWrite()) throw notLeader(request.method)
      return transport.request({ ...request, mayGo: mayWrite })
    },
  }
}

/** The fault for a write that was held back. */
export function notLeader(method: string): ApiFault {
  return new ApiFault({
    code: 'UNREACHABLE',
    message: `${method} held back: the lease of this process is not known to be young`,
    status: 0,
  })
}
