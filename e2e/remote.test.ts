import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isApiFault, type KubeObject } from '../src/object/index.ts'
import { CLUSTERS, objectsIn, START_MS } from './clusters.ts'
import { startReplica, startTeam, type Team } from './replicas.ts'

const ISSUER = 'https://kubernetes.default.svc'
const PATIENCE_MS = 60_000

/** A tenant: an account that may do all in its namespace, and act as itself elsewhere. */
function tenant(namespace: string): string {
  const binding = (name: string, role: string, kind: string): string =>
    `---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: ${name}, namespace: ${namespace}}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ${kind}, name: ${role}}\nsubjects: [{kind: ServiceAccount, name: gitops, namespace: ${namespace}}]\n`
  return `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${namespace}}\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: gitops, namespace: ${namespace}}\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: reader, namespace: ${namespace}}\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: self, namespace: ${namespace}}\nrules: [{apiGroups: [''], resources: [serviceaccounts], resourceNames: [gitops], verbs: [impersonate]}]\n${binding('admin', 'admin', 'ClusterRole')}${binding('self', 'self', 'Role')}`
}

interface Case {
  /** Data of the ConfigMap that the Kustomization names, beside address and certificate. */
  readonly data?: string
  /** Where the object is to be written. */
  readonly target: string
  /** Where the Kustomization is. */
  readonly namespace?: string
  /** The end of its message; absent: the object is there. */
  readonly refused?: RegExp
}

const CASES: Readonly<Record<string, Case>> = {
  own: { target: 'tenant-a' },
  named: { target: 'tenant-a', data: 'serviceAccountName: gitops' },
  foreign: {
    target: 'tenant-b',
    refused:
      /forbidden: User "system:serviceaccount:tenant-a:gitops" cannot patch resource "configmaps"/,
  },
  reader: {
    target: 'tenant-a',
    data: 'serviceAccountName: reader',
    refused: /cannot impersonate resource "serviceaccounts"|forbidden/,
  },
  nobody: {
    target: 'tenant-a',
    data: 'serviceAccountName: nobody',
    refused:
      /failed to get access token for cluster: failed to get service account 'tenant-a\/nobody': serviceaccounts "nobody" not found/,
  },
  bare: {
    target: 'bare',
    namespace: 'bare',
    refused:
      /failed to get service account 'bare\/gitops': the specified default service account does not exist in the object namespace/,
  },
  audience: {
    target: 'tenant-a',
    data: "audiences: 'https://elsewhere.example.com'",
    refused: /Unauthorized|unauthorized|the server has asked for the client to provide credentials/,
  },
}

describe.each(CLUSTERS)('a remote cluster that trusts tokens of this one, %s', (name) => {
  let team: Team
  let address = ''
  let ca = ''
  const log = (): string => team.replicas.map((replica) => replica.log()).join('\n')

  beforeAll(async () => {
    team = await startTeam(name)
    const { cluster, git, replicas } = team
    ;({ address, ca } = await cluster.secure())
    await cluster.apply([
      ...objectsIn(tenant('tenant-a')),
      ...objectsIn(tenant('tenant-b')),
      ...objectsIn('apiVersion: v1\nkind: Namespace\nmetadata: {name: bare}\n'),
    ])
    const repository = git.repository('tenant')
    const files = Object.fromEntries(
      Object.entries(CASES).map(([key, { target }]) => [
        `${key}/a.yaml`,
        `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${key}, namespace: ${target}}\n`,
      ]),
    )
    repository.setRef('refs/heads/main', repository.commit({ files, message: 'Remote' }))
    for (const [key, each] of Object.entries(CASES)) await cluster.apply(objectsOf(key, each))
    replicas.push(
      await startReplica(cluster, 'remote', [
        '--no-cross-namespace-refs',
        '--no-remote-bases',
        '--default-service-account=gitops',
        '--default-kubeconfig-service-account=gitops',
        '--default-decryption-service-account=gitops',
        '--feature-gates=ObjectLevelWorkloadIdentity=true',
        '--log-level=trace',
        `--audit-file=${join(cluster.dir, 'audit.jsonl')}`,
      ]),
    )
  }, START_MS)
  afterAll(() => team.close())

  function objectsOf(key: string, { data, namespace = 'tenant-a' }: Case): KubeObject[] {
    const audiences = data?.includes('audiences') === true ? '' : `, audiences: '${ISSUER}'`
    const more = data === undefined ? '' : `, ${data}`
    return objectsIn(`apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: repo, namespace: ${namespace}}
spec: {interval: 1h, url: '${team.git.url}/plain/tenant.git', ref: {branch: main}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: cluster-${key}, namespace: ${namespace}}
data: {provider: generic, address: '${address}', ca.crt: ${JSON.stringify(ca)}${audiences}${more}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${key}, namespace: ${namespace}}
spec:
  interval: 1h
  prune: true
  path: ${key}
  sourceRef: {kind: GitRepository, name: repo}
  kubeConfig: {configMapRef: {name: cluster-${key}}}
`)
  }

  async function find(
    kind: string,
    namespace: string,
    object: string,
  ): Promise<KubeObject | undefined> {
    const group = kind === 'Kustomization' ? 'kustomize.toolkit.fluxcd.io' : ''
    try {
      return await team.cluster.cluster.get({ group, kind, namespace, name: object })
    } catch (error) {
      if (isApiFault(error, 'NOT_FOUND')) return undefined
      throw error
    }
  }

  const ready = async (key: string, namespace: string): Promise<string> => {
    const object = await find('Kustomization', namespace, key)
    const { conditions = [] } = (object?.['status'] ?? {}) as {
      conditions?: readonly { type: string; status: string; message: string }[]
    }
    const found = conditions.find(({ type }) => type === 'Ready')
    return `${found?.status} ${found?.message}`
  }

  test.each(Object.entries(CASES))(
    '%s',
    async (key, { target, namespace = 'tenant-a', refused }) => {
      const want = refused ?? /^True /
      await expect
        .poll(() => ready(key, namespace), { timeout: PATIENCE_MS, interval: 200 })
        .toMatch(want)
      const made = await find('ConfigMap', target, key)
      expect(made === undefined).toBe(refused !== undefined)
    },
  )

  test('tokens are kept and counted, and shown nowhere', async () => {
    const [replica] = team.replicas
    const metrics = await (await fetch(`http://${replica?.metrics}/metrics`)).text()
    expect(metrics).toMatch(
      /gotk_token_cache_events_total\{event_type="cache_\w+",kind="Kustomization",name="own",namespace="tenant-a",operation="fetch_kubeconfig"\} \d/,
    )
    const audit = readFileSync(join(team.cluster.dir, 'audit.jsonl'), 'utf8')
    expect(audit).toContain('"cluster":"kubeConfig/cluster-own"')
    for (const text of [log(), audit, metrics]) expect(text).not.toMatch(/eyJ[\w-]{20,}\.eyJ/)
  })
})
