import { resourceLines } from './kubernetes.generated.ts'

/** Group, version and kind; the core group is `''`. */
export interface KindName {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** One resource of the API, as discovery tells it. */
export interface BuiltinKind extends KindName {
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly namespaced: boolean
  readonly verbs: readonly string[]
  readonly subresources: readonly BuiltinSubresource[]
  /** Group and version under which it is served; the kind can be of another group (`TokenReview`). */
  readonly servedGroup: string
  readonly servedVersion: string
}

/** A subresource of a resource, as discovery tells it. */
export interface BuiltinSubresource {
  readonly name: string
  readonly kind: KindName
  readonly verbs: readonly string[]
}

let all: readonly BuiltinKind[] | undefined
let byKind: Map<string, BuiltinKind> | undefined
let byResource: Map<string, BuiltinKind> | undefined

/** All resources that a Kubernetes API server serves by itself, in the order of its discovery. */
export function builtinKinds(): readonly BuiltinKind[] {
  all ??= readResources()
  return all
}

/** The resource that holds a kind. */
export function builtinKind(name: KindName): BuiltinKind | undefined {
  byKind ??= new Map(builtinKinds().map((kind) => [keyOf(kind), kind]))
  return byKind.get(keyOf(name))
}

/** The resource by its place in the URL. */
export function builtinResource(at: {
  readonly group: string
  readonly version: string
  readonly plural: string
}): BuiltinKind | undefined {
  byResource ??= new Map(
    builtinKinds().map((kind) => [
      `${kind.servedGroup}/${kind.servedVersion}/${kind.plural}`,
      kind,
    ]),
  )
  return byResource.get(`${at.group}/${at.version}/${at.plural}`)
}

/** `group/version/kind`. */
export function keyOf(name: KindName): string {
  return `${name.group}/${name.version}/${name.kind}`
}

function readResources(): readonly BuiltinKind[] {
  const found: { kind: BuiltinKind; subresources: BuiltinSubresource[] }[] = []
  for (const line of resourceLines.trim().split('\n')) {
    const parts = line.split('|')
    if (line.startsWith(' ')) {
      const [name = '', kind = '', verbs = ''] = parts
      found
        .at(-1)
        ?.subresources.push({ name: name.trim(), kind: kindName(kind), verbs: words(verbs) })
      continue
    }
    const [at = '', plural = '', singular = '', kind = '', scope, verbs, short, categories] = parts
    const subresources: BuiltinSubresource[] = []
    const served = at.split('/')
    found.push({
      subresources,
      kind: {
        ...kindName(kind),
        servedGroup: served[0] ?? '',
        servedVersion: served[1] ?? '',
        plural,
        singular,
        shortNames: words(short),
        categories: words(categories),
        namespaced: scope === 'n',
        verbs: words(verbs),
        subresources,
      },
    })
  }
  return found.map(({ kind }) => kind)
}

function kindName(text: string): KindName {
  const [group = '', version = '', kind = ''] = text.split('/')
  return { group, version, kind }
}

function words(text: string | undefined): string[] {
  return text === undefined || text === '' ? [] : text.split(',')
}
