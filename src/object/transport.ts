/** One request to a Kubernetes API server. */
export interface ApiRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path and query, beginning with `/`. */
  readonly path: string
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  /** Bytes where they are no text: protobuf. */
  readonly body?: string | Uint8Array
  readonly signal?: AbortSignal
  /** Asked once more when the request, which may have waited, goes out; false holds it back. */
  readonly mayGo?: () => boolean
}

/** What a Kubernetes API server answered. Exactly one of `text` and `lines` is called, once. */
export interface ApiResponse {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** True: the transport itself notices when the peer is gone, and then ends the lines. */
  readonly monitored?: boolean
  /** The whole body where it is no text: OpenAPI in its binary form. */
  readonly bytes?: Uint8Array
  /** The whole body. */
  text(): Promise<string>
  /** The body line by line, as it arrives: a watch. Ends when the server or the signal ends it. */
  lines(): AsyncIterable<string>
  /** The body piece by piece where it is a stream of no text; then it has no lines. */
  frames?(): AsyncIterable<Uint8Array>
}

/**
 * The way to one API server: over the network (`cluster/`) or in this process (`apiserver/`). An
 * answer with any status resolves; only a failure to get one rejects, with Fault UNREACHABLE.
 */
export interface Transport {
  request(request: ApiRequest): Promise<ApiResponse>
}
