import { compareText } from '../../base/index.ts'
import { isObject, type JsonObject } from '../../object/index.ts'
import { objectsOf } from './matching.ts'
import {
  addedDetail,
  bad,
  badSeccomp,
  type Check,
  containersOf,
  contextOf,
  isRelaxed,
  many,
  named,
  objectAt,
  procMountDetail,
  quoted,
  setters,
  sorted,
  textAt,
} from './pod-security-parts.ts'

const privileged: Check = (pod) => {
  const containers = bad(pod, (each) => contextOf(each)['privileged'] === true)
  if (containers.length === 0) return undefined
  const detail = `${named(containers)} must not set securityContext.privileged=true`
  return { reason: 'privileged', detail }
}

const hostNamespaces: Check = ({ spec }) => {
  const set = ['hostNetwork', 'hostPID', 'hostIPC'].filter((key) => spec[key] === true)
  if (set.length === 0) return undefined
  return { reason: 'host namespaces', detail: set.map((key) => `${key}=true`).join(', ') }
}

const hostPathVolumes: Check = ({ spec }) => {
  const volumes = objectsOf(spec['volumes'])
    .filter((each) => isObject(each['hostPath']))
    .map((each) => textAt(each, 'name'))
  if (volumes.length === 0) return undefined
  const detail = `${many(volumes.length, 'volume')} ${quoted(volumes)}`
  return { reason: 'hostPath volumes', detail }
}

const hostPorts: Check = (pod) => {
  const portsOf = (container: JsonObject): string[] =>
    objectsOf(container['ports'])
      .map((port) => Number(port['hostPort'] ?? 0))
      .filter((port) => port !== 0)
      .map(String)
  const containers = bad(pod, (each) => portsOf(each).length > 0)
  if (containers.length === 0) return undefined
  const ports = sorted(containersOf(pod).flatMap(portsOf))
  const uses = many(containers.length, 'uses', 'use')
  const detail = `${named(containers)} ${uses} ${many(ports.length, 'hostPort')} ${ports.join(', ')}`
  return { reason: 'hostPort', detail }
}

const hostProbes: Check = (pod, minor) => {
  if (minor < 34) return undefined
  const hostsOf = (container: JsonObject): string[] => {
    const lifecycle = objectAt(container, 'lifecycle')
    const handlers = [
      ...['livenessProbe', 'readinessProbe', 'startupProbe'].map((key) => objectAt(container, key)),
      ...['postStart', 'preStop'].map((key) => objectAt(lifecycle, key)),
    ]
    return handlers
      .flatMap((each) => ['httpGet', 'tcpSocket'].map((key) => textAt(objectAt(each, key), 'host')))
      .filter((host) => host !== '')
  }
  const containers = sorted(bad(pod, (each) => hostsOf(each).length > 0))
  if (containers.length === 0) return undefined
  const hosts = sorted(containersOf(pod).flatMap(hostsOf))
  const uses = many(containers.length, 'uses', 'use')
  const what = many(hosts.length, 'probe or lifecycle host')
  return {
    reason: 'probe or lifecycle host',
    detail: `${named(containers)} ${uses} ${what} ${quoted(hosts)}`,
  }
}

const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/'

const appArmor: Check = (pod) => {
  const typeOf = (part: JsonObject): string | undefined => {
    const profile = contextOf(part)['appArmorProfile']
    const type = isObject(profile) ? textAt(profile, 'type') : undefined
    return type === 'RuntimeDefault' || type === 'Localhost' ? undefined : type
  }
  const own = typeOf(pod.spec)
  const containers = bad(pod, (each) => typeOf(each) !== undefined)
  const types = [own, ...containersOf(pod).map(typeOf)]
  const values = sorted(types.filter((each): each is string => each !== undefined))
  const annotations = Object.entries(pod.annotations)
    .filter(([key, value]) => key.startsWith(APPARMOR) && !isAllowedProfile(String(value)))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .sort(compareText)
  const who = [
    setters(own !== undefined, containers),
    annotations.length > 0 ? many(annotations.length, 'annotation') : '',
  ].filter((each) => each !== '')
  if (who.length === 0) return undefined
  const all = [...values, ...annotations]
  return {
    reason: many(all.length, 'forbidden AppArmor profile'),
    detail: `${who.join(' and ')} must not set AppArmor profile type to ${quoted(all)}`,
  }
}

function isAllowedProfile(value: string): boolean {
  return value === '' || value === 'runtime/default' || value.startsWith('localhost/')
}

const CAPABILITIES = new Set(
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(
    ' ',
  ),
)

