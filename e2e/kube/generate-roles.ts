/**
 * Writes src/apiserver/auth/roles.generated.ts: the roles and bindings that a kube-apiserver starts
 * with, less those of its own controllers. Usage: tsx e2e/kube/generate-roles.ts URL TOKEN
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { realTransport } from './real-server.ts'

const [url = '', token = ''] = process.argv.slice(2)
const transport = realTransport(url, token)
const GROUP = '/apis/rbac.authorization.k8s.io/v1'
const WANTED =
  /^(admin|edit|view|cluster-admin|system:(aggregate-to-.*|auth-delegator|basic-user|discovery|public-info-viewer|service-account-issuer-discovery|monitoring))$/

interface Item {
  readonly metadata: {
    readonly name: string
    readonly labels?: Record<string, string>
    readonly annotations?: Record<string, string>
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
] as const) {
  const response = await transport.request({ method: 'GET', path: `${GROUP}/${plural}` })
  const { items } = JSON.parse(await response.text()) as { items: readonly Item[] }
  for (const item of items) {
    const { name, labels, annotations } = item.metadata
    if (!WANTED.test(name)) continue
    const { rules, aggregationRule, subjects, roleRef } = item
    const own = aggregationRule === undefined ? { rules } : { aggregationRule }
    const rest = kind === 'ClusterRole' ? own : { roleRef, subjects }
    lines.push(
      `  ${JSON.stringify({ apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata: { name, labels, annotations }, ...rest })},`,
    )
  }
}
const text = `// Written by e2e/kube/generate-roles.ts from a kube-apiserver. Do not edit.
import type { KubeObject } from '../../object/index.ts'

/** Roles and bindings that every cluster starts with. */
export const DEFAULT_ROLES: readonly KubeObject[] = [
${lines.join('\n')}
]
`
writeFileSync(join(import.meta.dirname, '../../src/apiserver/auth/roles.generated.ts'), text)
