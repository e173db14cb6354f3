import { isArray, isObject, type KubeObject } from '../../object/index.ts'
import type { StoreEvent } from '../store/store.ts'
import { type Controller, type Hands, specOf, statusOf } from './hands.ts'
import { PODS } from './pods.ts'

const CLAIMS = 'persistentvolumeclaims'
const VOLUMES = 'persistentvolumes'
const CLASSES = 'volumeattributesclasses.storage.k8s.io'

/**
 * Lets claims go when no pod uses them any more, volumes when they are not bound, and classes of
 * attributes when neither names them.
 */
export function protectionController(hands: Hands): Controller {
  return {
    name: 'storage-protection',
    tables: [CLAIMS, VOLUMES, CLASSES, PODS],
    concerns: (event) => {
      const isToGo = event.type !== 'DELETED' && (isGoing(event.object) || isBare(event))
      if (event.table === CLASSES) return isToGo ? [`class ${event.key}`] : []
      if (event.table === CLAIMS || event.table === VOLUMES) {
        const what = event.table === CLAIMS ? 'claim' : 'volume'
        const classes = [event.object, event.previous].flatMap((each) => classesOf(each))
        return [
          ...(isToGo ? [`${what} ${event.key}`] : []),
          ...classes.map((name) => `class ${name}`),
          ...(event.type === 'DELETED' && what === 'claim' ? volumeOf(event.object) : []),
        ]
      }
      if (event.table !== PODS || event.type === 'ADDED') return []
      const { namespace } = event.object.metadata
      return claimsOf(event.object).map((name) => `claim ${namespace}/${name}`)
    },
    sync: (key) => {
      const [what, name = ''] = key.split(' ')
      if (what === 'volume') releaseVolume(hands, name)
      else if (what === 'class') releaseClass(hands, name)
      else releaseClaim(hands, name)
      return undefined
    },
  }
}

const FINALIZERS: Readonly<Record<string, string>> = {
  [CLAIMS]: 'kubernetes.io/pvc-protection',
  [VOLUMES]: 'kubernetes.io/pv-protection',
  [CLASSES]: 'kubernetes.io/vac-protection',
}

/** Whether somebody took its protection from what is not being deleted. */
function isBare({ table, object }: StoreEvent): boolean {
  const finalizer = FINALIZERS[table] ?? ''
  return !isGoing(object) && !(object.metadata.finalizers ?? []).includes(finalizer)
}

function volumeOf(claim: KubeObject): string[] {
  const { volumeName } = specOf(claim)
  return typeof volumeName === 'string' ? [`volume ${volumeName}`] : []
}

/** Protects what is not being deleted. */
function protect(hands: Hands, object: KubeObject, table: string): void {
  const { finalizers = [], ...metadata } = object.metadata
  const finalizer = FINALIZERS[table] ?? ''
  if (finalizers.includes(finalizer)) return
  const group = object.apiVersion.includes('/') ? (object.apiVersion.split('/')[0] ?? '') : ''
  const next = { ...object, metadata: { ...metadata, finalizers: [...finalizers, finalizer] } }
  hands.update(hands.kind(group, object.kind), object, next)
}

function isGoing(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined
}

/** The claims that a pod uses, those that it brings included. */
export function claimsOf(pod: KubeObject): string[] {
  const volumes = specOf(pod)['volumes']
  if (!isArray(volumes)) return []
  return volumes.filter(isObject).flatMap((volume) => {
    const claim = volume['persistentVolumeClaim']
    if (isObject(volume['ephemeral'])) return [`${pod.metadata.name}-${String(volume['name'])}`]
    return isObject(claim) && typeof claim['claimName'] === 'string' ? [claim['claimName']] : []
  })
}

/** The classes of attributes that a claim or a volume has, had, or is to have. */
function classesOf(object: KubeObject | undefined): string[] {
  if (object === undefined) return []
  const status = statusOf(object)
  const change = status['modifyVolumeStatus']
  const named = [
    specOf(object)['volumeAttributesClassName'],
    status['currentVolumeAttributesClassName'],
    isObject(change) ? change['targetVolumeAttributesClassName'] : undefined,
  ]
  return named.filter((each) => typeof each === 'string' && each !== '') as string[]
}

function releaseClass(hands: Hands, name: string): void {
  const found = hands.get(hands.kind('storage.k8s.io', 'VolumeAttributesClass'), '', name)
  if (found === undefined) return
  if (!isGoing(found)) {
    protect(hands, found, CLASSES)
    return
  }
  const kinds = ['PersistentVolumeClaim', 'PersistentVolume'].map((each) => hands.kind('', each))
  const isUsed = kinds.some((kind) =>
    hands.list(kind).some((object) => classesOf(object).includes(name)),
  )
  if (!isUsed) drop(hands, found, 'kubernetes.io/vac-protection')
}

function releaseClaim(hands: Hands, key: string): void {
  const [namespace = '', name = ''] = key.split('/')
  const kind = hands.kind('', 'PersistentVolumeClaim')
  const claim = hands.get(kind, namespace, name)
  if (claim === undefined) return
  if (!isGoing(claim)) {
    protect(hands, claim, CLAIMS)
    return
  }
  const used = hands.list(hands.kind('', 'Pod'), namespace).some((pod) => {
    const { phase } = statusOf(pod)
    return phase !== 'Succeeded' && phase !== 'Failed' && claimsOf(pod).includes(name)
  })
  if (!used) drop(hands, claim, 'kubernetes.io/pvc-protection')
}

function releaseVolume(hands: Hands, name: string): void {
  const volume = hands.get(hands.kind('', 'PersistentVolume'), '', name)
  if (volume === undefined) return
  if (!isGoing(volume)) {
    protect(hands, volume, VOLUMES)
    return
  }
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
  const group = object.apiVersion.includes('/') ? object.apiVersion.split('/')[0] : ''
  hands.update(hands.kind(group ?? '', object.kind), object, {
    ...object,
    metadata: { ...metadata, ...(left.length === 0 ? {} : { finalizers: left }) },
  })
}
