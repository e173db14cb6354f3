/**
 * Writes src/apiserver/protobuf/fields.generated.ts from the struct tags of the Go sources of the API.
 * usage: tsx test/conformance/oracle/protobuf.ts GO_MODULE_CACHE API_MODULE_VERSION
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { definition } from '../../../src/schema/index.ts'

const [moduleCache = '', version = ''] = process.argv.slice(2)

const MODULES: readonly { module: string; folder: string; prefix: string }[] = [
  { module: 'api', folder: '', prefix: 'api' },
  { module: 'apimachinery', folder: 'pkg/apis', prefix: 'apimachinery.pkg.apis' },
  {
    module: 'apiextensions-apiserver',
    folder: 'pkg/apis',
    prefix: 'apiextensions-apiserver.pkg.apis',
  },
  { module: 'kube-aggregator', folder: 'pkg/apis', prefix: 'kube-aggregator.pkg.apis' },
]

interface Message {
  readonly name: string
  /** JSON names by field number; `+Type` where the fields of Type are part of this message's JSON. */
  readonly fields: readonly string[]
}

function folders(path: string): string[] {
  if (!existsSync(path)) return []
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}

function* messagesOf(text: string): Generator<Message> {
  for (const match of text.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm)) {
    const fields: string[] = []
    for (const line of (match[2] ?? '').split('\n')) {
      const found = /^\s*(?:\w+\s+)?([\w.[\]*]+)\s+`(.*)`/.exec(line)
      if (found === null) continue
      const [, type = '', tag = ''] = found
      const number = Number(/protobuf:"\w+,(\d+)/.exec(tag)?.[1] ?? 0)
      const [name = '', ...options] = (/json:"([^"]*)"/.exec(tag)?.[1] ?? '').split(',')
      if (number === 0 || name === '-') continue
      fields[number - 1] = options.includes('inline') ? `+${type}` : name
    }
    if (fields.length > 0) yield { name: match[1] ?? '', fields: [...fields].map((f) => f ?? '') }
  }
}

function packageLines(at: { folder: string; name: string }): string[] {
  const messages = readdirSync(at.folder)
    .filter((name) => /^types.*\.go$/.test(name))
    .sort()
    .flatMap((file) => [...messagesOf(readFileSync(join(at.folder, file), 'utf8'))])
  const known = messages.filter(({ name }) => definition(`io.k8s.${at.name}.${name}`) !== undefined)
  const inlined = new Set(
    messages.flatMap(({ fields }) =>
      fields.filter((f) => f.startsWith('+')).map((f) => f.slice(1)),
    ),
  )
  const kept = messages.filter((each) => known.includes(each) || inlined.has(each.name))
  if (known.length === 0) return []
  return [`#${at.name}`, ...kept.map(({ name, fields }) => `${name}|${fields.join(',')}`)]
}

const lines = MODULES.flatMap(({ module, folder, prefix }) => {
  const root = join(moduleCache, 'k8s.io', `${module}@${version}`, folder)
  return folders(root).flatMap((group) =>
    folders(join(root, group)).flatMap((api) =>
      packageLines({ folder: join(root, group, api), name: `${prefix}.${group}.${api}` }),
    ),
  )
})

const text = `// Written by test/conformance/oracle/protobuf.ts from k8s.io/api ${version}. Do not edit.
/** \`#package\`, then \`Message|JSON names by field number\`; \`+Message\` is inlined. */
export const messageLines: string = \`
${lines.join('\n')}
\`
`
writeFileSync(
  join(import.meta.dirname, '../../../src/apiserver/protobuf/fields.generated.ts'),
  text,
)
process.stdout.write(`${lines.length} lines, ${text.length} bytes\n`)
