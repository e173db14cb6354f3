import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** How a Go struct field reaches JSON: what the OpenAPI document does not say. */
export interface GoField {
  readonly name: string
  readonly pointer: boolean
  readonly omitEmpty: boolean
  readonly omitZero: boolean
  readonly type: string
  /** The package whose type it is, by the name that Go prints (`v1`, `types`), and the type. */
  readonly goType: string
  /** The structs without a name of their own in JSON through which it is inherited. */
  readonly via: readonly string[]
}

/** Field tags of all structs of the API packages, by `<OpenAPI prefix>.<Type>`. */
export type GoStructs = ReadonlyMap<string, ReadonlyMap<string, GoField>>

/** A field, or a struct whose fields are inherited, in the order of the source. */
type RawPart = GoField | { readonly embedded: string }

const MODULES: readonly { module: string; folder: string; prefix: string }[] = [
  { module: 'k8s.io/api', folder: '', prefix: 'io.k8s.api' },
  { module: 'k8s.io/apimachinery', folder: 'pkg/apis', prefix: 'io.k8s.apimachinery.pkg.apis' },
  {
    module: 'k8s.io/apiextensions-apiserver',
    folder: 'pkg/apis',
    prefix: 'io.k8s.apiextensions-apiserver.pkg.apis',
  },
  {
    module: 'k8s.io/kube-aggregator',
    folder: 'pkg/apis',
    prefix: 'io.k8s.kube-aggregator.pkg.apis',
  },
]

/** Reads the struct tags of the API types from a Go module cache. */
export function readGoStructs(moduleCache: string, version: string): GoStructs {
  const raw = new Map<string, readonly RawPart[]>()
  for (const { module, folder, prefix } of MODULES) {
    const root = join(moduleCache, `${module}@${version}`, folder)
    for (const group of folders(root)) {
      for (const api of folders(join(root, group))) {
        const place = join(root, group, api)
        for (const file of readdirSync(place).filter((name) => /^types.*\.go$/.test(name))) {
          const text = readFileSync(join(place, file), 'utf8')
          for (const [name, struct] of structsOf(text, api))
            raw.set(`${prefix}.${group}.${api}.${name}`, struct)
        }
      }
    }
  }
  const done = new Map<string, ReadonlyMap<string, GoField>>()
  for (const name of raw.keys()) done.set(name, new Map(flatten(raw, name).map((f) => [f.name, f])))
  return done
}

function folders(path: string): string[] {
  if (!existsSync(path)) return []
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
}

function* structsOf(text: string, api: string): Generator<[string, readonly RawPart[]]> {
  for (const match of text.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm)) {
    const parts: RawPart[] = []
    for (const line of (match[2] ?? '').split('\n')) {
      const field = /^\s*(?:(\w+)\s+)?(\*?)([\w.[\]*]+)\s+`[^`]*json:"([^"]*)"/.exec(line)
      if (field === null) continue
      const [, , pointer = '', type = '', tag = ''] = field
      const [name = '', ...options] = tag.split(',')
      if (options.includes('inline')) parts.push({ embedded: type })
      else if (name !== '-')
        parts.push({
          name,
          pointer: pointer === '*',
          omitEmpty: options.includes('omitempty'),
          omitZero: options.includes('omitzero'),
          type,
          goType: printed(type, api),
          via: [],
        })
    }
    yield [match[1] ?? '', parts]
  }
}

/** A type as Go prints it: types of the package itself have its name, aliases of imports are resolved. */
function printed(type: string, api: string): string {
  return type
    .replaceAll('*', '')
    .replaceAll(
      /\b(?:metav1|apiv1|corev1|rbacv1|authenticationv1|admissionregistrationv1)\./g,
      'v1.',
    )
    .replaceAll(/(^|\])([A-Z]\w*)$/g, `$1${api}.$2`)
}

function flatten(raw: ReadonlyMap<string, readonly RawPart[]>, name: string): GoField[] {
  const local = name.slice(0, name.lastIndexOf('.'))
  return (raw.get(name) ?? []).flatMap((part) => {
    if (!('embedded' in part)) return [part]
    const [head = '', tail] = part.embedded.split('.')
    const inherited =
      tail === undefined
        ? flatten(raw, `${local}.${head}`)
        : head === 'metav1'
          ? flatten(raw, `io.k8s.apimachinery.pkg.apis.meta.v1.${tail}`)
          : flatten(raw, `io.k8s.api.core.v1.${tail}`)
    return inherited.map((field) => ({ ...field, via: [tail ?? head, ...field.via] }))
  })
}
