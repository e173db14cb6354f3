import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
} from '../../object/index.ts'
import { parseQuantity } from '../../schema/index.ts'
import { type Controller, type Hands, specOf, statusOf } from './hands.ts'
import { parseSelectorObject } from './label-selector.ts'
import { SIMULATE } from './parts.ts'
import { isActive, PODS } from './pods.ts'
import { claimsOf } from './protection.ts'
import { record } from './recorder.ts'

const CLAIMS = 'persistentvolumeclaims'
const VOLUMES = 'persistentvolumes'
const BOUND = 'pv.kubernetes.io/bind-completed'
const PROVISIONER = 'volume.kubernetes.io/storage-provisioner'
const PROVISIONER_BETA = 'volume.beta.kubernetes.io/storage-provisioner'
const SELECTED = 'volume.kubernetes.io/selected-node'
const BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller'

/**
 * Binds claims: to the volume that they name, else to one that is free and fits, else to one made for
 * them. Without `provision` nobody makes any: the claim waits, and is told why.
 * @see kubernetes pkg/controller/volume/persistentvolume (v1.36)
 */
export function volumeController(
  hands: Hands,
  options: { readonly delayMs: number; readonly provision: boolean },
): Controller {
  const seen = new Map<string, number>()
  return {
    name: 'persistent-volume',
    tables: [CLAIMS, VOLUMES, PODS],
    concerns: (event) => {
      if (event.table === PODS) {
        if (options.provision || event.type !== 'ADDED') return []
        const { namespace } = event.object.metadata
        return claimsOf(event.object).map((name) => `${namespace}/${name}`)
      }
      if (event.table === CLAIMS) return event.type === 'DELETED' ? [] : [event.key]
      if (event.table !== VOLUMES) return []
      if (event.type === 'DELETED') return claimOf(event.object)
      // Without a provisioner a new volume may be what a claim waits for.
      const waiting =
        event.type === 'ADDED' && !options.provision ? hands.core.store.keys(CLAIMS) : []
      return [...waiting, `/${event.key}`]
    },
    sync: (key) => {
      if (key.startsWith('/')) return release(hands, key.slice(1), options.provision)
      const [namespace = '', name = ''] = key.split('/')
      const claim = hands.get(hands.kind('', 'PersistentVolumeClaim'), namespace, name)
      if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return undefined
      if (statusOf(claim)['phase'] === 'Bound') {
        if (volumeNamed(claim) !== '' && !hasVolume(hands, claim)) lose(hands, claim)
        return undefined
      }
      if (statusOf(claim)['phase'] === 'Lost') return undefined
      if (claim.metadata.annotations?.[SIMULATE] === 'never-ready') return undefined
      const { uid = '' } = claim.metadata
      const since = seen.get(uid) ?? hands.core.clock.now()
      seen.set(uid, since)
      const left = since + options.delayMs - hands.core.clock.now()
      if (left > 0) return left
      seen.delete(uid)
      const chosen = specOf(claim)['volumeName'] === undefined ? fitting(hands, claim) : undefined
      if (options.provision || chosen !== undefined) bind(hands, claim, chosen)
      else if (specOf(claim)['volumeName'] === undefined) wait(hands, claim)
      else if (hands.get(hands.kind('', 'PersistentVolume'), '', volumeNamed(claim)) !== undefined)
        bind(hands, claim, undefined)
      return undefined
    },
  }
}

function hasVolume(hands: Hands, claim: KubeObject): boolean {
  return hands.core.store.get(VOLUMES, volumeNamed(claim)) !== undefined
}

/** The key of the claim that a volume was bound to. */
function claimOf(volume: KubeObject): string[] {
  const { claimRef } = specOf(volume)
  return isObject(claimRef) ? [`${String(claimRef['namespace'])}/${String(claimRef['name'])}`] : []
}

