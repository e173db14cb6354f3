import { expect, test } from 'vitest'
import { isArray, type Json, type JsonObject, valueAt } from '../../src/object/index.ts'
import { type Bench, bench } from './kit.ts'

function workload(kind: string, more: { spec?: string; note?: string } = {}): string {
  return `
apiVersion: apps/v1
kind: ${kind}
metadata:
  name: app
  ${more.note === undefined ? '' : `annotations: {tidegate.dev/simulate: ${more.note}}`}
spec:
  ${more.spec ?? ''}
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec: {containers: [{name: web, image: "nginx:1"}]}
`
}

const JOB = (note = ''): string => `
apiVersion: batch/v1
kind: Job
metadata: {name: job}
spec:
  backoffLimit: 0
  template:
    ${note === '' ? '' : `metadata: {annotations: {tidegate.dev/simulate: ${note}}}`}
    spec: {restartPolicy: Never, containers: [{name: c, image: i}]}
`

async function statusOf(of: Bench, path: string): Promise<JsonObject> {
  return (await of.ask('GET', path))['status'] as JsonObject
}

function conditions(status: JsonObject): Record<string, string> {
  const list = status['conditions']
  const found = (isArray(list) ? list : []).map((each): [string, string] => [
    String(valueAt(each, 'type')),
    `${String(valueAt(each, 'status'))} ${String(valueAt(each, 'reason') ?? '')}`.trim(),
  ])
  return Object.fromEntries(found)
}

const APPS = '/apis/apps/v1/namespaces/default'
const CORE = '/api/v1/namespaces/default'

const CASES: Record<
  string,
  {
    reason: string
    given: string
    at: string
    want: { readonly status: JsonObject; readonly conditions?: Record<string, string> }
  }
> = {
  deployment: {
    reason: 'a Deployment becomes available through a ReplicaSet and its pods',
    given: workload('Deployment', { spec: 'replicas: 2' }),
    at: `${APPS}/deployments/app`,
    want: {
      status: { replicas: 2, readyReplicas: 2, availableReplicas: 2, updatedReplicas: 2 },
      conditions: {
        Available: 'True MinimumReplicasAvailable',
        Progressing: 'True NewReplicaSetAvailable',
      },
    },
  },
  'deployment of none': {
    reason: 'zero replicas are complete at once',
    given: workload('Deployment', { spec: 'replicas: 0' }),
    at: `${APPS}/deployments/app`,
    want: {
      status: { observedGeneration: 1, replicas: undefined },
      conditions: {
        Available: 'True MinimumReplicasAvailable',
        Progressing: 'True NewReplicaSetAvailable',
      },
    },
  },
  'image that cannot be pulled': {
    reason: 'an annotation makes the rollout hang',
    given: workload('Deployment', { note: 'image-pull' }),
    at: `${APPS}/deployments/app`,
    want: {
      status: { replicas: 1, unavailableReplicas: 1, readyReplicas: undefined },
      conditions: {
        Available: 'False MinimumReplicasUnavailable',
        Progressing: 'True ReplicaSetUpdated',
      },
    },
  },
  'stateful set': {
    reason: 'pods come one after another, each with its claim',
    given: workload('StatefulSet', {
      spec: `replicas: 2
  serviceName: app
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}`,
    }),
    at: `${APPS}/statefulsets/app`,
    want: {
      status: { replicas: 2, readyReplicas: 2, availableReplicas: 2, currentReplicas: 2 },
    },
  },
  'daemon set': {
    reason: 'one pod on the one node',
    given: workload('DaemonSet'),
    at: `${APPS}/daemonsets/app`,
    want: { status: { desiredNumberScheduled: 1, numberReady: 1, numberAvailable: 1 } },
  },
  job: {
    reason: 'a Job completes',
    given: JOB(),
    at: '/apis/batch/v1/namespaces/default/jobs/job',
    want: {
      status: { succeeded: 1, active: undefined },
      conditions: {
        SuccessCriteriaMet: 'True CompletionsReached',
        Complete: 'True CompletionsReached',
      },
    },
  },
  'job that fails': {
    reason: 'an annotation of the template makes it fail',
    given: JOB('job-fails'),
    at: '/apis/batch/v1/namespaces/default/jobs/job',
    want: {
      status: { failed: 1, succeeded: undefined },
      conditions: {
        FailureTarget: 'True BackoffLimitExceeded',
        Failed: 'True BackoffLimitExceeded',
      },
    },
  },
  'load balancer': {
    reason: 'a Service of type LoadBalancer gets an address',
    given:
      'apiVersion: v1\nkind: Service\nmetadata: {name: lb}\nspec: {type: LoadBalancer, ports: [{port: 80}]}',
    at: `${CORE}/services/lb`,
    want: { status: { loadBalancer: { ingress: [{ ip: '192.0.2.10', ipMode: 'VIP' }] } } },
  },
}

