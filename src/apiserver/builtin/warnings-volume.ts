import { isObject, type JsonObject } from '../../object/index.ts'
import { at, items, text } from './check.ts'

interface Source {
  readonly path: string
  readonly from: string
}

/** Files that one volume would put in one place. */
export function overlapWarnings(volumes: readonly JsonObject[]): string[] {
  return volumes.flatMap((volume) => {
    const name = text(volume, 'name')
    const told = (what: string, which: string): string =>
      `volume ${JSON.stringify(name)} (${what}): overlapping paths: ${which}`
    const own = [
      ['configMap', 'name', 'ConfigMap'],
      ['secret', 'secretName', 'Secret'],
      ['downwardAPI', '', 'DownwardAPI'],
    ] as const
    const plain = own.flatMap(([key, named, kind]) => {
      const source = at(volume, key)
      const what = named === '' ? kind : `${kind} ${JSON.stringify(text(source, named))}`
      return overlaps(pathsOf(source, '')).map((which) => told(what, which))
    })
    const projected = volume['projected']
    if (!isObject(projected)) return plain
    const sources = items(projected, 'sources')
    const empty = sources.filter((source) => Object.keys(source).length === 0)
    return [
      ...plain,
      ...empty.map(() => `volume ${JSON.stringify(name)} (Projected) has no sources provided`),
      ...overlaps(sources.flatMap(projectedPaths)).map((which) => told('Projected', which)),
    ]
  })
}

function pathsOf(source: JsonObject, from: string): Source[] {
  return items(source, 'items').map((item) => ({ path: text(item, 'path'), from }))
}

function projectedPaths(source: JsonObject): Source[] {
  const name = (key: string): string => JSON.stringify(text(at(source, key), 'name'))
  if (isObject(source['configMap']))
    return pathsOf(source['configMap'], `ConfigMap ${name('configMap')}`)
  if (isObject(source['secret'])) return pathsOf(source['secret'], `Secret ${name('secret')}`)
  if (isObject(source['downwardAPI'])) return pathsOf(source['downwardAPI'], 'DownwardAPI')
  const token = source['serviceAccountToken']
  if (isObject(token)) return [{ path: text(token, 'path'), from: 'ServiceAccountToken' }]
  const bundle = source['clusterTrustBundle']
  if (!isObject(bundle)) return []
  const called = text(bundle, 'name') || text(bundle, 'signerName')
  return [{ path: text(bundle, 'path'), from: `ClusterTrustBundle ${JSON.stringify(called)}` }]
}

function overlaps(sources: readonly Source[]): string[] {
  const seen: Source[] = []
  const found: string[] = []
  for (const { path, from } of sources) {
    const source = { path: path.replace(/\/+$/, ''), from }
    for (const other of seen)
      if (isOverlap(source.path, other.path)) found.push(`${told(source)} with ${told(other)}`)
    seen.push(source)
  }
  return found
}

function isOverlap(a: string, b: string): boolean {
  if (a === '' || b === '') return false
  return `${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`)
}

function told({ path, from }: Source): string {
  return from === '' ? JSON.stringify(path) : `${JSON.stringify(path)} (${from})`
}