/** Tells of a bound claim whose volume is gone. */
function lose(hands: Hands, claim: KubeObject): void {
  hands.setStatus(hands.kind('', 'PersistentVolumeClaim'), claim, { phase: 'Lost' })
  record(hands, claim, {
    type: 'Warning',
    reason: 'ClaimLost',
    message: 'Bound claim has lost its PersistentVolume. Data on the volume is lost!',
    component: 'persistentvolume-controller',
  })
}

function volumeNamed(claim: KubeObject): string {
  return String(specOf(claim)['volumeName'] ?? '')
}

/** The smallest free volume that is what a claim asks for. */
function fitting(hands: Hands, claim: KubeObject): KubeObject | undefined {
  const spec = specOf(claim)
  const size = (amounts: Json | undefined): bigint => {
    const storage = isObject(amounts) ? amounts['storage'] : undefined
    return parseQuantity(String(storage ?? '0'))?.nanos ?? 0n
  }
  const resources = isObject(spec['resources']) ? spec['resources'] : {}
  const wanted = size(resources['requests'])
  const modes = isArray(spec['accessModes']) ? spec['accessModes'] : []
  const isFree = (volume: KubeObject): boolean => {
    const of = specOf(volume)['claimRef']
    if (!isObject(of)) return statusOf(volume)['phase'] !== 'Released'
    const { namespace, name } = claim.metadata
    return of['namespace'] === namespace && of['name'] === name && of['uid'] === undefined
  }
  return hands
    .list(hands.kind('', 'PersistentVolume'))
    .filter((volume) => {
      const has = specOf(volume)
      const given = isArray(has['accessModes']) ? has['accessModes'] : []
      return (
        volume.metadata.deletionTimestamp === undefined &&
        isFree(volume) &&
        (has['storageClassName'] ?? '') === (spec['storageClassName'] ?? '') &&
        (has['volumeMode'] ?? 'Filesystem') === (spec['volumeMode'] ?? 'Filesystem') &&
        modes.every((mode) => given.includes(mode)) &&
        size(has['capacity']) >= wanted &&
        (!isObject(spec['selector']) ||
          parseSelectorObject(spec['selector'])(volume.metadata.labels))
      )
    })
    .sort((a, b) => Number(size(specOf(a)['capacity']) - size(specOf(b)['capacity'])))[0]
}

/** Tells a claim that nobody serves what it waits for. */
function wait(hands: Hands, claim: KubeObject): void {
  const name = specOf(claim)['storageClassName']
  const component = 'persistentvolume-controller'
  if (typeof name !== 'string' || name === '') {
    const message = 'no persistent volumes available for this claim and no storage class is set'
    record(hands, claim, { type: 'Normal', reason: 'FailedBinding', message, component })
    return
  }
  const found = hands.core.store.get('storageclasses.storage.k8s.io', name)
  if (found === undefined) {
    const message = `storageclass.storage.k8s.io "${name}" not found`
    record(hands, claim, { type: 'Warning', reason: 'ProvisioningFailed', message, component })
    return
  }
  const isChosen = claim.metadata.annotations?.[SELECTED] !== undefined
  const waits = found['volumeBindingMode'] === 'WaitForFirstConsumer' && !isChosen
  if (!waits) provisionedBy(hands, claim, found)
  const [reason, message] = waits
    ? consumersOf(hands, claim)
    : [
        'ExternalProvisioning',
        `Waiting for a volume to be created either by the external provisioner '${String(found['provisioner'])}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`,
      ]
  record(hands, claim, { type: 'Normal', reason, message, component })
}

/** What a claim waits for that is bound when a pod needs it. */
function consumersOf(hands: Hands, claim: KubeObject): [string, string] {
  const { namespace = '', name = '' } = claim.metadata
  const pods = hands
    .list(hands.kind('', 'Pod'), namespace)
    .filter((pod) => isActive(pod) && claimsOf(pod).includes(name))
    .map((pod) => pod.metadata.name)
  const [first] = pods
  if (first === undefined)
    return ['WaitForFirstConsumer', 'waiting for first consumer to be created before binding']
  const which = pods.length === 1 ? `pod ${first}` : `pods ${pods.join(',')}`
  return ['WaitForPodScheduled', `waiting for ${which} to be scheduled`]
}

