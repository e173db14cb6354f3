/**
 * Writes src/apiserver/auth/roles.generated.ts: the roles and bindings that a kube-apiserver starts
 * with, those of controllers and of namespaces included. Usage: tsx e2e/kube/generate-roles.ts URL TOKEN
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { realTransport } from './real-server.ts'

const [url = '', token = ''] = process.argv.slice(2)
const transport = realTransport(url, token)
const GROUP = '/apis/rbac.authorization.k8s.io/v1'
/** They come with the API server, and with nothing that was installed since. */
const LABEL = 'kubernetes.io/bootstrapping'

interface Item {
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Record<string, string>
    readonly annotations?: Record<string, string>
    readonly managedFields?: readonly { readonly manager: string; readonly time?: string }[]
  }
  readonly rules?: unknown
  readonly aggregationRule?: unknown
  readonly subjects?: unknown
  readonly roleRef?: unknown
}

const lines: string[] = []
for (const [plural, kind] of [
  ['clusterroles', 'ClusterRole'],
  ['clusterrolebindings', 'ClusterRoleBinding'],
  ['roles', 'Role'],
  ['rolebindings', 'RoleBinding'],
] as const) {
  const response = await transport.request({ method: 'GET', path: `${GROUP}/${plural}` })
  const { items } = JSON.parse(await response.text()) as { items: readonly Item[] }
  for (const item of items) {
    const { name, namespace, labels, annotations } = item.metadata
    if (labels?.[LABEL] === undefined) continue
    // What controllers added since is not what the server starts with.
    const managedFields = (item.metadata.managedFields ?? [])
      .filter(({ manager }) => manager === 'kube-apiserver')
      .map((entry) => ({ ...entry, time: undefined }))
    const { rules, aggregationRule, subjects, roleRef } = item
    const own = aggregationRule === undefined ? { rules } : { aggregationRule }
    const rest = kind.endsWith('Role') ? own : { roleRef, subjects }
    lines.push(
      `  ${JSON.stringify({ apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata: { name, namespace, labels, annotations, managedFields }, ...rest })},`,
    )
  }
}
const text = `// Written by e2e/kube/generate-roles.ts from a kube-apiserver. Do not edit.
import type { KubeObject } from '../../object/index.ts'

/** Roles and bindings that every cluster starts with, and who owns their fields. */
export const DEFAULT_ROLES: readonly KubeObject[] = [
${lines.join('\n')}
]
`
writeFileSync(join(import.meta.dirname, '../../src/apiserver/auth/roles.generated.ts'), text)
