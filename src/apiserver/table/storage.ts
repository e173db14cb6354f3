import { type JsonObject, valueAt } from '../../object/index.ts'
import { age, type Cells, flag, isTerminating, items, nameOf, text, textOr } from './read.ts'

/** Cells of volumes, claims and their classes, by resource. */
export const STORAGE: Readonly<Record<string, Cells>> = {
  persistentvolumes: (o, now) => [
    nameOf(o),
    textOr('0', o, 'spec', 'capacity', 'storage'),
    modesText(items(o, 'spec', 'accessModes')),
    text(o, 'spec', 'persistentVolumeReclaimPolicy'),
    isTerminating(o) ? 'Terminating' : text(o, 'status', 'phase'),
    claimText(o),
    classOf(o),
    textOr('<unset>', o, 'spec', 'volumeAttributesClassName'),
    text(o, 'status', 'reason'),
    age(o, now),
    textOr('<unset>', o, 'spec', 'volumeMode'),
  ],
  persistentvolumeclaims: (o, now) => {
    const volume = text(o, 'spec', 'volumeName')
    return [
      nameOf(o),
      isTerminating(o) ? 'Terminating' : text(o, 'status', 'phase'),
      volume,
      volume === '' ? '' : textOr('0', o, 'status', 'capacity', 'storage'),
      volume === '' ? '' : modesText(items(o, 'status', 'accessModes')),
      classOf(o),
      textOr('<unset>', o, 'spec', 'volumeAttributesClassName'),
      age(o, now),
      textOr('<unset>', o, 'spec', 'volumeMode'),
    ]
  },
  'storageclasses.storage.k8s.io': (o, now) => [
    isDefaultClass(o) ? `${nameOf(o)} (default)` : nameOf(o),
    text(o, 'provisioner'),
    textOr('Delete', o, 'reclaimPolicy'),
    textOr('Immediate', o, 'volumeBindingMode'),
    flag(o, 'allowVolumeExpansion'),
    age(o, now),
  ],
  'volumeattributesclasses.storage.k8s.io': (o, now) => [
    nameOf(o),
    text(o, 'driverName'),
    age(o, now),
  ],
  'volumeattachments.storage.k8s.io': (o, now) => [
    nameOf(o),
    text(o, 'spec', 'attacher'),
    text(o, 'spec', 'source', 'persistentVolumeName'),
    text(o, 'spec', 'nodeName'),
    flag(o, 'status', 'attached'),
    age(o, now),
  ],
  'csinodes.storage.k8s.io': (o, now) => [
    nameOf(o),
    items(o, 'spec', 'drivers').length,
    age(o, now),
  ],
  'csidrivers.storage.k8s.io': (o, now) => [
    nameOf(o),
    valueAt(o, 'spec', 'attachRequired') !== false,
    flag(o, 'spec', 'podInfoOnMount'),
    flag(o, 'spec', 'storageCapacity'),
    audiencesText(o),
    flag(o, 'spec', 'requiresRepublish'),
    items(o, 'spec', 'volumeLifecycleModes').join(',') || '<none>',
    age(o, now),
  ],
}

const MODES: readonly (readonly [mode: string, short: string])[] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
]

function modesText(modes: readonly unknown[]): string {
  return MODES.filter(([mode]) => modes.includes(mode))
    .map(([, short]) => short)
    .join(',')
}

function claimText(volume: JsonObject): string {
  const claim = valueAt(volume, 'spec', 'claimRef')
  return claim === undefined ? '' : `${text(claim, 'namespace')}/${text(claim, 'name')}`
}

/** The annotation from before the field outranks it. */
function classOf(object: JsonObject): string {
  const annotation = 'volume.beta.kubernetes.io/storage-class'
  return textOr(
    text(object, 'spec', 'storageClassName'),
    object,
    'metadata',
    'annotations',
    annotation,
  )
}

function isDefaultClass(object: JsonObject): boolean {
  return ['storageclass.kubernetes.io', 'storageclass.beta.kubernetes.io'].some(
    (place) => text(object, 'metadata', 'annotations', `${place}/is-default-class`) === 'true',
  )
}

function audiencesText(driver: JsonObject): string {
  if (valueAt(driver, 'spec', 'tokenRequests') === undefined) return '<unset>'
  return items(driver, 'spec', 'tokenRequests')
    .map((each) => text(each, 'audience'))
    .join(',')
}
