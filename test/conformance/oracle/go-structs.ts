import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** How a Go struct field reaches JSON: what the OpenAPI document does not say. */
export interface GoField {
  readonly name: string
  readonly pointer: boolean
  readonly omitEmpty: boolean
  readonly omitZero: boolean
  readonly type: string
}

/** Field tags of all structs of the API packages, by `<OpenAPI prefix>.<Type>`. */
export type GoStructs = ReadonlyMap<string, ReadonlyMap<string, GoField>>

interface RawStruct {
  readonly own: GoField[]
  readonly embedded: string[]
}

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
  const raw = new Map<string, RawStruct>()
  for (const { module, folder, prefix } of MODULES) {
    const root = join(moduleCache, `${module}@${version}`, folder)
    for (const group of folders(root)) {
      for (const api of folders(join(root, group))) {
        const place = join(root, group, api)
        for (const file of readdirSync(place).filter((name) => /^types.*\.go$/.test(name))) {
          const text = readFileSync(join(place, file), 'utf8')
          for (const [name, struct] of structsOf(text))
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

function* structsOf(text: string): Generator<[string, RawStruct]> {
  for (const match of text.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm)) {
    const own: GoField[] = []
    const embedded: string[] = []
    for (const line of (match[2] ?? '').split('\n')) {
      const field = /^\s*(?:(\w+)\s+)?(\*?)([\w.[\]*]+)\s+`[^`]*json:"([^"]*)"/.exec(line)
      if (field === null) continue
      const [, , pointer = '', type = '', tag = ''] = field
      const [name = '', ...options] = tag.split(',')
      if (options.includes('inline')) embedded.push(type)
      else if (name !== '-')
        own.push({
          name,
          pointer: pointer === '*',
          omitEmpty: options.includes('omitempty'),
          omitZero: options.includes('omitzero'),
          type,
        })
    }
    yield [match[1] ?? '', { own, embedded }]
  }
}

function flatten(raw: ReadonlyMap<string, RawStruct>, name: string): GoField[] {
  const struct = raw.get(name)
  if (struct === undefined) return []
  const local = name.slice(0, name.lastIndexOf('.'))
  const inner = struct.embedded.flatMap((type) => {
    const [head = '', tail] = type.split('.')
    if (tail === undefined) return flatten(raw, `${local}.${head}`)
    if (head === 'metav1') return flatten(raw, `io.k8s.apimachinery.pkg.apis.meta.v1.${tail}`)
    return flatten(raw, `io.k8s.api.core.v1.${tail}`)
  })
  return [...inner, ...struct.own]
}
