/**
 * Writes src/apiserver/controllers/go-structs.generated.ts: the Go types behind a pod template in the
 * order of their fields, of which hashes of templates are made. Usage: tsx
 * e2e/kube/generate-go-structs.ts FOLDER-OF-k8s.io/api FOLDER-OF-k8s.io/apimachinery
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [api = '', machinery = ''] = process.argv.slice(2)

interface Source {
  /** How Go prints the package. */
  readonly prefix: string
  readonly structs: ReadonlyMap<string, string>
  /** Names of types that are plain values, and of what. */
  readonly plain: ReadonlyMap<string, string>
}

function sourceOf(prefix: string, files: readonly string[]): Source {
  const text = files.map((file) => readFileSync(file, 'utf8')).join('\n')
  const structs = new Map<string, string>()
  for (const [, name = '', body = ''] of text.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm))
    structs.set(name, body)
  const plain = new Map<string, string>()
  for (const [, name = '', of = ''] of text.matchAll(
    /^type (\w+) (string|u?int(?:32|64)?|map\[.*|\[\]\w+)$/gm,
  ))
    plain.set(name, of)
  return { prefix, structs, plain }
}

const core = sourceOf('v1', [join(api, 'core/v1/types.go')])
const meta = sourceOf('v1', [join(machinery, 'pkg/apis/meta/v1/types.go')])
const intstr = sourceOf('intstr', [join(machinery, 'pkg/util/intstr/intstr.go')])
const types = sourceOf('types', [
  join(machinery, 'pkg/types/uid.go'),
  join(machinery, 'pkg/types/nodename.go'),
])
const PACKAGES: Readonly<Record<string, Source>> = { metav1: meta, intstr, types }
/** Not read from JSON field by field. */
const LEAVES = ['metav1.Time', 'resource.Quantity', 'metav1.FieldsV1', 'intstr.IntOrString']

const FIELD = /^\t(?:(\w+)\s+)?([*\w.[\]]+)\s+`[^`]*json:"([^",]*)[^`]*`/gm
const lines = new Map<string, string>()

/** A type as it is written down: `s` texts and so on stay as Go has them, packages by their print. */
function typeText(text: string, here: Source): string {
  if (text.startsWith('*')) return `*${typeText(text.slice(1), here)}`
  if (text.startsWith('[]')) return `[]${typeText(text.slice(2), here)}`
  const map = /^map\[(.*?)\](.*)$/.exec(text)
  if (map !== null) return `map[${typeText(map[1] ?? '', here)}]${typeText(map[2] ?? '', here)}`
  if (LEAVES.includes(text)) return text.replace('metav1.', 'v1.')
  if (/^(?:string|bool|u?int(?:32|64)?|byte|float64)$/.test(text)) return text
  const [first = '', second] = text.split('.')
  const source = second === undefined ? here : PACKAGES[first]
  const name = second ?? first
  if (source === undefined) throw new Error(`no source of ${text}`)
  const plain = source.plain.get(name)
  if (plain !== undefined) return `${source.prefix}.${name}=${typeText(plain, source)}`
  if (name === 'Time') return 'v1.Time'
  if (name === 'FieldsV1') return 'v1.FieldsV1'
  structText(name, source)
  return `${source.prefix}.${name}`
}

function structText(name: string, source: Source): void {
  if (lines.has(name)) return
  const body = source.structs.get(name)
  if (body === undefined) throw new Error(`no struct ${name}`)
  lines.set(name, '')
  const fields = [...body.matchAll(FIELD)].map(([, given, type = '', json = '']) => {
    const field = given ?? type.split('.').at(-1) ?? ''
    return `${field} ${json} ${typeText(type, source)}`
  })
  lines.set(name, fields.join('|'))
}

structText('PodTemplateSpec', core)
const version = /@(v[\d.]+)/.exec(api)?.[1] ?? ''
const text = `// Written by e2e/kube/generate-go-structs.ts from k8s.io/api ${version}. Do not edit.

/** Fields of Go's structs behind a pod template: Go name, JSON name, type; \`=\` tells what a named type is. */
export const GO_STRUCTS: Readonly<Record<string, string>> = {
${[...lines].map(([name, fields]) => `  ${name}: ${JSON.stringify(fields)},`).join('\n')}
}
`
writeFileSync(
  join(import.meta.dirname, '../../src/apiserver/controllers/go-structs.generated.ts'),
  text,
)
