import { isArray, isObject, type JsonObject, type KubeObject } from '../../object/index.ts'
import { type Controller, type Hands, specOf } from './hands.ts'
import { controllerRef, ownersOf } from './owners.ts'
import { isTerminating, PODS } from './pods.ts'
import { record } from './recorder.ts'

/**
 * Makes the claims that pods bring along.
 * @see kubernetes pkg/controller/volume/ephemeral (v1.36.3)
 */
export function ephemeralVolumes(hands: Hands): Controller {
  return {
    name: 'ephemeral-volume',
    tables: [PODS, 'persistentvolumeclaims'],
    concerns: ({ table, type, key, object }) => {
      if (table === PODS) return type === 'ADDED' && broughtBy(object).length > 0 ? [key] : []
      const [owner] = ownersOf(object).filter(({ kind }) => kind === 'Pod')
      return type === 'DELETED' && owner !== undefined
        ? [`${object.metadata.namespace}/${owner.name}`]
        : []
    },
    sync: (key) => {
      const [namespace = '', name = ''] = key.split('/')
      const pod = hands.get(hands.kind('', 'Pod'), namespace, name)
      if (pod === undefined || isTerminating(pod)) return undefined
      for (const volume of broughtBy(pod)) bring(hands, pod, volume)
      return undefined
    },
  }
}

interface Brought {
  readonly name: string
  readonly template: JsonObject
}

function broughtBy(pod: KubeObject): Brought[] {
  const volumes = specOf(pod)['volumes']
  return (isArray(volumes) ? volumes.filter(isObject) : []).flatMap((volume) => {
    const of = volume['ephemeral']
    const template = isObject(of) ? of['volumeClaimTemplate'] : undefined
    return isObject(template) ? [{ name: String(volume['name']), template }] : []
  })
}

function bring(hands: Hands, pod: KubeObject, { name: volume, template }: Brought): void {
  const { namespace = '', name: podName = '', uid } = pod.metadata
  const kind = hands.kind('', 'PersistentVolumeClaim')
  const name = `${podName}-${volume}`
  const had = hands.get(kind, namespace, name)
  if (had === undefined) {
    const { annotations, labels } = (template['metadata'] ?? {}) as KubeObject['metadata']
    hands.create(kind, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name,
        namespace,
        ...(annotations === undefined ? {} : { annotations }),
        ...(labels === undefined ? {} : { labels }),
        ownerReferences: [controllerRef(pod)],
      },
      spec: template['spec'] ?? {},
    } as KubeObject)
    return
  }
  const isOwn = ownersOf(had).some((owner) => owner.uid === uid && owner.controller === true)
  if (isOwn) return
  const place = `${namespace}/${name}`
  record(hands, pod, {
    type: 'Warning',
    reason: 'FailedBinding',
    message: `ephemeral volume ${volume}: PVC ${place} was not created for pod ${namespace}/${podName} (pod is not owner)`,
    component: 'ephemeral_volume',
  })
}
