import type { ApiServer, Secured, ServeOptions } from '../apiserver/index.ts'

/** How a server is seen from outside. */
export interface Face {
  /** Default: 127.0.0.1. */
  readonly host?: string
  /** Absent: plain HTTP. */
  readonly tls?: {
    /** Names and addresses that clients may use beside those of loopback and of clusters. */
    readonly names?: readonly string[]
    /** Whether plain HTTP is spoken on the same port. */
    readonly alsoPlain?: boolean
  }
}

/** By what workloads know the API server of their cluster, and this machine itself. */
const NAMES = [
  'localhost',
  '127.0.0.1',
  '::1',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
  '10.96.0.1',
]
const EVERYWHERE = ['0.0.0.0', '::']

/** What is needed to serve a server with a face. */
export function faceOf(
  server: ApiServer,
  { host, tls }: Face = {},
): { readonly options: ServeOptions; readonly secured?: Secured } {
  const at = host === undefined ? {} : { host }
  if (tls === undefined) return { options: at }
  const own = host === undefined || EVERYWHERE.includes(host) ? [] : [host]
  const secured = server.secure([...new Set([...NAMES, ...own, ...(tls.names ?? [])])])
  return {
    options: {
      ...at,
      tls: {
        certificate: secured.server,
        clientAuthority: secured.authority,
        alsoPlain: tls.alsoPlain ?? false,
      },
    },
    secured,
  }
}