/** Says in a claim who is to make a volume for it. */
function provisionedBy(hands: Hands, claim: KubeObject, storageClass: KubeObject): void {
  const provisioner = String(storageClass['provisioner'])
  const had = claim.metadata.annotations ?? {}
  if (had[PROVISIONER] === provisioner) return
  const annotations = { ...had, [PROVISIONER]: provisioner, [PROVISIONER_BETA]: provisioner }
  hands.update(hands.kind('', 'PersistentVolumeClaim'), claim, {
    ...claim,
    metadata: { ...claim.metadata, annotations },
  })
}

function bind(hands: Hands, claim: KubeObject, chosen: KubeObject | undefined): void {
  const claims = hands.kind('', 'PersistentVolumeClaim')
  const volumes = hands.kind('', 'PersistentVolume')
  const spec = specOf(claim)
  const asked = spec['volumeName']
  const volumeName =
    chosen?.metadata.name ?? (typeof asked === 'string' ? asked : `pvc-${claim.metadata.uid}`)
  const given = hands.get(volumes, '', volumeName)
  const volume =
    given === undefined
      ? hands.create(volumes, volumeFor(claim, volumeName))
      : claimed(hands, given, claim)
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

function referenceTo(claim: KubeObject): JsonObject {
  const { name = '', namespace = '', uid = '', resourceVersion = '' } = claim.metadata
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid, resourceVersion }
}

/** A volume that was there before, as it is bound to a claim. */
function claimed(hands: Hands, volume: KubeObject, claim: KubeObject): KubeObject {
  const reference = specOf(volume)['claimRef']
  if (isObject(reference) && reference['uid'] === claim.metadata.uid) return volume
  const annotations = {
    ...volume.metadata.annotations,
    ...(isObject(reference) ? {} : { [BY_CONTROLLER]: 'yes' }),
  }
  return hands.update(hands.kind('', 'PersistentVolume'), volume, {
    ...volume,
    metadata: { ...volume.metadata, annotations },
    spec: { ...specOf(volume), claimRef: referenceTo(claim) },
  })
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
      claimRef: referenceTo(claim),
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
function release(hands: Hands, name: string, provision: boolean): undefined {
  const volumes = hands.kind('', 'PersistentVolume')
  const volume = hands.get(volumes, '', name)
  if (volume === undefined || volume.metadata.deletionTimestamp !== undefined) return
  const reference = specOf(volume)['claimRef']
  if (!isObject(reference)) {
    if (statusOf(volume)['phase'] !== 'Available')
      hands.setStatus(volumes, volume, { phase: 'Available' })
    return
  }
  if (reference['uid'] === undefined) {
    // Meant for a claim that did not take it yet.
    if ((statusOf(volume)['phase'] ?? 'Pending') === 'Pending')
      hands.setStatus(volumes, volume, { phase: 'Available' })
    return
  }
  const claims = hands.kind('', 'PersistentVolumeClaim')
  const claim = hands.get(claims, String(reference['namespace']), String(reference['name']))
  if (claim?.metadata.uid === reference['uid'] || statusOf(volume)['phase'] !== 'Bound') return
  const isDeleted = specOf(volume)['persistentVolumeReclaimPolicy'] === 'Delete'
  if (isDeleted && provision) hands.remove(volumes, volume)
  else hands.setStatus(volumes, volume, { phase: 'Released' })
}

/** Looks at volumes again when their claims go. */
export function volumeReleaser(hands: Hands, provision: boolean): Controller {
  return {
    name: 'volume-release',
    tables: [CLAIMS],
    concerns: (event) => {
      const volume = specOf(event.object)['volumeName']
      return event.table === CLAIMS && event.type === 'DELETED' && typeof volume === 'string'
        ? [volume]
        : []
    },
    sync: (name) => release(hands, name, provision),
  }
}
