import { isFault } from '../base/index.ts'
import { keysFault } from './faults.ts'
import type { Http } from './http.ts'
import type { Endpoints } from './options.ts'

/** What the metadata server of Google Kubernetes Engine is asked with. */
interface MetadataOptions {
  readonly http: Http
  readonly endpoints?: Endpoints
}

const HOST = 'http://metadata.google.internal'
/** A project, a place, the name of a cluster: what may become a part of an audience. */
const PART = /^[\w.:-]{1,200}$/

/**
 * What tokens of this cluster are for, and exchanged for, where it is one of Google's.
 * @throws Fault KEY_CREDENTIALS where it is not
 * @see fluxcd/pkg auth v0.54.2 gcp/gke_metadata.go
 */
export async function gkeFederation(
  options: MetadataOptions,
): Promise<{ readonly tokenAudience: string; readonly audience: string }> {
  const project = await read(options, 'project ID', 'project/project-id')
  const location = await read(options, 'location', 'instance/attributes/cluster-location')
  const name = await read(options, 'name', 'instance/attributes/cluster-name')
  const tokenAudience = `${project}.svc.id.goog`
  const provider = `https://container.googleapis.com/v1/projects/${project}/locations/${location}/clusters/${name}`
  return { tokenAudience, audience: `identitynamespace:${tokenAudience}:${provider}` }
}

async function read(options: MetadataOptions, what: string, path: string): Promise<string> {
  const url = `${options.endpoints?.gcpMetadata ?? HOST}/computeMetadata/v1/${path}`
  const words = `failed to get provider audience: failed to get GKE cluster ${what} from the metadata service`
  try {
    const headers = { 'metadata-flavor': 'Google' }
    const { status, body } = await options.http({ method: 'GET', url, headers })
    const text = body.trim()
    if (status === 200 && PART.test(text)) return text
    throw keysFault(
      'KEY_CREDENTIALS',
      `${words}: ${text === '' ? 'empty value' : `status ${status}`}`,
    )
  } catch (error) {
    if (isFault(error) && error.code === 'KEY_CREDENTIALS') throw error
    throw keysFault('KEY_CREDENTIALS', `${words}: it cannot be reached`, error)
  }
}
