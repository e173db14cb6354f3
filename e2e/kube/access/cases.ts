import { seededRandom } from '../../../src/base/index.ts'
import type { Json, JsonObject } from '../../../src/object/index.ts'
import type { AdmissionCase, Step } from '../admission/play.ts'

const RBAC = '/apis/rbac.authorization.k8s.io/v1'
const RBAC_GROUP = 'rbac.authorization.k8s.io'

/** Chance that comes out the same each time. */
class Dice {
  readonly #random: ReturnType<typeof seededRandom>

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  below(count: number): number {
    return Math.floor(this.#random.next() * count)
  }

  one<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }

  some<T>(list: readonly T[], most: number): T[] {
    return [...new Set(Array.from({ length: 1 + this.below(most) }, () => this.one(list)))]
  }
}

const VERBS = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
  '*',
  'use',
  'bind',
  'escalate',
  'impersonate',
]
const RESOURCES = [
  'pods',
  'pods/log',
  'pods/exec',
  'pods/*',
  '*/status',
  '*/scale',
  'secrets',
  'configmaps',
  'deployments',
  'deployments/scale',
  '*',
  'roles',
  'nodes',
  'nonsense',
]
const GROUPS = ['', 'apps', '*', 'rbac.authorization.k8s.io', 'example.org']
const PATHS = ['/healthz', '/metrics', '/api', '/apis/*', '/logs/*', '*', '/version/']
const USERS = ['ann-{ns}', 'bob-{ns}', 'system:serviceaccount:{ns}:robot', 'system:anonymous']
const TEAMS = ['devs-{ns}', 'ops-{ns}', 'system:authenticated', 'system:serviceaccounts:{ns}']

function rule(dice: Dice): JsonObject {
  if (dice.below(6) === 0)
    return { verbs: dice.some(['get', 'post', '*'], 2), nonResourceURLs: dice.some(PATHS, 2) }
  return {
    verbs: dice.some(VERBS, 3),
    apiGroups: dice.some(GROUPS, 2),
    resources: dice.some(RESOURCES, 3),
    ...(dice.below(4) === 0 ? { resourceNames: dice.some(['a', 'b', 'robot'], 2) } : {}),
  }
}

function plainRule(dice: Dice): JsonObject {
  const { nonResourceURLs: _, ...rest } = rule(dice)
  return { apiGroups: [''], resources: ['pods'], ...rest }
}

function subject(dice: Dice): JsonObject {
  // What everybody may do would show in the other cases.
  const sort = dice.below(3)
  if (sort === 0) return { kind: 'User', apiGroup: RBAC_GROUP, name: dice.one(USERS.slice(0, 3)) }
  if (sort === 1) return { kind: 'Group', apiGroup: RBAC_GROUP, name: dice.one(TEAMS.slice(0, 2)) }
  return { kind: 'ServiceAccount', name: 'robot', namespace: '{ns}' }
}

const post = (path: string, body: JsonObject): Step => ({ method: 'POST', path, body })
const named = (kind: string, name: string, more: JsonObject): JsonObject => ({
  apiVersion: `${RBAC_GROUP}/v1`,
  kind,
  metadata: { name },
  ...more,
})

function setupOf(dice: Dice): Step[] {
  const steps: Step[] = []
  const roles = 4
  for (let i = 0; i < roles; i += 1) {
    const name = `{ns}-c${i}`
    const rules = Array.from({ length: 1 + dice.below(3) }, () => rule(dice)) as Json[]
    const labels = dice.below(2) === 0 ? { [`{ns}-agg`]: 'true' } : {}
    steps.push(
      post(`${RBAC}/clusterroles`, {
        ...named('ClusterRole', name, { rules }),
        metadata: { name, labels },
      }),
    )
    const own = Array.from({ length: 1 + dice.below(3) }, () => plainRule(dice)) as Json[]
    steps.push(post(`${RBAC}/namespaces/{ns}/roles`, named('Role', `r${i}`, { rules: own })))
  }
  for (let i = 0; i < 5; i += 1) {
    const roleRef = {
      apiGroup: RBAC_GROUP,
      kind: 'ClusterRole',
      name: `{ns}-c${dice.below(roles)}`,
    }
    const subjects = [subject(dice), subject(dice)]
    if (dice.below(2) === 0)
      steps.push(
        post(
          `${RBAC}/clusterrolebindings`,
          named('ClusterRoleBinding', `{ns}-b${i}`, { roleRef, subjects }),
        ),
      )
    const local =
      dice.below(2) === 0 ? roleRef : { ...roleRef, kind: 'Role', name: `r${dice.below(roles)}` }
    steps.push(
      post(
        `${RBAC}/namespaces/{ns}/rolebindings`,
        named('RoleBinding', `b${i}`, { roleRef: local, subjects: [subject(dice)] }),
      ),
    )
  }
  // One that leads nowhere; of several the real server tells in any order.
  const nowhere = { apiGroup: RBAC_GROUP, kind: dice.one(['Role', 'ClusterRole']), name: 'gone' }
  const subjects = [subject(dice)]
  const binding = named('RoleBinding', 'gone', { roleRef: nowhere, subjects })
  return [...steps, post(`${RBAC}/namespaces/{ns}/rolebindings`, binding)]
}