test.each(Object.entries(CASES))('%s', async (_, { reason, given, at, want }) => {
  const server = bench()
  await server.apply(given)
  await server.clock.advance(5000)
  const status = await statusOf(server, at)
  for (const [key, value] of Object.entries(want.status)) expect(status[key], reason).toEqual(value)
  if (want.conditions !== undefined) expect(conditions(status), reason).toEqual(want.conditions)
  server.close()
})

test('a new template rolls out through a second ReplicaSet, the first goes to zero', async () => {
  const server = bench()
  await server.apply(workload('Deployment', { spec: 'replicas: 3' }))
  await server.clock.advance(3000)
  await server.apply(workload('Deployment', { spec: 'replicas: 3' }).replace('nginx:1', 'nginx:2'))
  await server.clock.advance(10_000)
  const sets = (await server.ask('GET', `${APPS}/replicasets`))['items'] as readonly Json[]
  expect(sets.map((set) => Number(valueAt(set, 'spec', 'replicas'))).sort((a, b) => a - b)).toEqual(
    [0, 3],
  )
  const live = await server.ask('GET', `${APPS}/deployments/app`)
  expect(valueAt(live, 'metadata', 'annotations', 'deployment.kubernetes.io/revision')).toBe('2')
  expect(valueAt(live, 'status', 'updatedReplicas')).toBe(3)
  expect(valueAt(live, 'status', 'replicas')).toBe(3)
  server.close()
})

test('a rollout that hangs runs into its deadline', async () => {
  const server = bench()
  const spec = 'progressDeadlineSeconds: 10'
  await server.apply(workload('Deployment', { spec, note: 'crash-loop' }))
  await server.clock.advance(20_000)
  const status = await statusOf(server, `${APPS}/deployments/app`)
  expect(conditions(status)['Progressing']).toBe('False ProgressDeadlineExceeded')
  server.close()
})

test('an owner takes its dependents with it, in the foreground after them, or leaves them', async () => {
  const server = bench()
  const count = async (): Promise<number> =>
    ((await server.ask('GET', `${APPS}/replicasets`))['items'] as readonly Json[]).length
  const drop = async (policy: string): Promise<void> => {
    await server.apply(workload('Deployment'))
    await server.clock.advance(2000)
    await server.ask('DELETE', `${APPS}/deployments/app?propagationPolicy=${policy}`)
    await server.clock.advance(2000)
  }
  await drop('Background')
  expect(await count()).toBe(0)
  await drop('Foreground')
  expect(await count()).toBe(0)
  await expect(server.ask('GET', `${APPS}/deployments/app`)).rejects.toThrow(/404/)
  await drop('Orphan')
  expect(await count()).toBe(1)
  // Whoever comes after takes what was left.
  await server.apply(workload('Deployment'))
  await server.clock.advance(2000)
  const again = await server.ask('GET', `${APPS}/deployments/app`)
  const sets = (await server.ask('GET', `${APPS}/replicasets`))['items'] as readonly JsonObject[]
  expect(sets.map((set) => valueAt(set, 'metadata', 'ownerReferences', 0, 'uid'))).toEqual([
    valueAt(again, 'metadata', 'uid'),
  ])
  server.close()
})

test('a namespace goes when what is in it is gone', async () => {
  const server = bench()
  await server.apply('apiVersion: v1\nkind: Namespace\nmetadata: {name: gone}')
  await server.apply(
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept, namespace: gone, finalizers: [x.io/y]}',
  )
  await server.ask('DELETE', '/api/v1/namespaces/gone')
  await server.clock.advance(1000)
  const left = await server.ask('GET', '/api/v1/namespaces/gone')
  expect(valueAt(left, 'status', 'phase')).toBe('Terminating')
  expect(conditions(left['status'] as JsonObject)['NamespaceFinalizersRemaining']).toBe(
    'True SomeFinalizersRemain',
  )
  const config = '/api/v1/namespaces/gone/configmaps/kept'
  await expect(
    server.ask('POST', '/api/v1/namespaces/gone/configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'late' },
    }),
  ).rejects.toThrow(/403 configmaps "late" is forbidden: unable to create new content/)
  await server.ask(
    'PATCH',
    config,
    { metadata: { finalizers: null } },
    'application/merge-patch+json',
  )
  await server.clock.advance(1000)
  await expect(server.ask('GET', '/api/v1/namespaces/gone')).rejects.toThrow(/404/)
  server.close()
})

