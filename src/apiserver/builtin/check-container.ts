import { isObject, type Json, type JsonObject } from '../../object/index.ts'
import { parseQuantity } from '../../schema/index.ts'
import {
  at,
  formed,
  items,
  nonNegative,
  number,
  oneOf,
  portNumber,
  portNumberOrName,
  requiredForm,
  text,
} from './check.ts'
import { descending, envCauses, envFromCauses } from './check-env.ts'
import { containerSecurity } from './check-security.ts'
import { duplicate, forbidden, invalid, notFound, notSupported, required } from './field-error.ts'
import { dnsLabel, headerName, portName, qualifiedName } from './names.ts'
import type { Cause } from './refusal.ts'

const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe']

/** What is wrong with a container. */
export function containerCauses(
  container: JsonObject,
  path: string,
  volumes: ReadonlySet<string>,
): Cause[] {
  return [
    ...commonCauses(container, path, volumes),
    ...lifecycleCauses(container, path),
    ...PROBES.flatMap((name) => probeCauses(container[name], `${path}.${name}`, name)),
  ]
}

/** What is wrong with an init container. */
export function initContainerCauses(
  container: JsonObject,
  path: string,
  volumes: ReadonlySet<string>,
): Cause[] {
  if (text(container, 'restartPolicy') === 'Always')
    return containerCauses(container, path, volumes)
  const policy = text(container, 'restartPolicy')
  const policies = ['Always', 'Never', 'OnFailure']
  const wrong =
    policy === '' || policies.includes(policy)
      ? []
      : [notSupported(`${path}.restartPolicy`, policy, policies)]
  const not = 'may not be set for init containers without restartPolicy=Always'
  return [
    ...wrong,
    ...commonCauses(container, path, volumes),
    ...['lifecycle', ...PROBES].flatMap((key) =>
      container[key] === undefined ? [] : [forbidden(`${path}.${key}`, not)],
    ),
  ]
}

function commonCauses(container: JsonObject, path: string, volumes: ReadonlySet<string>): Cause[] {
  const policies = ['FallbackToLogsOnError', 'File']
  const message = text(container, 'terminationMessagePolicy')
  return [
    ...requiredForm(text(container, 'name'), dnsLabel, `${path}.name`),
    ...imageCauses(text(container, 'image'), `${path}.image`),
    ...(message !== '' && !policies.includes(message)
      ? [
          notSupported(`${path}.terminationMessagePolicy`, message, [
            'File',
            'FallbackToLogsOnError',
          ]),
        ]
      : []),
    ...portCauses(container, `${path}.ports`),
    ...items(container, 'env').flatMap((each, i) => envCauses(each, `${path}.env[${i}]`)),
    ...items(container, 'envFrom').flatMap((each, i) => envFromCauses(each, `${path}.envFrom`, i)),
    ...mountCauses(container, `${path}.volumeMounts`, volumes),
    ...oneOf(
      text(container, 'imagePullPolicy'),
      ['Always', 'IfNotPresent', 'Never'],
      `${path}.imagePullPolicy`,
    ),
    ...resourceCauses(at(container, 'resources'), `${path}.resources`),
    ...containerSecurity(at(container, 'securityContext'), `${path}.securityContext`),
  ]
}

function imageCauses(image: string, path: string): Cause[] {
  if (image === '') return [required(path)]
  return image.trim() === image
    ? []
    : [invalid(path, image, 'must not have leading or trailing whitespace')]
}

function portCauses(container: JsonObject, path: string): Cause[] {
  const names = new Set<string>()
  return items(container, 'ports').flatMap((port, i) => {
    const place = `${path}[${i}]`
    const causes: Cause[] = []
    const name = text(port, 'name')
    if (name !== '') {
      const wrong = formed(name, portName, `${place}.name`)
      if (wrong.length > 0) causes.push(...wrong)
      else if (names.has(name)) causes.push(duplicate(`${place}.name`, name))
      else names.add(name)
    }
    const own = number(port, 'containerPort') ?? 0
    if (own === 0) causes.push(required(`${place}.containerPort`))
    else causes.push(...portNumber(own, `${place}.containerPort`))
    const host = number(port, 'hostPort') ?? 0
    if (host !== 0) causes.push(...portNumber(host, `${place}.hostPort`))
    return [...causes, ...oneOf(text(port, 'protocol'), PROTOCOLS, `${place}.protocol`)]
  })
}

function mountCauses(container: JsonObject, path: string, volumes: ReadonlySet<string>): Cause[] {
  const places = new Set<string>()
  return items(container, 'volumeMounts').flatMap((mount, i) => {
    const at = `${path}[${i}]`
    const causes: Cause[] = []
    const name = text(mount, 'name')
    const target = text(mount, 'mountPath')
    if (name === '') causes.push(required(`${at}.name`))
    if (!volumes.has(name)) causes.push(notFound(`${at}.name`, name))
    if (target === '') causes.push(required(`${at}.mountPath`))
    if (places.has(target)) causes.push(invalid(`${at}.mountPath`, target, 'must be unique'))
    places.add(target)
    // The API server names no index for these.
    const sub = text(mount, 'subPath')
    if (sub !== '') causes.push(...descending(sub, `${path}.subPath`))
    const expression = text(mount, 'subPathExpr')
    if (expression !== '' && sub !== '')
      causes.push(
        invalid(`${at}.subPathExpr`, expression, 'subPathExpr and subPath are mutually exclusive'),
      )
    if (expression !== '') causes.push(...descending(expression, `${path}.subPathExpr`))
    return causes
  })
}

