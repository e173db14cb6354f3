import type { Json, JsonObject, KubeObject } from '../../object/index.ts'
import type { Core } from '../core.ts'
import { groupVersion, type Kind } from '../kind.ts'
import { badRequest, StatusFault } from '../status.ts'
import { shownAs } from '../table/scale.ts'
import { isPlain, rowOf } from '../table/table.ts'
import type { Accepted } from './media.ts'

/** An object as it was accepted: whole, its metadata alone, or as a table of one row. */
export function shapeObject(
  core: Core,
  kind: Kind,
  object: KubeObject,
  ask: { readonly accepted: Accepted; readonly query: URLSearchParams },
): Json {
  const { as } = ask.accepted
  if (as === '') return object as unknown as Json
  if (as === 'Table') checkInclude(ask.query)
  const apiVersion = metaVersion(ask.accepted)
  if (as === 'PartialObjectMetadata') return partial(object, apiVersion)
  if (as === 'Table')
    return {
      kind: 'Table',
      apiVersion,
      metadata: rowMeta(object),
      columnDefinitions: columnDefinitions(shownAs(kind, object)),
      rows: [row(core, shownAs(kind, object), object, ask)],
    }
  if (kind.custom !== undefined)
    throw new StatusFault({ code: 500, reason: '', message: 'content is not a list' })
  throw notAcceptable(
    `you requested ${as}, but the requested object is not a list (${goType(kind, '', object.kind)})`,
  )
}

/** What was only tried has no version. */
function rowMeta({ metadata: { resourceVersion = '' } }: KubeObject): JsonObject {
  return resourceVersion === '' ? {} : { resourceVersion }
}

function notAcceptable(message: string): StatusFault {
  return new StatusFault({ code: 406, reason: 'NotAcceptable', message })
}

/** What Go calls the type of a kind: built-in ones by their package. */
function goType(kind: Kind, custom: string, name: string): string {
  if (kind.custom !== undefined) return `*unstructured.${custom}`
  return `*${kind.group.split('.')[0] || 'core'}.${name}`
}

const INCLUDES = ['', 'None', 'Metadata', 'Object']

function checkInclude(query: URLSearchParams): void {
  const include = query.get('includeObject') ?? ''
  if (!INCLUDES.includes(include))
    throw badRequest(
      `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(include)}: must be 'Metadata', 'Object', 'None', or empty`,
    )
}

/** What a list answers beside its items. */
export interface ListMeta {
  readonly resourceVersion: string
  readonly continue?: string
  readonly remainingItemCount?: number
}

/** A list as it was accepted. */
export function shapeList(
  core: Core,
  kind: Kind,
  list: { readonly items: readonly KubeObject[]; readonly metadata: ListMeta },
  ask: { readonly accepted: Accepted; readonly query: URLSearchParams },
): Json {
  const metadata = { ...list.metadata } as unknown as JsonObject
  const { as } = ask.accepted
  const apiVersion = metaVersion(ask.accepted)
  if (as === 'Table') checkInclude(ask.query)
  if (as === 'Table')
    return {
      kind: 'Table',
      apiVersion,
      metadata,
      columnDefinitions: columnDefinitions(kind),
      rows:
        list.items.length === 0 && isPlain(kind)
          ? null
          : list.items.map((object) => row(core, kind, object, ask)),
    }
  if (as === 'PartialObjectMetadata')
    throw notAcceptable(
      `you requested ${as}, but the requested object is a list (${goType(kind, 'UnstructuredList', kind.listKind)})`,
    )
  if (as === 'PartialObjectMetadataList')
    return {
      kind: 'PartialObjectMetadataList',
      apiVersion,
      metadata,
      // Go writes a list that was never made as null.
      items: list.items.length === 0 ? null : list.items.map((item) => partial(item, apiVersion)),
    }
  const items =
    kind.custom === undefined
      ? list.items.map(({ apiVersion: _a, kind: _k, ...rest }) => rest)
      : list.items
  return {
    kind: kind.listKind,
    apiVersion: groupVersion(kind),
    metadata: kind.custom === undefined ? metadata : { continue: '', ...metadata },
    items: items as unknown as Json[],
  }
}

function metaVersion({ old }: Accepted): string {
  return old === true ? 'meta.k8s.io/v1beta1' : 'meta.k8s.io/v1'
}

/** Older versions of DaemonSets keep a field as this annotation; metadata alone are not of a version. */
const OF_VERSION = 'deprecated.daemonset.template.generation'

function partial(object: KubeObject, apiVersion = 'meta.k8s.io/v1'): Json {
  const { metadata } = object
  const { [OF_VERSION]: old, ...annotations } = metadata.annotations ?? {}
  if (object.kind !== 'DaemonSet' || old === undefined)
    return { kind: 'PartialObjectMetadata', apiVersion, metadata: metadata as unknown as Json }
  const { annotations: _, ...rest } = metadata
  const left = Object.keys(annotations).length === 0 ? {} : { annotations }
  return { kind: 'PartialObjectMetadata', apiVersion, metadata: { ...rest, ...left } as Json }
}

function columnDefinitions(kind: Kind): Json {
  return kind.columns.map(({ name, type, format, description, priority }) => ({
    name,
    type,
    format,
    description,
    priority,
  }))
}

function row(
  core: Core,
  kind: Kind,
  object: KubeObject,
  { accepted, query }: { readonly accepted: Accepted; readonly query: URLSearchParams },
): Json {
  // A bookmark is told by its metadata, whatever is asked of objects.
  const isMark = object.metadata.name === undefined && object.metadata.resourceVersion !== undefined
  const asked = query.get('includeObject') ?? 'Metadata'
  const include = isMark ? 'Metadata' : asked
  const { cells, conditions } = rowOf(kind, object, core.clock.now())
  return {
    cells: cells as Json[],
    ...(conditions === undefined ? {} : { conditions }),
    ...(include === 'None'
      ? { object: null }
      : {
          object:
            include === 'Object'
              ? (object as unknown as Json)
              : partial(object, metaVersion(accepted)),
        }),
  }
}
