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
import { containerClaimCauses } from './check-claims.ts'
import {
  deviceCauses,
  initResizeCauses,
  initRestartCauses,
  propagationCauses,
  resizeCauses,
  restartCauses,
  type Volumes,
} from './check-container-more.ts'
import { descending, envCauses, envFromCauses } from './check-env.ts'
import { containerSecurity } from './check-security.ts'
import { duplicate, forbidden, invalid, notFound, notSupported, required } from './field-error.ts'
import { dnsLabel, headerName, portName, qualifiedName } from './names.ts'
import type { Cause } from './refusal.ts'

/** What containers have to know of their pod. */
export interface PodView {
  readonly volumes: Volumes
  readonly restartPolicy: string
  readonly graceSeconds: number | undefined
  /** False: the pod has users of its own. */
  readonly hostUsers: boolean
  /** Names of the claims of devices that the pod has. */
  readonly claims: ReadonlySet<string>
}

const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe']

/** What is wrong with a container. */
export function containerCauses(container: JsonObject, path: string, pod: PodView): Cause[] {
  return [...livelyCauses(container, path, pod), ...restartCauses(container, path)]
}

/** What runs beside the others for as long as they do. */
function livelyCauses(container: JsonObject, path: string, pod: PodView): Cause[] {
  return [
    ...commonCauses(container, path, pod),
    ...lifecycleCauses(container, path, pod),
    ...PROBES.flatMap((name) => probeCauses(container[name], `${path}.${name}`, name)),
  ]
}

/** What is wrong with an init container. */
export function initContainerCauses(container: JsonObject, path: string, pod: PodView): Cause[] {
  const restarts = initRestartCauses(container, path)
  if (text(container, 'restartPolicy') === 'Always')
    return [...livelyCauses(container, path, pod), ...restarts]
  const not = 'may not be set for init containers without restartPolicy=Always'
  return [
    ...restarts,
    ...commonCauses(container, path, pod),
    ...initResizeCauses(container, `${path}.resizePolicy`),
    ...['lifecycle', ...PROBES].flatMap((key) =>
      container[key] === undefined ? [] : [forbidden(`${path}.${key}`, not)],
    ),
  ]
}

const RELIABLE = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  ...PROBES,
  'lifecycle',
]

/** What is wrong with a container for debugging; it can not be relied upon. */
export function ephemeralCauses(
  container: JsonObject,
  path: string,
  pod: PodView,
  others: ReadonlySet<string>,
): Cause[] {
  const causes = commonCauses(container, path, pod)
  const target = text(container, 'targetContainerName')
  if (target !== '' && !others.has(target))
    causes.push(notFound(`${path}.targetContainerName`, target))
  const not = 'cannot be set for an Ephemeral Container'
  for (const key of RELIABLE) {
    const value = container[key]
    const isEmpty = isObject(value) && Object.keys(value).length === 0 && key === 'resources'
    if (value !== undefined && value !== null && !isEmpty)
      causes.push(forbidden(`${path}.${key}`, not))
  }
  for (const [i, mount] of items(container, 'volumeMounts').entries())
    for (const key of ['subPath', 'subPathExpr'])
      if (text(mount, key) !== '') causes.push(forbidden(`${path}.volumeMounts[${i}].${key}`, not))
  return causes
}

function commonCauses(container: JsonObject, path: string, pod: PodView): Cause[] {
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
    ...mountCauses(container, `${path}.volumeMounts`, pod.volumes),
    ...deviceCauses(container, `${path}.volumeDevices`, pod.volumes),
    ...oneOf(
      text(container, 'imagePullPolicy'),
      ['Always', 'IfNotPresent', 'Never'],
      `${path}.imagePullPolicy`,
    ),
    ...resourceCauses(at(container, 'resources'), `${path}.resources`),
    ...containerClaimCauses(at(container, 'resources'), `${path}.resources`, pod.claims),
    ...resizeCauses(container, `${path}.resizePolicy`, pod.restartPolicy),
    ...containerSecurity(
      at(container, 'securityContext'),
      `${path}.securityContext`,
      pod.hostUsers,
    ),
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

function mountCauses(container: JsonObject, path: string, volumes: Volumes): Cause[] {
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
    return [
      ...causes,
      ...besideDevices(mount, at, container),
      ...propagationCauses(container, mount, path),
    ]
  })
}

function besideDevices(mount: JsonObject, path: string, container: JsonObject): Cause[] {
  const devices = items(container, 'volumeDevices')
  const [name, target] = [text(mount, 'name'), text(mount, 'mountPath')]
  const causes: Cause[] = []
  if (devices.some((each) => text(each, 'name') === name))
    causes.push(invalid(`${path}.name`, name, 'must not already exist in volumeDevices'))
  if (devices.some((each) => text(each, 'devicePath') === target))
    causes.push(
      invalid(`${path}.mountPath`, target, 'must not already exist as a path in volumeDevices'),
    )
  return causes
}

