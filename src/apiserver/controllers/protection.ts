import { isArray, isObject, type KubeObject } from '../../object/index.ts'
import { type Controller, type Hands, specOf, statusOf } from './hands.ts'
import { PODS } from './pods.ts'

const CLAIMS = 'persistentvolumeclaims'
const VOLUMES = 'persistentvolumes'

/** Lets claims go when no pod uses them any more, and volumes when they are not bound. */
export function protectionController(hands: Hands): Controller {
  return {
    name: 'storage-protection',
    tables: [CLAIMS, VOLUMES, PODS],
    concerns: (event) => {
      if (event.table === CLAIMS)
        return isGoing(event.object) && event.type !== 'DELETED' ? [`claim ${event.key}`] : []
      if (event.table === VOLUMES)
        return isGoing(event.object) && event.type !== 'DELETED' ? [`volume ${event.key}`] : []
      if (event.table !== PODS || event.type === 'ADDED') return []
      const { namespace } = event.object.metadata
      return claimsIn(event.object).map((name) => `claim ${namespace}/${name}`)
    },
    sync: (key) => {
      const [what, name = ''] = key.split(' ')
      if (what === 'volume') releaseVolume(hands, name)
      else releaseClaim(hands, name)
      return undefined
    },
  }
}

function isGoing(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined
}

function claimsIn(pod: KubeObject): string[] {
  const volumes = specOf(pod)['volumes']
  if (!isArray(volumes)) return []
  return volumes.filter(isObject).flatMap((volume) => {
    const claim = volume['persistentVolumeClaim']
    return isObject(claim) && typeof claim['claimName'] === 'string' ? [claim['claimName']] : []
  })
}

function releaseClaim(hands: Hands, key: string): void {
  const [namespace = '', name = ''] = key.split('/')
  const kind = hands.kind('', 'PersistentVolumeClaim')
  const claim = hands.get(kind, namespace, name)
  if (claim === undefined || !isGoing(claim)) return
  const used = hands.list(hands.kind('', 'Pod'), namespace).some((pod) => {
    const { phase } = statusOf(pod)
    return phase !== 'Succeeded' && phase !== 'Failed' && claimsIn(pod).includes(name)
  })
  if (!used) drop(hands, claim, 'kubernetes.io/pvc-protection')
}

function releaseVolume(hands: Hands, name: string): void {
  const volume = hands.get(hands.kind('', 'PersistentVolume'), '', name)
  if (volume === undefined || !isGoing(volume)) return
  if (statusOf(volume)['phase'] === 'Bound') {
    const reference = specOf(volume)['claimRef']
    const kind = hands.kind('', 'PersistentVolumeClaim')
    const claim = isObject(reference)
      ? hands.get(kind, String(reference['namespace']), String(reference['name']))
      : undefined
    if (claim !== undefined) return
  }
  drop(hands, volume, 'kubernetes.io/pv-protection')
}

function drop(hands: Hands, object: KubeObject, finalizer: string): void {
  const { finalizers = [], ...metadata } = object.metadata
  if (!finalizers.includes(finalizer)) return
  const left = finalizers.filter((each) => each !== finalizer)
  hands.update(hands.kind('', object.kind), object, {
    ...object,
    metadata: { ...metadata, ...(left.length === 0 ? {} : { finalizers: left }) },
  })
}
