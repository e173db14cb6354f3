import { isArray, isObject, type Json, type JsonObject } from '../../object/index.ts'
import { lengthField } from './frame.ts'

/** A field's number, and the message that it holds when it holds one. */
type Field = readonly [number: number, message?: string]

/**
 * Messages of discovery, which no OpenAPI document describes.
 * @see k8s.io/apimachinery pkg/apis/meta/v1/generated.proto, k8s.io/api apidiscovery/v2 (v0.36.3)
 */
const MESSAGES: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  APIVersions: { versions: [1], serverAddressByClientCIDRs: [2, 'Address'] },
  Address: { clientCIDR: [1], serverAddress: [2] },
  APIGroupList: { groups: [1, 'APIGroup'] },
  APIGroup: {
    name: [1],
    versions: [2, 'GroupVersion'],
    preferredVersion: [3, 'GroupVersion'],
    serverAddressByClientCIDRs: [4, 'Address'],
  },
  GroupVersion: { groupVersion: [1], version: [2] },
  APIGroupDiscoveryList: { metadata: [1, 'Meta'], items: [2, 'Group'] },
  Group: { metadata: [1, 'Meta'], versions: [2, 'Version'] },
  Meta: { name: [1] },
  Version: { version: [1], resources: [2, 'Resource'], freshness: [3] },
  Resource: {
    resource: [1],
    responseKind: [2, 'Kind'],
    scope: [3],
    singularResource: [4],
    verbs: [5],
    shortNames: [6],
    categories: [7],
    subresources: [8, 'Subresource'],
  },
  Subresource: {
    subresource: [1],
    responseKind: [2, 'Kind'],
    acceptedTypes: [3, 'Kind'],
    verbs: [4],
  },
  Kind: { group: [1], version: [2], kind: [3] },
}

/** What discovery answers, as a message; undefined for other kinds. */
export function discoveryMessage(object: JsonObject): Uint8Array | undefined {
  const kind = String(object['kind'])
  return /^API(?:Versions|Group|GroupList|GroupDiscoveryList)$/.test(kind)
    ? message(object, kind)
    : undefined
}

function message(value: Json, name: string): Uint8Array {
  if (!isObject(value)) return new Uint8Array()
  const parts: Uint8Array[] = []
  for (const [key, [number, inner]] of Object.entries(MESSAGES[name] ?? {})) {
    const child = value[key]
    if (child === undefined || child === null) continue
    for (const each of isArray(child) ? child : [child])
      parts.push(
        lengthField(number, inner === undefined ? Buffer.from(String(each)) : message(each, inner)),
      )
  }
  return Buffer.concat(parts)
}