const STANDARD = ['cpu', 'memory', 'ephemeral-storage']

/** What is wrong with the resources of a container. */
export function resourceCauses(resources: JsonObject, path: string): Cause[] {
  const limits = at(resources, 'limits')
  const requests = at(resources, 'requests')
  const causes: Cause[] = []
  for (const [kind, amounts] of Object.entries({ limits, requests }))
    for (const [name, value] of Object.entries(amounts))
      causes.push(...amountCauses(name, value ?? null, `${path}.${kind}[${name}]`))
  for (const [name, value] of Object.entries(requests)) {
    const limit = limits[name]
    const place = `${path}.requests`
    const over = compare(value, limit)
    const fixed = !mayOvercommit(name)
    if (limit === undefined) {
      if (fixed)
        causes.push(
          required(`${path}.limits`, 'Limit must be set for non overcommitable resources'),
        )
    } else if (fixed && over !== 0)
      causes.push(invalid(place, value, `must be equal to ${name} limit of ${limit}`))
    else if (over > 0)
      causes.push(invalid(place, value, `must be less than or equal to ${name} limit of ${limit}`))
  }
  return causes
}

/** Resources of Kubernetes itself may be promised more than once, but for huge pages. */
function mayOvercommit(name: string): boolean {
  const isNative = !name.includes('/') || name.includes('kubernetes.io/')
  return isNative && !name.startsWith('hugepages-')
}

function compare(a: Json | undefined, b: Json | undefined): number {
  const left = parseQuantity(String(a))?.nanos ?? 0n
  const right = parseQuantity(String(b))?.nanos ?? 0n
  return left < right ? -1 : left > right ? 1 : 0
}

function amountCauses(name: string, value: Json, path: string): Cause[] {
  const causes = formed(name, qualifiedName, path)
  const isStandard = STANDARD.includes(name) || name.startsWith('hugepages-')
  if (causes.length === 0 && !name.includes('/') && !isStandard) {
    causes.push(invalid(path, name, 'must be a standard resource type or fully qualified'))
    causes.push(invalid(path, name, 'must be a standard resource for containers'))
  }
  const nanos = parseQuantity(String(value))?.nanos ?? 0n
  if (nanos < 0n) causes.push(invalid(path, value, 'must be greater than or equal to 0'))
  if (name.includes('/') && nanos % 1_000_000_000n !== 0n)
    causes.push(invalid(path, value, 'must be an integer'))
  return causes
}

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep']

function handlerCauses(handler: JsonObject, path: string): Cause[] {
  const given = HANDLERS.filter((key) => handler[key] !== undefined)
  if (given.length === 0) return [required(path, 'must specify a handler type')]
  const causes = given
    .slice(1)
    .map((key) => forbidden(`${path}.${key}`, 'may not specify more than 1 handler type'))
  const exec = handler['exec']
  if (isObject(exec) && !(Array.isArray(exec['command']) && exec['command'].length > 0))
    causes.push(required(`${path}.exec.command`))
  const http = handler['httpGet']
  if (isObject(http)) {
    causes.push(...portNumberOrName(http['port'], `${path}.httpGet.port`))
    const scheme = text(http, 'scheme')
    if (!['HTTP', 'HTTPS'].includes(scheme))
      causes.push(notSupported(`${path}.httpGet.scheme`, scheme, ['HTTP', 'HTTPS']))
    for (const header of items(http, 'httpHeaders'))
      causes.push(...formed(text(header, 'name'), headerName, `${path}.httpGet.httpHeaders`))
  }
  const tcp = handler['tcpSocket']
  if (isObject(tcp)) causes.push(...portNumberOrName(tcp['port'], `${path}.tcpSocket.port`))
  const grpc = handler['grpc']
  if (isObject(grpc)) causes.push(...portNumberOrName(grpc['port'], `${path}.grpc.port`))
  return causes
}

function lifecycleCauses(container: JsonObject, path: string): Cause[] {
  const lifecycle = at(container, 'lifecycle')
  return ['postStart', 'preStop'].flatMap((key) =>
    isObject(lifecycle[key]) ? handlerCauses(lifecycle[key], `${path}.lifecycle.${key}`) : [],
  )
}

function probeCauses(probe: Json | undefined, path: string, name: string): Cause[] {
  if (!isObject(probe)) return []
  const causes = [
    ...handlerCauses(probe, path),
    ...nonNegative(
      probe,
      path,
      'initialDelaySeconds',
      'timeoutSeconds',
      'periodSeconds',
      'successThreshold',
      'failureThreshold',
    ),
  ]
  const grace = number(probe, 'terminationGracePeriodSeconds')
  if (grace !== undefined && name === 'readinessProbe')
    causes.push(
      invalid(
        `${path}.terminationGracePeriodSeconds`,
        grace,
        'must not be set for readinessProbes',
      ),
    )
  else if (grace !== undefined && grace <= 0)
    causes.push(invalid(`${path}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'))
  const success = number(probe, 'successThreshold')
  if (name !== 'readinessProbe' && success !== 1)
    causes.push(invalid(`${path}.successThreshold`, success ?? 0, 'must be 1'))
  return causes
}
