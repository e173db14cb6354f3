import type { Json } from '../object/index.ts'
import { groupVersion, type Kind } from './kind.ts'
import { KUBERNETES_VERSION } from './kinds.generated.ts'
import type { Registry } from './registry.ts'
import { compareVersions } from './registry.ts'

/** `/version`. */
export function versionInfo(): Json {
  const [, major = '1', minor = ''] = /^v(\d+)\.(\d+)/.exec(KUBERNETES_VERSION) ?? []
  return {
    major,
    minor,
    emulationMajor: major,
    emulationMinor: minor,
    minCompatibilityMajor: major,
    minCompatibilityMinor: String(Number(minor) - 1),
    gitVersion: KUBERNETES_VERSION,
    gitCommit: '$Format:%H$',
    gitTreeState: '',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: 'go1.26.8',
    compiler: 'gc',
    platform: 'linux/amd64',
  }
}

/** `/api`. */
export function apiVersions(host: string): Json {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: host }],
  }
}

/** Versions of a group, the preferred one first. */
export function versionsOf(registry: Registry, group: string): string[] {
  const kinds = registry.group(group) ?? []
  const versions = [...new Set(kinds.map((kind) => kind.version))]
  return kinds.some((kind) => kind.custom === undefined) ? versions : versions.sort(compareVersions)
}

/** One group as `/apis/NAME` tells it. */
export function apiGroup(registry: Registry, group: string): Json {
  const versions = versionsOf(registry, group).map((version) => ({
    groupVersion: groupVersion({ group, version }),
    version,
  }))
  return { name: group, versions, preferredVersion: versions[0] }
}

/** `/apis`. */
export function apiGroupList(registry: Registry): Json {
  const groups = registry.groups().filter((group) => group !== '')
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groups.map((group) => apiGroup(registry, group)),
  }
}

/** `/api/v1`, `/apis/GROUP/VERSION`; undefined when it is not served. */
export function apiResourceList(
  registry: Registry,
  group: string,
  version: string,
): Json | undefined {
  const kinds = registry.group(group)?.filter((kind) => kind.version === version) ?? []
  if (kinds.length === 0) return undefined
  return {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: groupVersion({ group, version }),
    resources: kinds.flatMap(resourcesOf),
  }
}

function resourcesOf(kind: Kind): Json[] {
  const main: Json = {
    name: kind.plural,
    singularName: kind.singular,
    namespaced: kind.namespaced,
    kind: kind.kind,
    verbs: kind.verbs,
    ...(kind.shortNames.length === 0 ? {} : { shortNames: kind.shortNames }),
    ...(kind.categories.length === 0 ? {} : { categories: kind.categories }),
    ...(kind.hash === '' ? {} : { storageVersionHash: kind.hash }),
  }
  const parts = kind.subresources.map((part): Json => {
    const other = part.kind?.version ? part.kind : undefined
    return {
      name: `${kind.plural}/${part.name}`,
      singularName: '',
      namespaced: kind.namespaced,
      ...(other === undefined ? {} : { group: other.group, version: other.version }),
      kind: part.kind?.kind ?? kind.kind,
      verbs: part.verbs,
    }
  })
  return [main, ...parts]
}

/** `/api` and `/apis` in the aggregated form: everything in one answer. */
export function aggregated(registry: Registry, root: 'api' | 'apis'): Json {
  const groups = registry.groups().filter((group) => (group === '') === (root === 'api'))
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map((group) => ({
      metadata: group === '' ? {} : { name: group },
      versions: versionsOf(registry, group).map((version) => ({
        version,
        resources: (registry.group(group) ?? [])
          .filter((kind) => kind.version === version)
          .map(aggregatedResource),
        freshness: 'Current',
      })),
    })),
  }
}

function aggregatedResource(kind: Kind): Json {
  const own = kind.custom === undefined ? { group: '', version: '' } : kind
  const responseKind = { group: own.group, version: own.version, kind: kind.kind }
  return {
    resource: kind.plural,
    responseKind,
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: kind.verbs,
    ...(kind.shortNames.length === 0 ? {} : { shortNames: kind.shortNames }),
    ...(kind.categories.length === 0 ? {} : { categories: kind.categories }),
    ...(kind.subresources.length === 0
      ? {}
      : {
          subresources: kind.subresources.map((part) => ({
            subresource: part.name,
            responseKind: part.kind === undefined ? responseKind : { ...part.kind },
            verbs: part.verbs,
          })),
        }),
  }
}
