import type { Receiver, ReceiverResource } from '../../api/index.ts'
import { Fault, type Log } from '../../base/index.ts'
import type { Json, KubeObject } from '../../object/index.ts'
import type { ReceiverContext } from './context.ts'

const REQUESTED_AT = 'reconcile.fluxcd.io/requestedAt'
const MANAGER = 'notification-controller'
/** Most objects that one call wakes for one entry. */
const OBJECTS_MAX = 10_000

const API_VERSIONS: Readonly<Record<string, string>> = {
  Bucket: 'source.toolkit.fluxcd.io/v1',
  HelmChart: 'source.toolkit.fluxcd.io/v1',
  HelmRepository: 'source.toolkit.fluxcd.io/v1',
  GitRepository: 'source.toolkit.fluxcd.io/v1',
  OCIRepository: 'source.toolkit.fluxcd.io/v1',
  ImageRepository: 'image.toolkit.fluxcd.io/v1',
  ArtifactGenerator: 'source.extensions.fluxcd.io/v1beta1',
}

/** Lets a resource through, or not. @throws Fault of an expression */
export type ResourceFilter = (resource: Json) => boolean

/**
 * Asks for the reconciliation of what an entry of a Receiver names.
 * @throws Fault HOOK, or what the API server refused
 * @see notification-controller receiver_handlers.go requestReconciliation (v1.9.3)
 */
export async function wake(
  context: ReceiverContext,
  target: { readonly receiver: Receiver; readonly resource: ReceiverResource; readonly log: Log },
  filter: ResourceFilter,
): Promise<void> {
  const { resource, log } = target
  for (const object of await find(context, target)) {
    if (!filter(partial(object) as unknown as Json)) continue
    const { namespace = '', name = '' } = object.metadata
    await annotate(context, resource, object)
    log.info(`resource '${resource.kind}/${name}.${namespace}' annotated`)
  }
}

/** What of an object filters see. */
function partial({ apiVersion, kind, metadata }: KubeObject): object {
  return { apiVersion, kind, metadata }
}

function kindOf(resource: ReceiverResource): { group: string; version: string; kind: string } {
  const { kind } = resource
  const apiVersion = resource.apiVersion || API_VERSIONS[kind]
  if (apiVersion === undefined) throw refuse(`apiVersion must be specified for kind "${kind}"`)
  const [group = '', version] = apiVersion.split('/')
  return version === undefined ? { group: '', version: group, kind } : { group, version, kind }
}

async function find(
  { cluster, options }: ReceiverContext,
  { receiver, resource, log }: { receiver: Receiver; resource: ReceiverResource; log: Log },
): Promise<readonly KubeObject[]> {
  const own = receiver.metadata.namespace ?? ''
  const namespace = resource.namespace || own
  if (options.noCrossNamespaceRefs && namespace !== own)
    throw refuse('cross-namespace references are not allowed')
  const kind = kindOf(resource)
  if (resource.name !== '*')
    return [await cluster.get({ ...kind, namespace, name: resource.name }, { metadataOnly: true })]
  if (resource.matchLabels === undefined)
    throw refuse("matchLabels field not set when using wildcard '*' as name")
  const labelSelector = Object.entries(resource.matchLabels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
  const { items } = await cluster.list(kind, { namespace, labelSelector, metadataOnly: true })
  if (items.length === 0)
    log.error('error annotating resources', {
      error: `no "${kind.kind}" resources found with matching labels in "${namespace}" namespace`,
    })
  return items.slice(0, OBJECTS_MAX)
}

async function annotate(
  { cluster, clock }: ReceiverContext,
  resource: ReceiverResource,
  { metadata }: KubeObject,
): Promise<void> {
  const { namespace = '', name = '' } = metadata
  await cluster.patch(
    { ...kindOf(resource), namespace, name },
    {
      type: 'merge',
      value: { metadata: { annotations: { [REQUESTED_AT]: goTime(clock.now()) } } },
    },
    { fieldManager: MANAGER },
  )
}

/** A moment as Go prints it, to the microsecond. */
function goTime(nowMs: number): string {
  const whole = Math.floor(nowMs)
  const micros = Math.floor((nowMs - whole) * 1000)
  const [day, time = ''] = new Date(whole).toISOString().split('T')
  return `${day} ${time.replace('Z', '')}${String(micros).padStart(3, '0')} +0000 UTC`
}

function refuse(message: string): Fault {
  return new Fault({ code: 'HOOK', message })
}
