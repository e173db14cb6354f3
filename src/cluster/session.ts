import type { Clock, Log, Metrics, Random } from '../base/index.ts'
import {
  type ApiRequest,
  type ApiResponse,
  isApiFault,
  type Resource,
  type Transport,
} from '../object/index.ts'
import type { Discovery, KindRef } from './discovery.ts'
import { isUnknownPath } from './faults.ts'
import { resourceText } from './paths.ts'
import type { Sender } from './send.ts'

/** What bodies are, and what answers should be. */
export const JSON_TYPE = 'application/json'

/** What a cluster needs of the world. */
export interface ClusterDeps {
  readonly transport: Transport
  readonly clock: Clock
  readonly random: Random
  readonly log?: Log
  readonly metrics?: Metrics
  /** The server's address for messages and metrics. */
  readonly host?: string
}

/** What every request of one identity shares. */
export interface Session {
  readonly deps: Required<ClusterDeps>
  readonly sender: Sender
  readonly discovery: Discovery
  readonly identity: Readonly<Record<string, string | readonly string[]>>
}

/** One request to a path below a resource; answers the response, which is a success. */
export async function requestOn(
  session: Session,
  resource: Resource,
  verb: string,
  request: ApiRequest,
  name?: string,
): Promise<ApiResponse> {
  const headers = { accept: JSON_TYPE, ...request.headers, ...session.identity }
  const asked = { verb, resource: resourceText(resource), ...(name === undefined ? {} : { name }) }
  return session.sender.send({ ...request, headers }, asked)
}

/**
 * Does something with a resource. A path that turns out to be unknown means that the cached
 * discovery is out of date: it is asked once more, so that a kind that went away is a NO_MATCH.
 */
export async function withResource<T>(
  session: Session,
  kind: KindRef,
  work: (resource: Resource) => Promise<T>,
): Promise<T> {
  const resource = await session.discovery.resource(kind)
  try {
    return await work(resource)
  } catch (error) {
    if (!isApiFault(error, 'NOT_FOUND') || !isUnknownPath(error)) throw error
    session.discovery.drop(kind)
    const again = await session.discovery.resource(kind)
    if (again.version === resource.version && again.plural === resource.plural) throw error
    return work(again)
  }
}
