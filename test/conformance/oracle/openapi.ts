/**
 * Writes src/apiserver/openapi/*.generated.ts from a running kube-apiserver without custom
 * kinds: its OpenAPI v3 documents, packed, and those of two custom kinds as templates.
 * usage: tsx test/conformance/oracle/openapi.ts URL TOKEN
 */
import { writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'

const [url = '', token = ''] = process.argv.slice(2)

interface OpenApiDocument {
  readonly openapi: string
  readonly info: unknown
  readonly paths: unknown
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> }
}

function call(method: string, path: string, body?: unknown): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      'content-type': 'application/json',
    }
    const made = request(url + path, { method, headers, rejectUnauthorized: false }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () => resolve(Buffer.concat(parts).toString('utf8')))
    })
    made.on('error', reject)
    made.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

/** Custom kinds whose documents are the pattern of all others. */
function template(scope: 'Namespaced' | 'Cluster'): unknown {
  const group = `${scope.toLowerCase()}.example.org`
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `placeholders.${group}` },
    spec: {
      group,
      scope,
      names: { plural: 'placeholders', kind: 'Placeholder' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: {
            status: {},
            scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
          },
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: { type: 'object', properties: { replicas: { type: 'integer' } } },
                status: { type: 'object', properties: { replicas: { type: 'integer' } } },
              },
            },
          },
        },
      ],
    },
  }
}

const lines: string[] = []
const numbers = new Map<string, number>()

function schemaNumber(name: string, schema: unknown): number {
  const line = `${name}\t${JSON.stringify(schema)}`
  const known = numbers.get(line)
  if (known !== undefined) return known
  numbers.set(line, lines.length)
  return lines.push(line) - 1
}

function add(path: string, document: OpenApiDocument): string {
  const schemas = Object.entries(document.components?.schemas ?? {})
  const of = schemas.map(([name, schema]) => schemaNumber(name, schema)).join(',')
  const { info, paths } = document
  return [path, of, JSON.stringify(info), JSON.stringify(paths)].join('\t')
}

async function main(): Promise<void> {
  const version = (JSON.parse(await call('GET', '/version')) as { gitVersion: string }).gitVersion
  const index = JSON.parse(await call('GET', '/openapi/v3')) as {
    paths: Record<string, { serverRelativeURL: string }>
  }
  const hashes: Record<string, string> = {}
  const documents: string[] = []
  for (const [path, { serverRelativeURL }] of Object.entries(index.paths)) {
    hashes[path] = serverRelativeURL.split('hash=')[1] ?? ''
    const document = JSON.parse(await call('GET', `/openapi/v3/${path}`)) as OpenApiDocument
    documents.push(add(path, document))
  }
  for (const scope of ['Namespaced', 'Cluster'] as const) {
    const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
    await call('POST', crds, template(scope))
    await new Promise((resolve) => setTimeout(resolve, 4000))
    const place = `apis/${scope.toLowerCase()}.example.org/v1`
    const text = await call('GET', `/openapi/v3/${place}`)
    documents.push(add(scope, JSON.parse(text) as OpenApiDocument))
    await call('DELETE', `${crds}/placeholders.${scope.toLowerCase()}.example.org`)
  }
  const text = `${lines.length}\n${lines.join('\n')}\n${documents.join('\n')}`
  const packed = brotliCompressSync(text, {
    params: {
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
    },
  }).toString('base64')
  const folder = join(import.meta.dirname, '../../../src/apiserver/openapi')
  const head = `// Written by test/conformance/oracle/openapi.ts from kube-apiserver ${version}. Do not edit.`
  writeFileSync(
    join(folder, 'hashes.generated.ts'),
    `${head}
/** Hashes of the documents of what Kubernetes serves by itself, by path. */
export const hashes: Readonly<Record<string, string>> = ${JSON.stringify(hashes, undefined, 2)}
`,
  )
  const file = `${head}
/** Brotli in base64: the number of schemas, a line for each, a line for each document. */
export const packed: string =
  '${packed}'
`
  writeFileSync(join(folder, 'documents.generated.ts'), file)
  process.stdout.write(
    `${documents.length} documents, ${lines.length} schemas, ${text.length} bytes, packed ${packed.length}\n`,
  )
}

await main()
