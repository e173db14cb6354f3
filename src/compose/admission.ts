import type { Entry } from '../cli/entry.ts'
import { fieldAt, type KubeObject } from '../object/index.ts'

/** Where the repository that is being followed is served. */
export interface Home {
  readonly url: string
  /** The one ref there is, whatever the repository calls it; absent where it has its own. */
  readonly ref?: { readonly branch: string }
}

const STAND_IN = 'tidegate.dev/stand-in'
const OWN_GROUPS = ['kustomize.toolkit.fluxcd.io', 'source.toolkit.fluxcd.io']

/** The admission step of a trial: what a webhook would do on a cluster that has no operators. */
export function admitted(object: KubeObject, entry: Entry | undefined, home: Home): KubeObject {
  if (object.kind === 'GitRepository') return pointedHome(object, entry, home)
  return object.kind === 'CustomResourceDefinition' ? played(object) : object
}

/** A GitRepository that has the address of the repository itself is served from where it was given. */
function pointedHome(object: KubeObject, entry: Entry | undefined, home: Home): KubeObject {
  if (entry?.url === undefined || fieldAt(object, 'spec', 'url') !== entry.url) return object
  // What was needed to get to that address is not there, and not needed here.
  const {
    secretRef: _secret,
    verify: _verify,
    proxySecretRef: _proxy,
    provider: _provider,
    ...spec
  } = object['spec'] as Record<string, unknown>
  const ref = home.ref === undefined ? {} : { ref: home.ref }
  return { ...object, spec: { ...spec, url: home.url, ...ref } }
}

/** No operator runs in a trial: objects of kinds that a repository brings become ready by lifecycle. */
function played(crd: KubeObject): KubeObject {
  const annotations = crd.metadata.annotations ?? {}
  const group = fieldAt(crd, 'spec', 'group')
  if (STAND_IN in annotations || OWN_GROUPS.includes(String(group))) return crd
  return {
    ...crd,
    metadata: { ...crd.metadata, annotations: { ...annotations, [STAND_IN]: 'true' } },
  }
}
