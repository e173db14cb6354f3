import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Cluster, isApiFault } from '../src/object/index.ts'
import { CLUSTERS, objectsIn, root, startCluster, type TestCluster } from './clusters.ts'
import { until } from './kube/kube.ts'

const POLICIES = readFileSync(join(root, 'deploy/components/tenants/policies.yaml'), 'utf8')
const SETTING = `apiVersion: v1
kind: Namespace
metadata: {name: team, labels: {toolkit.fluxcd.io/tenant: team}}
---
apiVersion: v1
kind: Namespace
metadata: {name: platform}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: tenant}
rules: [{apiGroups: [kustomize.toolkit.fluxcd.io, source.toolkit.fluxcd.io, notification.toolkit.fluxcd.io], resources: ['*'], verbs: ['*']}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: tenant}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: tenant}
subjects:
- {kind: User, name: ann, apiGroup: rbac.authorization.k8s.io}
- {kind: ServiceAccount, name: tidegate, namespace: flux-system}
`

interface Case {
  /** A Kustomization unless named. */
  readonly kind?: keyof typeof KINDS
  readonly spec: string
  readonly metadata?: string
  /** As it was before there were policies, or while its namespace was no tenant's. */
  readonly before?: string
  readonly namespace?: string
  /** Absent: it is let through. */
  readonly refused?: RegExp
}

const GOOD = 'serviceAccountName: gitops'

const CASES: Readonly<Record<string, Case>> = {
  'a service account of its own': { spec: GOOD },
  'no service account': { spec: '', refused: /has to name a service account/ },
  'an empty service account': {
    spec: "serviceAccountName: ''",
    refused: /has to name a service account/,
  },
  'an account with a colon': {
    spec: "serviceAccountName: 'platform:gitops'",
    refused: /no name of a service account/,
  },
  'a source of another namespace': {
    spec: `${GOOD}, sourceRef: {kind: GitRepository, name: r, namespace: platform}`,
    refused: /sources are in its own/,
  },
  'a source of its own namespace': {
    spec: `${GOOD}, sourceRef: {kind: GitRepository, name: r, namespace: team}`,
  },
  'a dependency elsewhere': {
    spec: `${GOOD}, dependsOn: [{name: x}, {name: x, namespace: platform}]`,
    refused: /dependencies are in its own/,
  },
  'a target elsewhere': {
    spec: `${GOOD}, targetNamespace: platform`,
    refused: /target namespace is its own/,
  },
  'a health check elsewhere': {
    spec: `${GOOD}, healthChecks: [{kind: Deployment, name: x, namespace: platform}]`,
    refused: /health checks are in its own/,
  },
  'owner labels': {
    spec: `${GOOD}, commonMetadata: {labels: {kustomize.toolkit.fluxcd.io/name: x}}`,
    refused: /owner labels/,
  },
  'anything where no tenant is': { spec: 'targetNamespace: team', namespace: 'platform' },
  'a change to no service account': {
    before: GOOD,
    spec: "serviceAccountName: ''",
    refused: /has to name a service account/,
  },
  'a change to another target': {
    before: GOOD,
    spec: `${GOOD}, targetNamespace: platform`,
    refused: /target namespace is its own/,
  },
  'a change of what was wrong before': {
    before: 'targetNamespace: platform',
    spec: 'targetNamespace: platform, path: other',
    refused: /has to name a service account/,
  },
  'a request to reconcile what was wrong before': {
    before: 'targetNamespace: platform',
    spec: 'targetNamespace: platform',
    metadata: "annotations: {reconcile.fluxcd.io/requestedAt: '1'}",
  },
  'what was wrong made right': { before: 'targetNamespace: platform', spec: GOOD },
  'an end of suspension': { before: `${GOOD}, suspend: true`, spec: `${GOOD}, suspend: false` },
  'a kubeconfig of its own': { spec: `${GOOD}, kubeConfig: {secretRef: {name: remote}}` },
  'a cluster by a ConfigMap': { spec: `${GOOD}, kubeConfig: {configMapRef: {name: remote}}` },
  'an account that is a path': {
    spec: "serviceAccountName: '../../platform/serviceaccounts/gitops'",
    refused: /no name of a service account/,
  },
  'health checks, one of them elsewhere': {
    spec: `${GOOD}, healthChecks: [{kind: Deployment, name: x, namespace: team}, {kind: Deployment, name: x, namespace: platform}]`,
    refused: /health checks are in its own/,
  },
  'labels of its own': { spec: `${GOOD}, commonMetadata: {labels: {team: a}}` },
  'a repository of Git': { kind: 'GitRepository', spec: "url: 'https://git.example.com/x.git'" },
  'Azure DevOps as the controller': {
    kind: 'GitRepository',
    spec: "url: 'https://dev.azure.com/x', provider: azure",
    refused: /logs in to a cloud as a service account/,
  },
  'Azure DevOps as its own account': {
    kind: 'GitRepository',
    spec: "url: 'https://dev.azure.com/x', provider: azure, serviceAccountName: gitops",
  },
  'a registry as the controller': {
    kind: 'OCIRepository',
    spec: "url: 'oci://x.azurecr.io/x', provider: azure",
    refused: /logs in to a cloud as a service account/,
  },
  'a registry as its own account': {
    kind: 'OCIRepository',
    spec: "url: 'oci://x.azurecr.io/x', provider: azure, serviceAccountName: gitops",
  },
  'a registry of nobody': {
    kind: 'OCIRepository',
    spec: "url: 'oci://ghcr.io/x', provider: generic",
  },
  'a bucket as the controller': {
    kind: 'Bucket',
    spec: 'bucketName: b, endpoint: s3.amazonaws.com, provider: aws',
    refused: /logs in to a cloud as a service account/,
  },
  'a bucket by a Secret': {
    kind: 'Bucket',
    spec: 'bucketName: b, endpoint: s3.amazonaws.com, provider: aws, secretRef: {name: keys}',
  },
  'a bucket changed to be the controller': {
    kind: 'Bucket',
    before: 'bucketName: b, endpoint: s3.amazonaws.com, provider: aws, serviceAccountName: gitops',
    spec: 'bucketName: b, endpoint: s3.amazonaws.com, provider: aws',
    refused: /logs in to a cloud as a service account/,
  },
  'a webhook for its own sources': {
    kind: 'Receiver',
    spec: 'type: generic, secretRef: {name: t}, resources: [{kind: GitRepository, name: x}]',
  },
  'a webhook for sources elsewhere': {
    kind: 'Receiver',
    spec: 'type: generic, secretRef: {name: t}, resources: [{kind: GitRepository, name: x, namespace: platform}]',
    refused: /webhooks wake what is in its own namespace/,
  },
}

