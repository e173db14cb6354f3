import {
  ApiFault,
  apiVersionOf,
  isApiFault,
  isArray,
  isKubeObject,
  isObject,
  type Json,
  type KubeList,
  type KubeObject,
  type ListOptions,
  type Resource,
  stringAt,
} from '../object/index.ts'
import { resourcePath, selectorQuery, withQuery } from './paths.ts'
import { requestOn, type Session } from './session.ts'

/** How many objects one page of a list holds. */
export const PAGE_SIZE = 500

const META = 'g=meta.k8s.io;v=v1'

/** Accept header of a get, and of the events of a watch, that want metadata alone. */
export const METADATA_ONE: string = `application/json;as=PartialObjectMetadata;${META},application/json`
const METADATA_LIST = `application/json;as=PartialObjectMetadataList;${META},application/json`

/**
 * Lists everything, page by page. A list whose continue token has expired is begun again, in one
 * piece, since the server no longer has the state that the pages were cut from.
 */
export async function listAll(
  session: Session,
  resource: Resource,
  options: ListOptions,
): Promise<KubeList> {
  const pages: KubeObject[] = []
  let from: string | undefined
  let whole = false
  for (;;) {
    try {
      const page = await listPage(session, resource, options, from, whole)
      for (const item of page.items) pages.push(item)
      if (page.next === '') return { items: pages, resourceVersion: page.resourceVersion }
      from = page.next
    } catch (error) {
      if (!isApiFault(error, 'EXPIRED') || from === undefined) throw error
      pages.length = 0
      from = undefined
      whole = true
    }
  }
}

interface Page extends KubeList {
  readonly next: string
}

async function listPage(
  session: Session,
  resource: Resource,
  options: ListOptions,
  from: string | undefined,
  whole: boolean,
): Promise<Page> {
  const path = resourcePath(resource, options)
  const query = {
    ...selectorQuery(options),
    limit: whole ? undefined : String(PAGE_SIZE),
    continue: from,
  }
  const response = await requestOn(session, resource, 'list', {
    method: 'GET',
    path: withQuery(path, query),
    ...(options.metadataOnly === true ? { headers: { accept: METADATA_LIST } } : {}),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
  const body = JSON.parse(await response.text()) as Json
  const items = isObject(body) && isArray(body['items']) ? body['items'] : []
  return {
    items: items.map((item) => named(item, resource)),
    resourceVersion: stringAt(body, 'metadata', 'resourceVersion') ?? '',
    next: stringAt(body, 'metadata', 'continue') ?? '',
  }
}

/**
 * An object with its own apiVersion and kind: the items of lists lack them, and metadata alone comes
 * as PartialObjectMetadata. The Status that a delete answers is handed through.
 */
export function named(value: Json, resource: Resource): KubeObject {
  const own = { apiVersion: apiVersionOf(resource), kind: resource.kind }
  if (!isObject(value))
    throw new ApiFault({
      code: 'SERVER_ERROR',
      message: `the server answered no object for ${own.kind}`,
      status: 0,
    })
  const bare = value['kind'] === undefined || value['kind'] === 'PartialObjectMetadata'
  const object = bare ? { ...value, ...own } : value
  return isKubeObject(object) ? object : { ...value, ...own, metadata: {} }
}
