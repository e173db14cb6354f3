/** How to reach an API server, and as whom. PEM texts and tokens, never paths. */
export interface HttpOptions {
  /** `https://host:port`, with a path where the API is served below one. */
  readonly server: string
  readonly ca?: string | Uint8Array
  readonly cert?: string | Uint8Array
  readonly key?: string | Uint8Array
  readonly passphrase?: string
  /** Name that the server's certificate must carry, where it is not the host's. */
  readonly serverName?: string
  /** Takes any certificate. */
  readonly insecure?: boolean
  /** Headers that say who asks (`authorization`), asked for each request: tokens change. */
  readonly headers?: () => Promise<Readonly<Record<string, string>>>
  /** HTTP proxy, `http://[user:password@]host:port`. */
  readonly proxy?: string
  /** Until the whole answer is there; a watch only until its headers are. */
  readonly timeoutMs?: number
  /** Sockets for everything but watches. */
  readonly socketsMax?: number
  /** The largest answer that is read; absent: 256 MiB. */
  readonly answerBytesMax?: number
  readonly userAgent?: string
  /** Sent with each request, e.g. impersonation that the kubeconfig asks for. */
  readonly fixedHeaders?: Readonly<Record<string, string | readonly string[]>>
}

/** TLS options as node's tls takes them. */
export function tlsOptions(options: HttpOptions): Record<string, unknown> {
  const { ca, cert, key, passphrase, serverName } = options
  const given = { ca, cert, key, passphrase, servername: serverName }
  const set = Object.entries(given).filter(([, value]) => value !== undefined)
  return { ...Object.fromEntries(set), rejectUnauthorized: options.insecure !== true }
}
