import type { Socket } from 'node:net'
import { type PeerCertificate, TLSSocket } from 'node:tls'
import type { Peer } from '../auth/authenticate.ts'

const known = new WeakMap<Socket, Peer>()

/** Who is at the other end of a connection, as far as it proves that by a certificate. */
export function peerOf(socket: Socket): Peer {
  if (!(socket instanceof TLSSocket)) return PLAIN
  const found = known.get(socket) ?? read(socket)
  known.set(socket, found)
  return found
}

const PLAIN: Peer = { isSecure: false }

function read(socket: TLSSocket): Peer {
  const { subject } = socket.getPeerCertificate() as Partial<PeerCertificate>
  if (subject === undefined) return { isSecure: true }
  if (!socket.authorized) return { isSecure: true, certificate: 'unknown' }
  const groups: string | readonly string[] = subject.O ?? []
  return {
    isSecure: true,
    certificate: {
      name: String(subject.CN),
      groups: typeof groups === 'string' ? [groups] : groups,
    },
  }
}