function acting(dice: Dice): Readonly<Record<string, string | string[]>> {
  const user = dice.one(USERS)
  const groups = dice.some(TEAMS, 2)
  return {
    'impersonate-user': user,
    ...(dice.below(3) === 0 ? {} : { 'impersonate-group': groups }),
    ...(dice.below(4) === 0 ? { 'impersonate-uid': 'u-1' } : {}),
    ...(dice.below(4) === 0 ? { 'impersonate-extra-scopes': ['view', 'edit'] } : {}),
  }
}

const CORE = '/api/v1/namespaces/{ns}'
const MERGE = 'application/merge-patch+json'

function requests(dice: Dice): Step {
  const name = dice.one(['a', 'b'])
  const review = (kind: string, spec: JsonObject): Step =>
    post(`/apis/authorization.k8s.io/v1/${kind.toLowerCase()}s`, {
      apiVersion: 'authorization.k8s.io/v1',
      kind,
      spec,
    })
  const attributes = {
    namespace: dice.one(['{ns}', 'default', '']),
    verb: dice.one(VERBS),
    group: dice.one(GROUPS),
    resource: dice.one(['pods', 'secrets', 'deployments', 'nodes', '*']),
    ...(dice.below(3) === 0 ? { subresource: dice.one(['log', 'status', 'scale']) } : {}),
    ...(dice.below(3) === 0 ? { name } : {}),
  }
  const choices: readonly (() => Step)[] = [
    () => ({ method: 'GET', path: `${CORE}/pods/${name}` }),
    () => ({ method: 'GET', path: `${CORE}/${dice.one(['secrets', 'configmaps', 'pods'])}` }),
    () => ({
      method: 'GET',
      path: `/api/v1/${dice.one(['secrets', 'nodes', 'nodes/a', 'namespaces/{ns}'])}`,
    }),
    () => ({ method: 'GET', path: `${CORE}/pods/${name}/log` }),
    () => ({ method: 'POST', path: `${CORE}/pods/${name}/exec?command=ls` }),
    () => ({
      method: 'PATCH',
      path: `/apis/apps/v1/namespaces/{ns}/deployments/${name}/scale`,
      type: MERGE,
      body: {},
    }),
    () => ({
      method: 'PATCH',
      path: `/apis/apps/v1/namespaces/{ns}/deployments/${name}/status`,
      type: MERGE,
      body: {},
    }),
    () => ({
      method: 'POST',
      path: `${CORE}/configmaps?dryRun=All`,
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } },
    }),
    () => ({ method: 'DELETE', path: `${CORE}/configmaps/${name}` }),
    () => ({ method: 'DELETE', path: `${CORE}/secrets` }),
    () => ({
      method: 'GET',
      path: dice.one([
        '/healthz',
        '/metrics/none',
        '/logs/x',
        '/version',
        '/apis/apps',
        '/apis/batch/v1',
        '/nonsense',
        '/openapi/v2/x',
      ]),
    }),
    () => ({
      method: 'PATCH',
      path: `${CORE}/configmaps/${name}?fieldManager=f`,
      type: 'application/apply-patch+yaml',
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } },
    }),
    () => review('SelfSubjectAccessReview', { resourceAttributes: attributes }),
    () =>
      review('SelfSubjectAccessReview', {
        nonResourceAttributes: {
          path: dice.one(['/healthz', '/apis/x', '/logs/']),
          verb: dice.one(['get', 'post']),
        },
      }),
    () =>
      review('SubjectAccessReview', {
        user: dice.one(USERS),
        groups: dice.some(TEAMS, 2),
        resourceAttributes: attributes,
      }),
    () =>
      post(
        `${RBAC}/namespaces/{ns}/roles?dryRun=All`,
        named('Role', 'new', { rules: [plainRule(dice)] }),
      ),
    () =>
      post(`${RBAC}/clusterroles?dryRun=All`, named('ClusterRole', 'new', { rules: [rule(dice)] })),
    () =>
      post(
        `${RBAC}/namespaces/{ns}/rolebindings?dryRun=All`,
        named('RoleBinding', 'new', {
          roleRef: {
            apiGroup: RBAC_GROUP,
            kind: dice.one(['Role', 'ClusterRole']),
            name: dice.one(['r0', '{ns}-c1', 'view', 'none']),
          },
          subjects: [subject(dice)],
        }),
      ),
    () => ({
      method: 'PATCH',
      path: `${RBAC}/namespaces/{ns}/roles/r1?dryRun=All`,
      type: MERGE,
      body: { rules: [plainRule(dice)] },
    }),
    () =>
      post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'SelfSubjectReview',
      }),
    () =>
      post(`${CORE}/serviceaccounts/robot/token`, {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: {},
      }),
  ]
  return dice.one(choices)()
}

/** Roles and bindings by chance, and what users then may. */
export function accessCase(seed: number): AdmissionCase {
  const dice = new Dice(seed)
  const setup = [
    post(`${CORE}/serviceaccounts`, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'robot' },
    }),
    ...setupOf(dice),
  ]
  const steps = Array.from({ length: 40 }, (): Step => {
    const headers = acting(dice)
    return { ...requests(dice), headers }
  })
  return { name: `access-${seed}`, setup: () => setup, steps }
}

export const ACCESS_CASES: readonly AdmissionCase[] = Array.from({ length: 10 }, (_, i) =>
  accessCase(i + 1),
)
