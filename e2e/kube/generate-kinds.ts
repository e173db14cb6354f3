/**
 * Writes src/apiserver/kinds.generated.ts from a running kube-apiserver: what it serves, and the
 * columns of its tables. Usage: tsx e2e/kube/generate-kinds.ts https://127.0.0.1:6443 TOKEN
 */
import { writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'

interface Discovered {
  readonly resource: string
  readonly responseKind: { readonly group: string; readonly version: string; readonly kind: string }
  readonly scope: string
  readonly singularResource: string
  readonly verbs: readonly string[]
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly subresources?: readonly {
    readonly subresource: string
    readonly responseKind?: {
      readonly group: string
      readonly version: string
      readonly kind: string
    }
    readonly verbs: readonly string[]
  }[]
}

interface Group {
  readonly metadata: { readonly name?: string }
  readonly versions: readonly {
    readonly version: string
    readonly resources: readonly Discovered[]
  }[]
}

const [base = '', token = ''] = process.argv.slice(2)

function get(path: string, accept: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, accept }
    const call = request(base + path, { headers, rejectUnauthorized: false }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString()
      })
      response.on('end', () => resolve(text))
    })
    call.on('error', reject)
    call.end()
  })
}

const DISCOVERY = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
const TABLE = 'application/json;g=meta.k8s.io;v=v1;as=Table'

async function columns(path: string): Promise<unknown> {
  const table = JSON.parse(await get(path, TABLE)) as {
    columnDefinitions?: {
      name: string
      type: string
      format: string
      description: string
      priority: number
    }[]
  }
  return table.columnDefinitions?.map((c) => [c.name, c.type, c.format, c.priority, c.description])
}

async function hashes(path: string): Promise<Map<string, string>> {
  const list = JSON.parse(await get(path, 'application/json')) as {
    resources: { name: string; storageVersionHash?: string }[]
  }
  return new Map(list.resources.map((r) => [r.name, r.storageVersionHash ?? '']))
}

async function main(): Promise<void> {
  const version = (JSON.parse(await get('/version', '*/*')) as { gitVersion: string }).gitVersion
  const lines: string[] = []
  for (const root of ['/api', '/apis']) {
    const { items } = JSON.parse(await get(root, DISCOVERY)) as { items: readonly Group[] }
    for (const group of items) {
      const name = group.metadata.name ?? ''
      for (const each of group.versions) {
        const path = root === '/api' ? '/api/v1' : `/apis/${name}/${each.version}`
        const hash = await hashes(path)
        for (const r of each.resources) {
          const verbs = r.verbs.join(' ')
          const kind = {
            group: name,
            version: each.version,
            plural: r.resource,
            singular: r.singularResource,
            kind: r.responseKind.kind,
            namespaced: r.scope === 'Namespaced',
            ...(verbs === 'create delete deletecollection get list patch update watch'
              ? {}
              : { verbs: r.verbs }),
            ...(r.shortNames ? { shortNames: r.shortNames } : {}),
            ...(r.categories ? { categories: r.categories } : {}),
            ...(r.subresources
              ? {
                  subresources: r.subresources.map((s) => ({
                    name: s.subresource,
                    verbs: s.verbs,
                    ...(s.responseKind && s.responseKind.kind !== r.responseKind.kind
                      ? { kind: s.responseKind }
                      : {}),
                  })),
                }
              : {}),
            ...(hash.get(r.resource) ? { hash: hash.get(r.resource) } : {}),
            ...(r.verbs.includes('list')
              ? { columns: await columns(`${path}/${r.resource}`) }
              : {}),
          }
          lines.push(`  ${JSON.stringify(kind)},`)
        }
      }
    }
  }
  const text = `// Written by e2e/kube/generate-kinds.ts from kube-apiserver ${version}. Do not edit.
import type { BuiltinKind } from './kind.ts'

/** The version of Kubernetes that this table was taken from. */
export const KUBERNETES_VERSION = '${version}'

/** What Kubernetes serves by itself, in the order of its discovery. */
export const BUILTIN_KINDS: readonly BuiltinKind[] = [
${lines.join('\n')}
]
`
  writeFileSync(join(import.meta.dirname, '../../src/apiserver/kinds.generated.ts'), text)
}

await main()