describe.each(CLUSTERS)('admission policies for tenants on %s', (name) => {
  let cluster: TestCluster
  let ann: Cluster
  let probes = 0

  beforeAll(async () => {
    cluster = await startCluster(name)
    await cluster.apply([...objectsIn(SETTING), ...objectsIn(POLICIES)])
    ann = cluster.cluster.as({ user: 'ann', groups: ['system:authenticated'] })
    await policiesCount()
  }, 300_000)
  afterAll(() => cluster.close())

  test.each(Object.entries(CASES))('%s', async (reason, each) => {
    const name = reason.toLowerCase().replaceAll(/[^a-z]+/g, '-')
    if (each.before !== undefined) await wasThere(name, { ...each, spec: each.before })
    const refusal = await tryApply(ann, name, each)
    if (each.refused === undefined) expect(refusal).toBe('')
    else expect(refusal).toMatch(each.refused)
  })

  /** A policy counts a moment after it was made; what was there before is let through. */
  async function policiesCount(): Promise<void> {
    const isRefused = async (): Promise<boolean> => {
      probes += 1
      return (await tryApply(ann, `probe-${probes}`, { spec: '' })) !== ''
    }
    await until('the policy', 60_000, isRefused)
  }

  /** The namespace is no tenant's while the object is made. */
  async function wasThere(name: string, each: Case): Promise<void> {
    const ref = { group: '', version: 'v1', kind: 'Namespace', namespace: '', name: 'team' }
    const label = (value: string | null): Promise<unknown> =>
      cluster.cluster.patch(ref, {
        type: 'merge',
        value: { metadata: { labels: { 'toolkit.fluxcd.io/tenant': value } } },
      })
    await label(null)
    // The policies see the label of a namespace a moment later.
    await until('no policy', 20_000, async () => (await tryApply(ann, name, each)) === '')
    await label('team')
    await policiesCount()
  }

  test('what is being deleted still may not change what it does', async () => {
    const name = 'ending'
    await wasThere(name, { spec: GOOD, metadata: "finalizers: ['example.com/hold']" })
    await ann.delete({ ...KIND, version: 'v1', namespace: 'team', name })
    const change = { spec: 'targetNamespace: platform' }
    expect(await tryApply(ann, name, change)).toMatch(/has to name a service account/)
    const ref = { ...KIND, version: 'v1', namespace: 'team', name }
    await ann.patch(ref, { type: 'merge', value: { metadata: { finalizers: null } } })
    const left = await cluster.cluster.list(KIND, { namespace: 'team' })
    expect(left.items.map(({ metadata }) => metadata.name)).not.toContain(name)
  })

  test('a status is written by the controllers alone', async () => {
    const ref = { ...KIND, version: 'v1', namespace: 'team', name: 'a-service-account-of-its-own' }
    const value = { status: { lastAppliedRevision: 'forged' } }
    const write = (who: Cluster): Promise<string> =>
      told(() => who.patch(ref, { type: 'merge', value }, { subresource: 'status' }))
    expect(await write(ann)).toMatch(/statuses are written by the controllers alone/)
    const controller = cluster.cluster.as({
      user: 'system:serviceaccount:flux-system:tidegate',
      groups: [
        'system:serviceaccounts',
        'system:serviceaccounts:flux-system',
        'system:authenticated',
      ],
    })
    expect(await write(controller)).toBe('')
  })
})

const KINDS = {
  Kustomization: 'kustomize.toolkit.fluxcd.io',
  GitRepository: 'source.toolkit.fluxcd.io',
  OCIRepository: 'source.toolkit.fluxcd.io',
  Bucket: 'source.toolkit.fluxcd.io',
  Receiver: 'notification.toolkit.fluxcd.io',
} as const
const KIND = { group: KINDS.Kustomization, kind: 'Kustomization' }

function tryApply(who: Cluster, name: string, each: Case): Promise<string> {
  const { kind = 'Kustomization', namespace = 'team', spec, metadata = '' } = each
  const source = spec.includes('sourceRef') ? '' : 'sourceRef: {kind: GitRepository, name: r}, '
  const own = kind === 'Kustomization' ? `prune: true, ${source}` : ''
  const text = `apiVersion: ${KINDS[kind]}/v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: ${namespace}, ${metadata}}\nspec: {interval: 1h, ${own}${spec}}\n`
  const [value] = objectsIn(text)
  if (value === undefined) throw new Error('no object')
  const ref = { group: KINDS[kind], kind, version: 'v1', namespace, name }
  return told(() => who.patch(ref, { type: 'apply', value, force: true }, { fieldManager: 'ann' }))
}

async function told(work: () => Promise<unknown>): Promise<string> {
  try {
    await work()
    return ''
  } catch (error) {
    if (isApiFault(error)) return error.message
    throw error
  }
}
