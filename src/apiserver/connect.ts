import { isArray, isObject, type Json, type JsonObject, type KubeObject } from '../object/index.ts'
import type { Attributes } from './admission/index.ts'
import { consulted, type Soon, whenThere } from './admitted.ts'
import { type Ask, headerOf } from './ask.ts'
import type { Core } from './core.ts'
import { liveObject } from './read.ts'
import { isTrue } from './route.ts'
import { badRequest, invalid, notFound, StatusFault } from './status.ts'
import { type Answer, answerText } from './wire/respond.ts'

const PARTS = ['log', 'exec', 'attach', 'portforward', 'proxy']

/**
 * Parts of pods, nodes and services that are reached through a kubelet. There is none behind the
 * nodes of this server, so they answer as a real one does whose kubelets are down.
 * @throws StatusFault
 * @see kubernetes pkg/registry/core/pod/strategy.go (v1.36.3)
 */
export function connect(core: Core, ask: Ask): Soon<Answer> | undefined {
  if (ask.kind.custom !== undefined || !PARTS.includes(ask.subresource)) return undefined
  if (ask.subresource === 'log') return logs(core, ask, liveObject(core, ask))
  return whenThere(consulted(core, connecting(ask)), (options) => connected(core, ask, options))
}

/** A connection as admission sees it: its options are the object. */
function connecting(ask: Ask): Attributes {
  const { kind, subresource, namespace, name, user, warnings } = ask
  const speaks = { group: '', version: 'v1', kind: OPTIONS[`${kind.kind}/${subresource}`] ?? '' }
  return {
    kind,
    subresource,
    operation: 'CONNECT',
    namespace: kind.namespaced ? namespace : '',
    name,
    user,
    dryRun: false,
    object: { kind: speaks.kind, apiVersion: 'v1', ...optionsOf(ask) } as unknown as KubeObject,
    old: undefined,
    speaks,
    warnings,
  }
}

const OPTIONS: Readonly<Record<string, string>> = {
  'Pod/exec': 'PodExecOptions',
  'Pod/attach': 'PodAttachOptions',
  'Pod/portforward': 'PodPortForwardOptions',
  'Pod/proxy': 'PodProxyOptions',
  'Service/proxy': 'ServiceProxyOptions',
  'Node/proxy': 'NodeProxyOptions',
}

/** What the query says, in the form of the options that it stands for. */
function optionsOf({ subresource, query, rest }: Ask): JsonObject {
  const flag = (name: string): JsonObject => (isTrue(query.get(name)) ? { [name]: true } : {})
  if (subresource === 'proxy') return { path: `${rest.startsWith('/') ? '' : '/'}${rest}` }
  if (subresource === 'portforward') {
    const ports = query.getAll('ports').flatMap((each) => each.split(',').map(Number))
    return ports.length === 0 ? {} : { ports }
  }
  const container = query.get('container') ?? ''
  const command = query.getAll('command')
  return {
    ...flag('stdin'),
    ...(query.has('stdout') ? flag('stdout') : {}),
    ...(query.has('stderr') ? flag('stderr') : {}),
    ...flag('tty'),
    ...(container === '' ? {} : { container }),
    ...(subresource === 'exec' ? { command: command.length === 0 ? null : command } : {}),
  }
}

function connected(core: Core, ask: Ask, _options: KubeObject): Answer {
  const object = liveObject(core, ask)
  if (ask.kind.table === 'services') throw noEndpoints(ask)
  if (ask.subresource === 'proxy') throw badRequest('address not allowed')
  if (ask.subresource !== 'portforward') containerOf(ask, object)
  const host = hostOf(core, object)
  if (host === undefined) throw badRequest(`pod ${ask.name} does not have a host assigned`)
  if (headerOf(ask.headers, 'upgrade') === undefined) throw badRequest('Upgrade request required')
  throw unreachable(`error dialing backend: dial tcp ${host}: connect: connection refused`)
}

function noEndpoints(ask: Ask): StatusFault {
  return new StatusFault({
    code: 503,
    reason: 'ServiceUnavailable',
    message: `no endpoints available for service ${JSON.stringify(ask.name)}`,
  })
}

function unreachable(message: string): StatusFault {
  return new StatusFault({ code: 500, reason: '', message })
}

function logs(core: Core, ask: Ask, pod: KubeObject): Answer {
  checkLogOptions(ask)
  const container = containerOf(ask, pod)
  const host = hostOf(core, pod)
  if (host === undefined) return { ...answerText(204, ''), headers: {} }
  const path = `/containerLogs/${ask.namespace}/${ask.name}/${container}`
  const query = ask.query
    .toString()
    .replace(/(^|&)container=[^&]*/, '')
    .replace(/^&/, '')
  const url = `https://${host}${path}${query === '' ? '' : `?${query}`}`
  throw unreachable(`Get ${JSON.stringify(url)}: dial tcp ${host}: connect: connection refused`)
}

function checkLogOptions(ask: Ask): void {
  const causes = ['tailLines', 'limitBytes', 'sinceSeconds'].flatMap((field) => {
    const text = ask.query.get(field)
    const least = field === 'tailLines' ? 0 : 1
    if (text === null || !(Number(text) < least)) return []
    const why = least === 0 ? 'must be greater than or equal to 0' : 'must be greater than 0'
    return [{ reason: 'FieldValueInvalid', message: `Invalid value: ${text}: ${why}`, field }]
  })
  if (causes.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, ask.name, causes)
}

function namesIn(value: Json | undefined): string[] {
  return isArray(value) ? value.filter(isObject).map((each) => String(each['name'])) : []
}

/** The container that is meant: the one named, or the only one. */
function containerOf(ask: Ask, pod: KubeObject): string {
  const spec = isObject(pod['spec']) ? pod['spec'] : ({} as JsonObject)
  const plain = namesIn(spec['containers'])
  const first = namesIn(spec['initContainers'])
  const wanted = ask.query.get('container') ?? ''
  if (wanted === '') {
    if (plain.length === 1) return plain[0] ?? ''
    const names = [...first, ...plain].join(' ')
    throw badRequest(
      `a container name must be specified for pod ${ask.name}, choose one of: [${names}]`,
    )
  }
  if ([...plain, ...first].includes(wanted)) return wanted
  throw badRequest(`container ${wanted} is not valid for pod ${ask.name}`)
}

/** Address and port of the kubelet that a pod runs under; undefined when it runs nowhere. */
function hostOf(core: Core, pod: KubeObject): string | undefined {
  const spec = isObject(pod['spec']) ? pod['spec'] : {}
  const name = typeof spec['nodeName'] === 'string' ? spec['nodeName'] : ''
  if (name === '') return undefined
  const node = core.store.get('nodes', name)
  // The one who asks is told of a pod that is not there, as by the real server.
  if (node === undefined) throw notFound({ group: '', plural: 'pods' }, name)
  const status = isObject(node['status']) ? node['status'] : {}
  const addresses = isArray(status['addresses']) ? status['addresses'].filter(isObject) : []
  return `${String(addresses[0]?.['address'] ?? name)}:10250`
}
