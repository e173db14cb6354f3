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
rules: [{apiGroups: [kustomize.toolkit.fluxcd.io, source.toolkit.fluxcd.io], resources: ['*'], verbs: ['*']}]
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
  readonly spec: string
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
}

describe.each(CLUSTERS)('admission policies for tenants on %s', (name) => {
  let cluster: TestCluster
  let ann: Cluster

  beforeAll(async () => {
    cluster = await startCluster(name)
    await cluster.apply([...objectsIn(SETTING), ...objectsIn(POLICIES)])
    ann = cluster.cluster.as({ user: 'ann', groups: ['system:authenticated'] })
    // A policy counts a moment after it was made.
    await until(
      'the policy',
      60_000,
      async () => (await tryApply(ann, 'probe', { spec: '' })) !== '',
    )
  }, 300_000)
  afterAll(() => cluster.close())

  test.each(Object.entries(CASES))('%s', async (reason, each) => {
    const refusal = await tryApply(ann, reason.replaceAll(' ', '-'), each)
    if (each.refused === undefined) expect(refusal).toBe('')
    else expect(refusal).toMatch(each.refused)
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

const KIND = { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization' }

function tryApply(who: Cluster, name: string, { spec, namespace = 'team' }: Case): Promise<string> {
  const source = spec.includes('sourceRef') ? '' : 'sourceRef: {kind: GitRepository, name: r}, '
  const text = `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: {interval: 1h, prune: true, ${source}${spec}}\n`
  const [value] = objectsIn(text)
  if (value === undefined) throw new Error('no object')
  const ref = { ...KIND, version: 'v1', namespace, name }
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
