/**
 * Writes src/apiserver/builtin/internal.generated.ts: how Kubernetes' own structs of some parts of
 * objects are built, which some refusals print. Usage: tsx e2e/kube/generate-internal.ts, with the
 * sources of the module of e2e/kube/apiserver in Go's module cache.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { KUBE_VERSION } from './assets.ts'

const ROOTS = [
  'PodSpec',
  'PodTemplateSpec',
  'PersistentVolumeClaimSpec',
  'PersistentVolumeSource',
  'VolumeNodeAffinity',
  'ResourceClaimSpec',
  'ResourceClaimTemplateSpec',
]
const cache = execFileSync('go', ['env', 'GOMODCACHE'], { encoding: 'utf8' }).trim()
/** Of structs with the same name in both groups the first is meant. */
const GROUPS = ['core', 'resource']
const internal = GROUPS.map((group) =>
  readFileSync(
    join(cache, `k8s.io/kubernetes@v${KUBE_VERSION}/pkg/apis/${group}/types.go`),
    'utf8',
  ),
).join('\n')
const served = GROUPS.map((group) =>
  readFileSync(join(cache, `k8s.io/api@v0.${KUBE_VERSION.slice(2)}/${group}/v1/types.go`), 'utf8'),
).join('\n')

/** The lines of a struct without comments; undefined: no struct. */
function linesOf(source: string, name: string): string[] | undefined {
  const body = new RegExp(`^type ${name} struct \\{\\n([\\s\\S]*?)^\\}`, 'm').exec(source)?.[1]
  return body
    ?.split('\n')
    .map((line) => line.replace(/\/\/.*$/, '').trim())
    .filter((line) => line !== '')
}

function jsonName(struct: string, field: string): string {
  const line = (linesOf(served, struct) ?? []).find((each) => each.split(/\s+/)[0] === field)
  const tag = /json:"([^",]*)/.exec(line ?? '')?.[1]
  return tag ?? field.charAt(0).toLowerCase() + field.slice(1)
}

const SCALARS: Readonly<Record<string, string>> = {
  string: 'text',
  'types.UID': 'text',
  'metav1.Time': 'nil',
  'runtime.RawExtension': 'nil',
  bool: 'flag',
  int: 'number',
  int32: 'number',
  int64: 'number',
  'resource.Quantity': 'quantity',
  'intstr.IntOrString': 'number',
}

const wanted = [...ROOTS]

function kindOf(type: string): string {
  if (type.startsWith('*') || type.startsWith('[]')) {
    const inner = kindOf(type.replace(/^(\*|\[\])/, ''))
    return inner.startsWith('struct ') ? `nil ${inner.slice('struct '.length)}` : 'nil'
  }
  const alias = new RegExp(`^type ${type} (map\\[\\w+\\].*|string|bool|int32)$`, 'm').exec(internal)
  if (type.startsWith('map[') || alias?.[1]?.startsWith('map[')) return 'nil'
  if (type.startsWith('metav1.')) return 'nil'
  const scalar = SCALARS[alias?.[1] ?? type]
  if (scalar !== undefined) return scalar
  if (linesOf(internal, type) === undefined) throw new Error(`unknown type ${type}`)
  if (!wanted.includes(type)) wanted.push(type)
  return `struct ${type}`
}

function fieldsOf(struct: string): string[] {
  return (linesOf(internal, struct) ?? []).flatMap((line) => {
    const [name = '', type] = line.split(/\s+/)
    if (name === 'metav1.ObjectMeta') return ['<metadata>']
    if (type === undefined) return fieldsOf(name)
    return [`${name} ${jsonName(struct, name)} ${kindOf(type)}`]
  })
}

const lines: string[] = []
for (const struct of wanted)
  lines.push(
    `  ${struct}: [\n${fieldsOf(struct)
      .map((each) => `    '${each}',\n`)
      .join('')}  ],`,
  )
const text = `// Written by e2e/kube/generate-internal.ts from Kubernetes v${KUBE_VERSION}. Do not edit.

/** Fields of structs, in order: Go's name, JSON's name, what an empty one is, and of which struct. */
export const INTERNAL: Readonly<Record<string, readonly string[]>> = {
${lines.join('\n')}
}
`
writeFileSync(join(import.meta.dirname, '../../src/apiserver/builtin/internal.generated.ts'), text)
