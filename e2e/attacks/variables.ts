import { expect } from 'vitest'
import {
  type Attack,
  absent,
  both,
  condition,
  configMap,
  ends,
  fails,
  isRefused,
} from './attack.ts'

const OWNER = 'kustomize.toolkit.fluxcd.io/namespace'

function variable(
  name: string,
  does: string,
  more: Partial<Attack> & Pick<Attack, 'want'>,
): Attack {
  return { name, does, files: { 'a.yaml': configMap(name, 'data: {a: "${v}"}\n') }, ...more }
}

/** What a ConfigMap of the attack holds in the end. */
function holds(data: Readonly<Record<string, string>>): Attack['want'] {
  return async ({ world, name, object }) => {
    expect(condition(object)?.status, condition(object)?.message).toBe('True')
    expect((await world.get('ConfigMap', 'tenant-a', name))?.['data']).toEqual(data)
  }
}

/** Its owner label is that of its own Kustomization, and nothing of it is in another namespace. */
const staysOwn: Attack['want'] = async ({ world, name }) => {
  const made = await world.get('ConfigMap', 'tenant-a', name)
  expect(made?.metadata.labels?.[OWNER] ?? 'tenant-a').toBe('tenant-a')
  expect(await world.get('ConfigMap', 'tenant-b', name)).toBeUndefined()
}

const source = (name: string, data: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}-vars, namespace: tenant-a}\n${data}`
const from = (name: string): string =>
  `postBuild: {substituteFrom: [{kind: ConfigMap, name: ${name}-vars}]}`

/** Variables whose values are more than values. */
export const VARIABLES: readonly Attack[] = [
  variable('vars-self', 'has a variable whose value names itself', {
    spec: "postBuild: {substitute: {v: '${v}${v}'}}",
    want: ends,
  }),
  variable('vars-ring', 'has variables whose values name each other', {
    spec: "postBuild: {substitute: {v: '${w}', w: '${v}'}}",
    want: ends,
  }),
  variable('vars-namespace', 'writes a namespace into its objects by the lines of a value', {
    files: {
      'a.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: vars-namespace\n  annotations: {x: ${v}}\n',
    },
    spec: 'postBuild: {substitute: {v: "y}\\n  namespace: tenant-b\\n  labels: {a: b"}}',
    want: both(staysOwn, absent('ConfigMap', 'tenant-b', 'vars-namespace')),
  }),
  variable('vars-document', 'adds an object for another namespace by the lines of a value', {
    files: {
      'a.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: vars-document\n  annotations:\n    x: ${v}\n',
    },
    spec: 'postBuild: {substitute: {v: "y\\n---\\napiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: vars-document, namespace: tenant-b}\\n"}}',
    want: both(staysOwn, absent('ConfigMap', 'tenant-b', 'vars-document')),
  }),
  variable('vars-kind', 'turns its ConfigMap into a binding of rights by a value', {
    files: {
      'a.yaml':
        'apiVersion: ${group}\nkind: ${kind}\nmetadata: {name: vars-kind}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}\nsubjects: [{kind: User, name: mallory, apiGroup: rbac.authorization.k8s.io}]\n',
    },
    spec: 'postBuild: {substitute: {group: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding}}',
    want: both(
      fails(/cannot|forbidden|is attempting to grant/),
      absent('ClusterRoleBinding', '', 'vars-kind'),
    ),
  }),
  variable('vars-owner', "writes another Kustomization's owner labels by values", {
    files: {
      'a.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: vars-owner\n  labels:\n    ${k}: tenant-b\n',
    },
    spec: `postBuild: {substitute: {k: ${OWNER}}}`,
    want: staysOwn,
  }),
  variable('vars-anchors', 'unfolds aliases that a value brings', {
    files: {
      'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars-anchors}\ndata: ${v}\n',
    },
    spec: `postBuild: {substitute: {v: "&a0 {a: b}\\n${Array.from({ length: 25 }, (_, i) => `x${i}: &a${i + 1} [*a${i}, *a${i}]\\n`).join('')}"}}`,
    want: fails(/./),
  }),
  variable('vars-wide', 'says a value of a megabyte a hundred times', {
    files: {
      'a.yaml': Array.from(
        { length: 100 },
        (_, i) => `---\n${configMap(`vars-wide-${i}`, 'data: {a: "${v}"}\n')}`,
      ).join(''),
    },
    objects: () => source('vars-wide', `data: {v: "${'x'.repeat(900_000)}"}\n`),
    spec: from('vars-wide'),
    want: ends,
  }),
  variable('vars-forms', 'replaces every letter of a value by the value, again and again', {
    files: { 'a.yaml': configMap('vars-forms', 'data: {a: "${v//x/${v//x/${v//x/${v}}}}"}\n') },
    spec: `postBuild: {substitute: {v: "${'x'.repeat(500)}"}}`,
    want: fails(/./),
  }),
  variable('vars-proto', 'has variables with names that all objects have', {
    files: {
      'a.yaml': configMap('vars-proto', 'data: {a: "${constructor}${toString}"}\n'),
    },
    objects: () => source('vars-proto', 'data: {constructor: one, toString: two}\n'),
    spec: from('vars-proto'),
    want: holds({ a: 'onetwo' }),
  }),
  variable('vars-missing', 'has a name quoted that is in no source', {
    spec: 'postBuild: {substituteFrom: [{kind: Secret, name: vars}]}',
    want: fails(/variable/),
  }),
  variable('vars-kind-foreign', 'takes values from an object of another kind', {
    spec: 'postBuild: {substituteFrom: [{kind: ServiceAccount, name: gitops}]}',
    want: isRefused,
  }),
  variable('vars-controller', 'takes values from the namespace of the controller by a default', {
    spec: 'postBuild: {substituteFrom: [{kind: Secret, name: ../flux-system/keys, optional: true}], substitute: {v: x}}',
    want: both(ends, staysOwn),
  }),
  variable('vars-environment', 'takes values from the environment of the controller', {
    files: {
      'a.yaml': configMap(
        'vars-environment',
        'data: {a: "${HOME:=none}${PATH:=none}${RUNTIME_NAMESPACE:=none}${NODE_OPTIONS:=none}"}\n',
      ),
    },
    spec: 'postBuild: {substitute: {some: value}}',
    want: holds({ a: 'nonenonenonenone' }),
  }),
  variable('vars-slice', 'cuts a value at places that it has not', {
    files: {
      'a.yaml': configMap(
        'vars-slice',
        'data: {a: "${v:999999999999999999999}", b: "${v:-1:-999}", c: "${v:1:99999999999}"}\n',
      ),
    },
    spec: 'postBuild: {substitute: {v: abc}}',
    want: ends,
  }),
]