const STANDARD = ['cpu', 'memory', 'ephemeral-storage']

/** What is wrong with the resources of a container. */
export function resourceCauses(
  resources: JsonObject,
  path: string,
  amount: typeof amountCauses = amountCauses,
): Cause[] {
  const limits = at(resources, 'limits')
  const requests = at(resources, 'requests')
  const causes: Cause[] = []
  for (const [kind, amounts] of Object.entries({ limits, requests }))
    for (const [name, value] of Object.entries(amounts))
      causes.push(...amount(name, value ?? null, `${path}.${kind}[${name}]`))
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
  const all = [...Object.keys(limits), ...Object.keys(requests)]
  const isHuge = all.some((name) => name.startsWith('hugepages-'))
  if (isHuge && !all.includes('cpu') && !all.includes('memory'))
    causes.push(forbidden(path, 'HugePages require cpu or memory'))
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
  if (!name.includes('/') && !isStandard) {
    if (causes.length === 0)
      causes.push(invalid(path, name, 'must be a standard resource type or fully qualified'))
    causes.push(invalid(path, name, 'must be a standard resource for containers'))
  } else if (isExtended(name) && !isExtendedName(name))
    causes.push(invalid(path, name, "doesn't follow extended resource name standard"))
  return [...causes, ...valueCauses(name, value, path)]
}

/** What is wrong with the amount of a resource itself. */
export function valueCauses(name: string, value: Json, path: string): Cause[] {
  const causes: Cause[] = []
  const nanos = parseQuantity(String(value))?.nanos ?? 0n
  if (nanos < 0n) causes.push(invalid(path, value, 'must be greater than or equal to 0'))
  if (name.includes('/') && nanos % 1_000_000_000n !== 0n)
    causes.push(invalid(path, value, 'must be an integer'))
  return causes
}

/** Resources that are no business of Kubernetes itself. */
function isExtended(name: string): boolean {
  return name.includes('/') && !name.includes('kubernetes.io/')
}

/** Quotas put a word before the name, which has to fit then, too. */
function isExtendedName(name: string): boolean {
  return !name.startsWith('requests.') && qualifiedName(`requests.${name}`).length === 0
}

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep']

function handlerCauses(handler: JsonObject, path: string, graceSeconds?: number): Cause[] {
  const given = HANDLERS.filter((key) => handler[key] !== undefined)
  if (given.length === 0) return [required(path, 'must specify a handler type')]
  const [first = ''] = given
  const causes = given
    .slice(1)
    .map((key) => forbidden(`${path}.${key}`, 'may not specify more than 1 handler type'))
  return [
    ...causes,
    ...handlerOf(first, handler, path),
    ...sleepCauses(first, handler, path, graceSeconds),
  ]
}

/** Of several handlers the first is looked at. */
function handlerOf(kind: string, of: JsonObject, path: string): Cause[] {
  const handler = at(of, kind)
  const place = `${path}.${kind}`
  if (kind === 'exec') {
    const command = handler['command']
    return Array.isArray(command) && command.length > 0 ? [] : [required(`${place}.command`)]
  }
  if (kind === 'httpGet') return httpCauses(handler, place)
  return kind === 'sleep' ? [] : portNumberOrName(handler['port'], `${place}.port`)
}

function httpCauses(http: JsonObject, path: string): Cause[] {
  const scheme = text(http, 'scheme')
  return [
    ...portNumberOrName(http['port'], `${path}.port`),
    ...(['HTTP', 'HTTPS'].includes(scheme)
      ? []
      : [notSupported(`${path}.scheme`, scheme, ['HTTP', 'HTTPS'])]),
    ...items(http, 'httpHeaders').flatMap((header) =>
      formed(text(header, 'name'), headerName, `${path}.httpHeaders`),
    ),
  ]
}

function sleepCauses(
  kind: string,
  handler: JsonObject,
  path: string,
  graceSeconds: number | undefined,
): Cause[] {
  if (kind !== 'sleep' || graceSeconds === undefined) return []
  const seconds = number(at(handler, 'sleep'), 'seconds') ?? 0
  return seconds >= 0 && seconds <= graceSeconds
    ? []
    : [
        invalid(
          `${path}.sleep`,
          seconds,
          `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`,
        ),
      ]
}

function lifecycleCauses(container: JsonObject, path: string, pod: PodView): Cause[] {
  const lifecycle = at(container, 'lifecycle')
  return ['postStart', 'preStop'].flatMap((key) =>
    isObject(lifecycle[key])
      ? handlerCauses(lifecycle[key], `${path}.lifecycle.${key}`, pod.graceSeconds)
      : [],
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
