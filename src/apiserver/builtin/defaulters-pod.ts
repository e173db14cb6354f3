import type { Json, JsonObject } from '../../object/index.ts'
import { roundUp } from './defaulters-cluster.ts'
import { imageTag } from './image.ts'
import {
  type Defaulter,
  type Draft,
  draftAt,
  draftsAt,
  fill,
  fillEmpty,
  madeAt,
} from './mutable.ts'
import { requestsOf } from './pod-requests.ts'

/** Pods and what is in them. */
export const podDefaulters: Readonly<Record<string, Defaulter>> = {
  'core.v1.Pod': (draft) => {
    const spec = madeAt(draft, 'spec')
    const containers = [...draftsAt(spec, 'containers'), ...draftsAt(spec, 'initContainers')]
    for (const container of containers) requestsFromLimits(container)
    podRequests(spec)
    fill(spec, { enableServiceLinks: true })
    if (spec['hostNetwork'] !== true) return
    for (const container of containers)
      for (const port of draftsAt(container, 'ports'))
        fillEmpty(port, { hostPort: port['containerPort'] ?? 0 })
  },
  'core.v1.PodSpec': (draft) => {
    fillEmpty(draft, { dnsPolicy: 'ClusterFirst', restartPolicy: 'Always' })
    fill(draft, { securityContext: {}, terminationGracePeriodSeconds: 30 })
    fillEmpty(draft, { schedulerName: 'default-scheduler' })
    mirrorServiceAccount(draft)
    roundUp(draft, 'overhead')
  },
  'core.v1.Volume': (draft) => {
    if (Object.keys(draft).every((key) => key === 'name')) draft['emptyDir'] = {}
    const image = draftAt(draft, 'image')
    if (image !== undefined) fillEmpty(image, { pullPolicy: pullPolicy(image['reference']) })
  },
  'core.v1.Container': fillContainer,
  'core.v1.EphemeralContainer': fillContainer,
  'core.v1.Probe': (draft) => {
    fillEmpty(draft, { timeoutSeconds: 1, periodSeconds: 10 })
    fillEmpty(draft, { successThreshold: 1, failureThreshold: 3 })
    const grpc = draftAt(draft, 'grpc')
    if (grpc !== undefined) fill(grpc, { service: '' })
  },
  'core.v1.ResourceFieldSelector': (draft) => fill(draft, { divisor: '0' }),
  'core.v1.HTTPGetAction': (draft) => fillEmpty(draft, { path: '/', scheme: 'HTTP' }),
  'core.v1.SecretVolumeSource': (draft) => fill(draft, { defaultMode: 0o644 }),
  'core.v1.ConfigMapVolumeSource': (draft) => fill(draft, { defaultMode: 0o644 }),
  'core.v1.DownwardAPIVolumeSource': (draft) => fill(draft, { defaultMode: 0o644 }),
  'core.v1.ProjectedVolumeSource': (draft) => fill(draft, { defaultMode: 0o644 }),
  'core.v1.ServiceAccountTokenProjection': (draft) => fill(draft, { expirationSeconds: 3600 }),
  'core.v1.AzureDiskVolumeSource': (draft) =>
    fill(draft, { cachingMode: 'ReadWrite', fsType: 'ext4', kind: 'Shared', readOnly: false }),
  'core.v1.ISCSIVolumeSource': (draft) => fillEmpty(draft, { iscsiInterface: 'default' }),
  'core.v1.ISCSIPersistentVolumeSource': (draft) => fillEmpty(draft, { iscsiInterface: 'default' }),
  'core.v1.RBDVolumeSource': fillRbd,
  'core.v1.RBDPersistentVolumeSource': fillRbd,
  'core.v1.ScaleIOVolumeSource': fillScaleIo,
  'core.v1.ScaleIOPersistentVolumeSource': fillScaleIo,
  'core.v1.ObjectFieldSelector': (draft) => fillEmpty(draft, { apiVersion: 'v1' }),
  'core.v1.HostPathVolumeSource': (draft) => fill(draft, { type: '' }),
  'core.v1.PersistentVolumeClaimSpec': (draft) => fill(draft, { volumeMode: 'Filesystem' }),
  // The template of an ephemeral volume is a claim's spec, which is filled by itself.
}

function fillRbd(draft: Draft): void {
  fillEmpty(draft, { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' })
}

function fillScaleIo(draft: Draft): void {
  fillEmpty(draft, { storageMode: 'ThinProvisioned', fsType: 'xfs' })
}

function fillContainer(draft: Draft): void {
  fillEmpty(draft, {
    imagePullPolicy: pullPolicy(draft['image']),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  })
}

function pullPolicy(image: Json | undefined): string {
  return imageTag(typeof image === 'string' ? image : '') === 'latest' ? 'Always' : 'IfNotPresent'
}

/** The old name of the field is kept equal to the new one. */
function mirrorServiceAccount(spec: Draft): void {
  const name = spec['serviceAccountName'] || spec['serviceAccount']
  if (!name) return
  spec['serviceAccountName'] = name
  spec['serviceAccount'] = name
}

function requestsFromLimits(container: Draft): void {
  const resources = draftAt(container, 'resources')
  const limits = draftAt(resources, 'limits')
  if (resources === undefined || limits === undefined) return
  fill(madeAt(resources, 'requests'), limits as Record<string, Json>)
}

/** What a pod with limits of its own asks for: as much as its containers, else what it may have. */
function podRequests(spec: Draft): void {
  const resources = draftAt(spec, 'resources')
  const limits = draftAt(resources, 'limits')
  if (resources === undefined || limits === undefined || Object.keys(limits).length === 0) return
  const requests = madeAt(resources, 'requests')
  for (const name of ['cpu', 'memory']) {
    const sum = requestsOf(spec as JsonObject, name)
    if (sum !== undefined) fill(requests, { [name]: sum.text })
  }
  for (const [name, value] of Object.entries(limits))
    if (/^(?:cpu|memory|hugepages-.*)$/.test(name)) fill(requests, { [name]: value as Json })
}
