import { expect } from 'vitest'
import { type Attack, absent, both, configMap, fails } from './attack.ts'

const FORBIDDEN = /cannot|forbidden|is attempting to grant/

function object(
  name: string,
  does: string,
  text: string,
  want: Attack['want'] = fails(FORBIDDEN),
): Attack {
  return { name, does, files: { 'a.yaml': text }, want }
}

function inventory(
  name: string,
  does: string,
  entries: readonly (readonly [string, string])[],
  spec = '',
): Attack {
  const list = entries.map(([id, v]) => `{id: '${id}', v: ${v}}`).join(', ')
  return {
    name,
    does,
    files: { 'a.yaml': configMap(name) },
    ...(spec === '' ? {} : { spec }),
    status: `inventory: {entries: [${list}]}`,
    want: async ({ world }) => {
      expect(await world.get('Secret', 'tenant-b', 'victim')).toBeDefined()
      expect(await world.get('ConfigMap', 'tenant-b', 'victim')).toBeDefined()
      expect(await world.get('ConfigMap', 'tenant-b', 'from-git')).toBeDefined()
      expect(await world.get('Namespace', '', 'tenant-b')).toBeDefined()
    },
  }
}

/** Writes beyond the attacker's namespace, forged owners and forged inventories. */
export const WRITES: readonly Attack[] = [
  object(
    'write-binding',
    'binds itself to cluster-admin',
    'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: write-binding}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}\nsubjects: [{kind: User, name: mallory, apiGroup: rbac.authorization.k8s.io}]\n',
    both(fails(FORBIDDEN), absent('ClusterRoleBinding', '', 'write-binding')),
  ),
  object(
    'write-escalate',
    'binds its namespace to cluster-admin, which is more than it has',
    'apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: write-escalate, namespace: tenant-a}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}\nsubjects: [{kind: User, name: mallory, apiGroup: rbac.authorization.k8s.io}]\n',
    both(fails(FORBIDDEN), absent('RoleBinding', 'tenant-a', 'write-escalate')),
  ),
  object(
    'write-foreign-binding',
    'binds itself in the namespace of another tenant',
    'apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: write-foreign-binding, namespace: tenant-b}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}\nsubjects: [{kind: User, name: mallory, apiGroup: rbac.authorization.k8s.io}]\n',
    both(fails(FORBIDDEN), absent('RoleBinding', 'tenant-b', 'write-foreign-binding')),
  ),
  object(
    'write-namespace',
    'makes a namespace',
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: write-namespace}\n',
    both(fails(FORBIDDEN), absent('Namespace', '', 'write-namespace')),
  ),
  object(
    'write-crd',
    'defines a kind',
    'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: xs.example.com}\nspec:\n  group: example.com\n  scope: Namespaced\n  names: {kind: X, plural: xs, singular: x}\n  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]\n',
    both(fails(FORBIDDEN), absent('CustomResourceDefinition', '', 'xs.example.com')),
  ),
  object(
    'write-webhook',
    'puts a webhook in the way of everybody',
    'apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: write-webhook}\nwebhooks: []\n',
  ),
  object(
    'write-policy',
    'puts an admission policy in the way of everybody',
    'apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: write-policy}\nspec: {validations: [{expression: "false"}], matchConstraints: {resourceRules: []}}\n',
  ),
  object(
    'write-foreign',
    'writes into another namespace',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: write-foreign, namespace: tenant-b}\n',
    both(fails(FORBIDDEN), absent('ConfigMap', 'tenant-b', 'write-foreign')),
  ),
  object(
    'write-victim',
    "overwrites another tenant's ConfigMap",
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: victim, namespace: tenant-b}\ndata: {text: mine}\n',
  ),
  {
    ...object(
      'write-force',
      "recreates another tenant's object by force",
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: victim, namespace: tenant-b, annotations: {kustomize.toolkit.fluxcd.io/force: enabled}}\nimmutable: true\n',
    ),
    spec: 'force: true',
  },
  object(
    'write-annotate',
    "switches the pruning of another tenant's object off",
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-git, namespace: tenant-b, annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}}\n',
  ),
  object(
    'write-foreign-kustomization',
    'makes a Kustomization in another namespace',
    'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: write-foreign-kustomization, namespace: tenant-b}\nspec: {interval: 1h, prune: true, sourceRef: {kind: GitRepository, name: victim}}\n',
    both(fails(FORBIDDEN), absent('Kustomization', 'tenant-b', 'write-foreign-kustomization')),
  ),
  object(
    'write-list',
    'hides an object for another namespace in a List',
    'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: write-list, namespace: tenant-b}\n',
    both(fails(FORBIDDEN), absent('ConfigMap', 'tenant-b', 'write-list')),
  ),
  object(
    'write-token',
    'has a token made for an account of another namespace',
    'apiVersion: v1\nkind: Secret\ntype: kubernetes.io/service-account-token\nmetadata: {name: write-token, namespace: tenant-b, annotations: {kubernetes.io/service-account.name: gitops}}\n',
  ),
  {
    name: 'write-target',
    does: 'moves its objects by targetNamespace',
    files: { 'a.yaml': configMap('write-target') },
    spec: 'targetNamespace: tenant-b',
    want: both(fails(FORBIDDEN), absent('ConfigMap', 'tenant-b', 'write-target')),
  },
  {
    name: 'write-patch',
    does: 'moves its objects by a patch of the spec',
    files: { 'a.yaml': configMap('write-patch', 'data: {a: b}') },
    spec: `patches: [{target: {kind: ConfigMap}, patch: '[{"op":"add","path":"/metadata/namespace","value":"tenant-b"}]'}]`,
    want: both(fails(FORBIDDEN), absent('ConfigMap', 'tenant-b', 'write-patch')),
  },
  {
    name: 'write-substitute',
    does: 'moves its objects by a variable',
    files: {
      'a.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: write-substitute, namespace: "${where}"}\n',
    },
    spec: 'postBuild: {substitute: {where: tenant-b}}',
    want: both(fails(FORBIDDEN), absent('ConfigMap', 'tenant-b', 'write-substitute')),
  },
  {
    name: 'owner-common',
    does: "lays another Kustomization's owner labels over its objects by commonMetadata",
    files: {
      'a.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: owner-common, namespace: tenant-a}\n',
    },
    spec: 'commonMetadata: {labels: {kustomize.toolkit.fluxcd.io/name: victim, kustomize.toolkit.fluxcd.io/namespace: tenant-b}}',
    want: async ({ world }) => {
      const made = await world.get('ConfigMap', 'tenant-a', 'owner-common')
      expect(made?.metadata.labels?.['kustomize.toolkit.fluxcd.io/namespace']).toBe('tenant-a')
    },
  },
  {
    name: 'owner-labels',
    does: "writes another Kustomization's owner labels on its objects",
    files: {
      'a.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: owner-labels, namespace: tenant-a, labels: {kustomize.toolkit.fluxcd.io/name: victim, kustomize.toolkit.fluxcd.io/namespace: tenant-b}}\n',
    },
    want: async ({ world }) => {
      const made = await world.get('ConfigMap', 'tenant-a', 'owner-labels')
      expect(made?.metadata.labels?.['kustomize.toolkit.fluxcd.io/namespace']).toBe('tenant-a')
    },
  },
  inventory('inventory-secret', "prunes another tenant's Secret by an inventory that it wrote", [
    ['tenant-b_victim__Secret', 'v1'],
  ]),
  inventory(
    'inventory-owned',
    'prunes what another Kustomization owns by an inventory that it wrote',
    [['tenant-b_from-git__ConfigMap', 'v1']],
  ),
  inventory('inventory-namespace', 'prunes a namespace by an inventory that it wrote', [
    ['_tenant-b__Namespace', 'v1'],
  ]),
  inventory('inventory-underscores', 'prunes by an id with more underscores than an id has', [
    ['tenant-b_victim_x_y__Secret', 'v1'],
    ['____', 'v1'],
    ['tenant-b__victim__ConfigMap', 'v1'],
  ]),
  inventory('inventory-path', 'prunes by an id that is a path', [
    ['tenant-b%2Fsecrets_victim__Secret', 'v1'],
    ['../tenant-b_victim__Secret', 'v1'],
  ]),
  inventory('inventory-version', 'prunes by a version that is a path', [
    ['tenant-a_x__Secret', "'v1/namespaces/tenant-b/secrets/victim'"],
  ]),
  inventory(
    'inventory-delete',
    "deletes another tenant's objects with its own deletion",
    [['tenant-b_victim__ConfigMap', 'v1']],
    'deletionPolicy: Delete',
  ),
  inventory(
    'inventory-wait',
    'deletes with WaitForTermination, and waits for what it may not see',
    [['tenant-b_victim__ConfigMap', 'v1']],
    'deletionPolicy: WaitForTermination',
  ),
]