const STAND_IN = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: certificates.example.com
  annotations: {tidegate.dev/stand-in: "true"}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: certificates, singular: certificate, kind: Certificate, listKind: CertificateList}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`

test('objects of a stand-in kind become ready, again after each change, or never', async () => {
  const server = bench()
  await server.apply(STAND_IN)
  const good = 'apiVersion: example.com/v1\nkind: Certificate\nmetadata: {name: good}\nspec: {a: 1}'
  await server.apply(good)
  await server.apply(
    'apiVersion: example.com/v1\nkind: Certificate\nmetadata: {name: bad, annotations: {tidegate.dev/simulate: never-ready}}',
  )
  await server.clock.advance(1000)
  const at = '/apis/example.com/v1/namespaces/default/certificates'
  expect(conditions(await statusOf(server, `${at}/good`))).toEqual({ Ready: 'True Succeeded' })
  expect(conditions(await statusOf(server, `${at}/bad`))).toEqual({ Ready: 'False Progressing' })
  await server.apply(good.replace('a: 1', 'a: 2'))
  await server.clock.advance(1000)
  expect((await statusOf(server, `${at}/good`))['observedGeneration']).toBe(2)
  expect(await statusOf(server, `${at}/good`)).not.toHaveProperty('lastHandledReconcileAt')
  const asked = 'metadata: {name: good, annotations: {reconcile.fluxcd.io/requestedAt: now}}'
  await server.apply(good.replace('metadata: {name: good}', asked))
  await server.clock.advance(1000)
  expect(await statusOf(server, `${at}/good`)).toMatchObject({ lastHandledReconcileAt: 'now' })
  server.close()
})

test('lifecycles of its own come before those of the server', async () => {
  const server = bench({
    lifecycles: [
      {
        name: 'slow-config',
        kind: 'ConfigMap',
        match: { 'data.go': 'on', 'status.seen': null },
        delayMs: 60_000,
        remove: true,
      },
    ],
  })
  await server.apply('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {go: "on"}')
  await server.clock.advance(59_000)
  await server.ask('GET', `${CORE}/configmaps/a`)
  await server.clock.advance(2000)
  await expect(server.ask('GET', `${CORE}/configmaps/a`)).rejects.toThrow(/404/)
  server.close()
})

test('what controllers do is told by Events, which go after an hour', async () => {
  const server = bench()
  await server.apply(workload('Deployment', { note: 'image-pull' }))
  await server.clock.advance(2000)
  const list = async (): Promise<readonly Json[]> =>
    (await server.ask('GET', `${CORE}/events`))['items'] as readonly Json[]
  const reasons = (await list()).map((each) => String(valueAt(each, 'reason')))
  expect(new Set(reasons)).toEqual(
    new Set(['ScalingReplicaSet', 'SuccessfulCreate', 'Scheduled', 'Failed']),
  )
  await server.clock.advance(61 * 60_000)
  expect(await list()).toEqual([])
  server.close()
})

test('a quota counts what is there and refuses what goes over it', async () => {
  const server = bench()
  await server.apply(
    'apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q}\nspec: {hard: {configmaps: "2", requests.cpu: "1"}}',
  )
  await server.clock.advance(10)
  const map = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}`
  await server.apply(map('one'))
  await expect(server.apply(map('two'))).rejects.toThrow(
    '403 configmaps "two" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=2, limited: configmaps=2',
  )
  const pod =
    'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: i}]}'
  await expect(server.apply(pod)).rejects.toThrow(
    '403 pods "p" is forbidden: failed quota: q: must specify requests.cpu for: c',
  )
  await server.clock.advance(10)
  const status = await statusOf(server, `${CORE}/resourcequotas/q`)
  expect(status['used']).toEqual({ configmaps: '2', 'requests.cpu': '0' })
  server.close()
})

test('a cordoned node takes no pods but those that tolerate it, and all of them later', async () => {
  const server = bench()
  const cordon = (unschedulable: boolean): Promise<JsonObject> =>
    server.ask('PATCH', '/api/v1/nodes/tidegate', { spec: { unschedulable } }, MERGE)
  const pod = (name: string, more = ''): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: c, image: i}]${more}}`
  const phase = async (name: string): Promise<unknown> =>
    (await statusOf(server, `${CORE}/pods/${name}`))['phase']
  await cordon(true)
  await server.apply(pod('plain'))
  await server.apply(pod('tolerant', ', tolerations: [{operator: Exists}]'))
  await server.clock.advance(2000)
  expect([await phase('plain'), await phase('tolerant')]).toEqual(['Pending', 'Running'])
  const [told] = (await statusOf(server, `${CORE}/pods/plain`))['conditions'] as readonly Json[]
  expect(valueAt(told ?? null, 'message')).toMatch(/^0\/1 nodes are available: 1 node\(s\) were /)
  await cordon(false)
  await server.clock.advance(2000)
  expect(await phase('plain')).toBe('Running')
  server.close()
})

const MERGE = 'application/merge-patch+json'