const capabilities: Check = (pod) => {
  const detail = addedDetail(pod, (name) => CAPABILITIES.has(name))
  return detail === undefined ? undefined : { reason: 'non-default capabilities', detail }
}

const SELINUX = ['', 'container_t', 'container_init_t', 'container_kvm_t']

const seLinux: Check = (pod, minor) => {
  const allowed = minor >= 31 ? [...SELINUX, 'container_engine_t'] : SELINUX
  const optionsOf = (part: JsonObject): JsonObject => objectAt(contextOf(part), 'seLinuxOptions')
  const isBad = (part: JsonObject): boolean => {
    const options = optionsOf(part)
    const isTyped = !allowed.includes(textAt(options, 'type'))
    return isTyped || textAt(options, 'user') !== '' || textAt(options, 'role') !== ''
  }
  const containers = bad(pod, isBad)
  const who = setters(isBad(pod.spec), containers)
  if (who === '') return undefined
  const all = [pod.spec, ...containersOf(pod)].map(optionsOf)
  const types = sorted(all.map((each) => textAt(each, 'type'))).filter(
    (each) => !allowed.includes(each),
  )
  const what = [
    ...(types.length > 0 ? [`${many(types.length, 'type')} ${quoted(types)}`] : []),
    ...['user', 'role']
      .filter((key) => all.some((each) => textAt(each, key) !== ''))
      .map((key) => `${key} may not be set`),
  ]
  const detail = `${who} set forbidden securityContext.seLinuxOptions: ${what.join('; ')}`
  return { reason: 'seLinuxOptions', detail }
}

const POD_SECCOMP = 'seccomp.security.alpha.kubernetes.io/pod'
const CONTAINER_SECCOMP = 'container.seccomp.security.alpha.kubernetes.io/'

const seccomp: Check = (pod, minor) => {
  if (minor >= 19) return badSeccomp(pod)
  const names = containersOf(pod).map((each) => CONTAINER_SECCOMP + textAt(each, 'name'))
  const found = sorted(
    [POD_SECCOMP, ...names]
      .filter((key) => pod.annotations[key] !== undefined)
      .filter((key) => !isAllowedSeccomp(String(pod.annotations[key])))
      .map((key) => `${key}=${JSON.stringify(pod.annotations[key])}`),
  )
  if (found.length === 0) return undefined
  const detail = `forbidden ${many(found.length, 'annotation')} ${found.join(', ')}`
  return { reason: 'seccompProfile', detail }
}

function isAllowedSeccomp(value: string): boolean {
  const known = value === 'runtime/default' || value === 'docker/default'
  return known || value.startsWith('localhost/')
}

const SYSCTLS: readonly (readonly [since: number, names: readonly string[]])[] = [
  [
    0,
    [
      'kernel.shm_rmid_forced',
      'net.ipv4.ip_local_port_range',
      'net.ipv4.tcp_syncookies',
      'net.ipv4.ping_group_range',
      'net.ipv4.ip_unprivileged_port_start',
    ],
  ],
  [27, ['net.ipv4.ip_local_reserved_ports']],
  [
    29,
    [
      'net.ipv4.tcp_keepalive_time',
      'net.ipv4.tcp_fin_timeout',
      'net.ipv4.tcp_keepalive_intvl',
      'net.ipv4.tcp_keepalive_probes',
    ],
  ],
  [32, ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']],
]

const sysctls: Check = ({ spec }, minor) => {
  const allowed = SYSCTLS.flatMap(([since, names]) => (minor >= since ? names : []))
  const names = objectsOf(contextOf(spec)['sysctls'])
    .map((each) => textAt(each, 'name'))
    .filter((name) => !allowed.includes(name))
  return names.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: names.join(', ') }
}

const hostProcess: Check = (pod) => {
  const is = (part: JsonObject): boolean =>
    objectAt(contextOf(part), 'windowsOptions')['hostProcess'] === true
  const who = setters(is(pod.spec), bad(pod, is))
  if (who === '') return undefined
  const detail = `${who} must not set securityContext.windowsOptions.hostProcess=true`
  return { reason: 'hostProcess', detail }
}

/** The checks of the baseline level, by name. */
export const BASELINE: Readonly<Record<string, Check>> = {
  appArmorProfile: appArmor,
  capabilities_baseline: capabilities,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProbesAndHostLifecycle: hostProbes,
  privileged,
  procMount: (pod, minor) => (isRelaxed(pod, minor) ? undefined : procMountDetail(pod)),
  seLinuxOptions: seLinux,
  seccompProfile_baseline: seccomp,
  sysctls,
  windowsHostProcess: hostProcess,
}
