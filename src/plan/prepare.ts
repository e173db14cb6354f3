import { Fault } from '../base/index.ts'
import {
  gvkOf,
  idOf,
  idText,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
} from '../object/index.ts'
import { hasMarker, ownerLabels } from './markers.ts'

/** Codes of faults in preparing. */
export type PrepareCode = 'ENCRYPTED_SECRET'

/** What to prepare built objects with. */
export interface PrepareOptions {
  readonly owner: { readonly name: string; readonly namespace: string }
  readonly commonMetadata?: {
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  /** Sends an object of a built-in kind through its type; answers others as they are. */
  readonly conform: (object: KubeObject) => KubeObject
}

/**
 * Makes built objects ready to be applied: owner labels, the typed round trip of built-in kinds,
 * common metadata. Lists are already taken apart; kustomize's own Kustomizations are left out.
 * @throws Fault ENCRYPTED_SECRET for a Secret that is still encrypted
 * @see kustomize-controller internal/controller/kustomization_controller.go apply (v1.9.4)
 */
export function prepareObjects(
  objects: readonly KubeObject[],
  options: PrepareOptions,
): readonly KubeObject[] {
  const prepared = withoutOthers(objects).map((object) => {
    const labelled = withMetadata(object, { labels: ownerLabels(options.owner) })
    const typed = options.conform(labelled)
    return withCommonMetadata(bare(typed), options.commonMetadata)
  })
  for (const object of prepared) refuseEncrypted(object)
  return prepared
}

/** Built objects without those that are never applied: nameless ones and kustomize's own. */
export function withoutOthers(objects: readonly KubeObject[]): readonly KubeObject[] {
  return objects.filter((object) => isNamed(object) && !isBuildFile(object))
}

/** A name that is no text (a number without quotes) counts as none, and the object as no object. */
function isNamed({ metadata }: KubeObject): boolean {
  return typeof metadata.name === 'string' && metadata.name !== ''
}

function isBuildFile(object: KubeObject): boolean {
  const { group, kind } = gvkOf(object)
  return group === 'kustomize.config.k8s.io' && kind.toLowerCase() === 'kustomization'
}

/**
 * An object with the common labels and annotations of its Kustomization laid over its own.
 * @see fluxcd/pkg ssa/utils/meta.go SetCommonMetadata (v0.76.1)
 */
export function withCommonMetadata(
  object: KubeObject,
  common: PrepareOptions['commonMetadata'],
): KubeObject {
  if (common === undefined) return object
  const { labels, annotations } = object.metadata
  return withMetadata(object, {
    ...(hasTexts(labels) || common.labels !== undefined ? { labels: common.labels ?? {} } : {}),
    ...(hasTexts(annotations) || common.annotations !== undefined
      ? { annotations: common.annotations ?? {} }
      : {}),
  })
}

function hasTexts(values: Readonly<Record<string, string>> | undefined): boolean {
  return Object.keys(texts(values)).length > 0
}

function withMetadata(
  object: KubeObject,
  add: {
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  },
): KubeObject {
  const { labels, annotations } = object.metadata
  return {
    ...object,
    metadata: {
      ...object.metadata,
      ...(add.labels === undefined ? {} : { labels: { ...texts(labels), ...add.labels } }),
      ...(add.annotations === undefined
        ? {}
        : { annotations: { ...texts(annotations), ...add.annotations } }),
    },
  }
}

/**
 * Go reads labels and annotations whole or not at all: one value that is no text, and none is left.
 * Null, which is what a variable without a value leaves behind, is an empty text.
 */
function texts(values: Readonly<Record<string, Json>> | undefined): Record<string, string> {
  const all = Object.entries(values ?? {}).map(([key, value]) => [key, value ?? ''] as const)
  const read = all.filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return read.length === all.length ? Object.fromEntries(read) : {}
}

/** Without what the API server refuses or fills in by itself: creation time, status. */
function bare(object: KubeObject): KubeObject {
  const { creationTimestamp: _, ...metadata } = object.metadata
  const { status, ...rest } = object
  const isCrd = object.kind === 'CustomResourceDefinition' && status !== undefined
  return { ...rest, ...(isCrd ? { status } : {}), metadata } as KubeObject
}

function refuseEncrypted(object: KubeObject): void {
  const sops = (object as { readonly sops?: Json }).sops
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1' || !isObject(sops)) return
  if (hasMarker(object, 'decrypt', 'disabled')) return
  throw new Fault<PrepareCode>({
    code: 'ENCRYPTED_SECRET',
    message: `${idText(idOf(object))} is SOPS encrypted, configuring decryption is required for this secret to be reconciled`,
    at: { object: idText(idOf(object)) },
  })
}

/** Takes the items of `List` kinds out of their lists. */
export function expandLists(objects: readonly KubeObject[]): readonly KubeObject[] {
  return objects.flatMap((object) => {
    const items = (object as unknown as JsonObject)['items']
    if (!object.kind.endsWith('List') || !Array.isArray(items)) return [object]
    return expandLists(items as unknown as readonly KubeObject[])
  })
}
