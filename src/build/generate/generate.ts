import { isUtf8 } from 'node:buffer'
import { compareText } from '../../base/index.ts'
import {
  LITERAL,
  MAPPING,
  SCALAR,
  scalarNode,
  stringNode,
  type YamlNode,
  yamlNode,
} from '../../object/index.ts'
import { fail } from '../fault.ts'
import type { GeneratorArgs, GeneratorOptions } from '../load/kustomization.ts'
import type { Loader } from '../load/loader.ts'
import { fieldOrNew, setField } from '../model/node.ts'
import { setAt } from '../model/path.ts'
import { type Behavior, makeResource, type Resource } from '../model/resource.ts'
import { readPairs } from './pairs.ts'

/**
 * Makes a ConfigMap or Secret.
 * @see sigs.k8s.io/kustomize/api v0.21.1 internal/generators
 */
export function generateMap(
  kind: 'ConfigMap' | 'Secret',
  args: GeneratorArgs,
  loader: Loader,
): Resource {
  const name = args.name ?? ''
  if (name === '') fail('a configmap must have a name')
  const node = yamlNode(MAPPING, '!!map', '')
  node.content.push(
    scalarNode('apiVersion'),
    stringNode('v1'),
    scalarNode('kind'),
    stringNode(kind),
  )
  setAt(node, ['metadata', 'name'], scalarNode(name))
  if (args.namespace) setAt(node, ['metadata', 'namespace'], scalarNode(args.namespace))
  if (kind === 'Secret') {
    setField(node, 'type', stringNode(args.type || 'Opaque'))
    fieldOrNew(node, 'data', MAPPING)
  }
  const pairs = readPairs(args, loader)
  for (const key of [...pairs.keys()].sort(compareText))
    setPair({ node, kind, key, bytes: pairs.get(key) as Uint8Array })
  applyOptions(node, args.options)
  const resource = makeResource(node, '')
  resource.needsHash = args.options?.disableNameSuffixHash !== true
  resource.behavior = behaviorOf(args.behavior)
  return resource
}

function setPair(pair: {
  readonly node: YamlNode
  readonly kind: 'ConfigMap' | 'Secret'
  readonly key: string
  readonly bytes: Uint8Array
}): void {
  const { node, kind, key, bytes } = pair
  const isText = kind === 'ConfigMap' && isUtf8(bytes)
  const field = kind === 'ConfigMap' && !isText ? 'binaryData' : 'data'
  const value = isText ? Buffer.from(bytes).toString('utf8') : base64Lines(bytes)
  const map = fieldOrNew(node, field, MAPPING)
  if (map !== undefined) setField(map, key, textNode(value))
}

/** A string, as a literal block where it has more lines. */
export function textNode(value: string): YamlNode {
  return yamlNode(SCALAR, '!!str', value, value.includes('\n') ? LITERAL : 0)
}

/** Base64 in lines of 70 characters, each ended, where there is more than one. */
export function base64Lines(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('base64')
  if (text.length < 70) return text
  return text.replaceAll(/.{1,70}/g, '$&\n')
}

function behaviorOf(text: string | undefined): Behavior {
  return text === 'create' || text === 'replace' || text === 'merge' ? text : 'unspecified'
}

function applyOptions(node: YamlNode, options: GeneratorOptions | undefined): void {
  for (const [field, map] of [
    ['labels', options?.labels],
    ['annotations', options?.annotations],
  ] as const)
    for (const key of Object.keys(map ?? {}).sort(compareText))
      setAt(node, ['metadata', field, key], stringNode(map?.[key] ?? ''))
  if (options?.immutable === true) setField(node, 'immutable', yamlNode(SCALAR, '!!bool', 'true'))
}

/** Options of one generator with those for all generators below them. */
export function mergeOptions(
  own: GeneratorOptions | undefined,
  all: GeneratorOptions | undefined,
): GeneratorOptions | undefined {
  if (all === undefined) return own
  return {
    labels: { ...all.labels, ...own?.labels },
    annotations: { ...all.annotations, ...own?.annotations },
    disableNameSuffixHash:
      own?.disableNameSuffixHash === true || all.disableNameSuffixHash === true,
    immutable: own?.immutable === true || all.immutable === true,
  }
}
