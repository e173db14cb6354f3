import { isObject, type JsonObject, type KubeObject } from '../../object/index.ts'
import { type Controller, type Hands, specOf, statusOf } from './hands.ts'
import { SIMULATE } from './parts.ts'

const CLAIMS = 'persistentvolumeclaims'
const VOLUMES = 'persistentvolumes'
const BOUND = 'pv.kubernetes.io/bind-completed'
const BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller'

/**
 * Binds claims: to the volume that they name, else to one made for them.
 * @see kubernetes pkg/controller/volume/persistentvolume (v1.36)
 */
export function volumeController(hands: Hands, options: { readonly delayMs: number }): Controller {
  const seen = new Map<string, number>()
  return {
    name: 'persistent-volume',
    concerns: (event) => {
      if (event.table === CLAIMS) return event.type === 'DELETED' ? [] : [event.key]
      if (event.table !== VOLUMES) return []
      return event.type === 'DELETED' ? [] : [`/${event.key}`]
    },
    sync: (key) => {
      if (key.startsWith('/')) return release(hands, key.slice(1))
      const [namespace = '', name = ''] = key.split('/')
      const claim = hands.get(hands.kind('', 'PersistentVolumeClaim'), namespace, name)
      if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return undefined
      if (statusOf(claim)['phase'] === 'Bound') return undefined
      if (claim.metadata.annotations?.[SIMULATE] === 'never-ready') return undefined
      const { uid = '' } = claim.metadata
      const since = seen.get(uid) ?? hands.core.clock.now()
      seen.set(uid, since)
      const left = since + options.delayMs - hands.core.clock.now()
      if (left > 0) return left
      seen.delete(uid)
      bind(hands, claim)
      return undefined
    },
  }
}

function bind(hands: Hands, claim: KubeObject): void {
  const claims = hands.kind('', 'PersistentVolumeClaim')
  const volumes = hands.kind('', 'PersistentVolume')
  const spec = specOf(claim)
  const asked = spec['volumeName']
  const volumeName = typeof asked === 'string' ? asked : `pvc-${claim.metadata.uid}`
  const given = hands.get(volumes, '', volumeName)
  const volume = given ?? hands.create(volumes, volumeFor(claim, volumeName))
  const annotations = {
    ...claim.metadata.annotations,
    [BOUND]: 'yes',
    ...(asked === undefined ? { [BY_CONTROLLER]: 'yes' } : {}),
  }
  const named = hands.update(claims, claim, {
    ...claim,
    metadata: { ...claim.metadata, annotations },
    spec: { ...spec, volumeName },
  })
  const capacity = (specOf(volume)['capacity'] ?? {}) as JsonObject
  hands.setStatus(claims, named, { phase: 'Bound', accessModes: spec['accessModes'], capacity })
  hands.setStatus(volumes, volume, { ...statusOf(volume), phase: 'Bound' })
}

function volumeFor(claim: KubeObject, name: string): KubeObject {
  const spec = specOf(claim)
  const resources = isObject(spec['resources']) ? spec['resources'] : {}
  const requests = isObject(resources['requests']) ? resources['requests'] : {}
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name,
      annotations: { 'pv.kubernetes.io/provisioned-by': 'tidegate.dev/simulated' },
    },
    spec: {
      accessModes: spec['accessModes'] ?? ['ReadWriteOnce'],
      capacity: { storage: requests['storage'] ?? '1Gi' },
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        name: claim.metadata.name,
        namespace: claim.metadata.namespace,
        uid: claim.metadata.uid,
        resourceVersion: claim.metadata.resourceVersion,
      },
      hostPath: { path: `/var/lib/simulated/${name}`, type: 'DirectoryOrCreate' },
      persistentVolumeReclaimPolicy: 'Delete',
      ...(spec['storageClassName'] === undefined
        ? {}
        : { storageClassName: spec['storageClassName'] }),
      volumeMode: spec['volumeMode'] ?? 'Filesystem',
    },
  }
}

/** Deletes a volume whose claim is gone, where that was asked for. */
function release(hands: Hands, name: string): undefined {
  const volumes = hands.kind('', 'PersistentVolume')
  const volume = hands.get(volumes, '', name)
  if (volume === undefined || volume.metadata.deletionTimestamp !== undefined) return
  const reference = specOf(volume)['claimRef']
  if (!isObject(reference)) {
    if (statusOf(volume)['phase'] !== 'Available')
      hands.setStatus(volumes, volume, { phase: 'Available' })
    return
  }
  const claims = hands.kind('', 'PersistentVolumeClaim')
  const claim = hands.get(claims, String(reference['namespace']), String(reference['name']))
  if (claim?.metadata.uid === reference['uid'] || statusOf(volume)['phase'] !== 'Bound') return
  if (specOf(volume)['persistentVolumeReclaimPolicy'] === 'Delete') hands.remove(volumes, volume)
  else hands.setStatus(volumes, volume, { phase: 'Released' })
}

/** Looks at volumes again when their claims go. */
export function volumeReleaser(hands: Hands): Controller {
  return {
    name: 'volume-release',
    concerns: (event) => {
      const volume = specOf(event.object)['volumeName']
      return event.table === CLAIMS && event.type === 'DELETED' && typeof volume === 'string'
        ? [volume]
        : []
    },
    sync: (name) => release(hands, name),
  }
}
