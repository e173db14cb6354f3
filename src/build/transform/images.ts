import { goRegex } from '../../base/index.ts'
import { MAPPING, SCALAR, SEQUENCE, scalarNode, type YamlNode } from '../../object/index.ts'
import type { ImageSpec } from '../load/kustomization.ts'
import { type FieldSpec, visitField } from '../model/field-spec.ts'
import { demandKind, fieldText, getField, setScalar } from '../model/node.ts'
import type { Resource } from '../model/resource.ts'
import { specsFor } from './field-lists.ts'

/**
 * Changes names, tags and digests of images: in all lists called `containers` or `initContainers`,
 * and at the places of the config.
 * @see sigs.k8s.io/kustomize/api v0.21.1 filters/imagetag
 */
export function setImage(
  resources: readonly Resource[],
  image: ImageSpec,
  specs: readonly FieldSpec[],
): void {
  const set = imageSetter(image)
  const matching = specsFor(specs)
  for (const { node } of resources)
    if (fieldText(node, 'kind') !== 'CustomResourceDefinition') visitContainers(node, set)
  for (const resource of resources) {
    if (fieldText(resource.node, 'kind') === 'CustomResourceDefinition') continue
    for (const spec of matching(resource))
      visitField(resource.node, spec, { set, createKind: 0, createTag: '' })
  }
}

function visitContainers(node: YamlNode, set: (node: YamlNode) => void): void {
  const { content } = node
  if (node.kind === SEQUENCE) for (const item of content) visitContainers(item, set)
  if (node.kind !== MAPPING) return
  for (let i = 0; i + 1 < content.length; i += 2) {
    const value = content[i + 1] as YamlNode
    if (value.kind === SCALAR) continue
    visitContainers(value, set)
    const key = (content[i] as YamlNode).value
    if (value.kind !== SEQUENCE || (key !== 'containers' && key !== 'initContainers')) continue
    for (const item of value.content) {
      const field = getField(item, 'image')
      if (field !== undefined) set(field)
    }
  }
}

/** Says whether an image is meant. */
interface ImageMatcher {
  matches(image: string): boolean
}

const matchers = new Map<string, ImageMatcher | undefined>()

/** Says whether an image is of a name, which kustomize takes for a pattern. */
function matcherFor(name: string): ImageMatcher | undefined {
  if (matchers.has(name)) return matchers.get(name)
  if (matchers.size > 10_000) matchers.clear()
  const matcher = PLAIN.test(name) ? plainMatcher(name) : patternMatcher(name)
  matchers.set(name, matcher)
  return matcher
}

/** Names in which at most the dot means more than itself. */
const PLAIN = /^[\w/:@.-]*$/
const REST = /^(?::[a-zA-Z0-9_.{}-]*)?(?:@sha256:[a-zA-Z0-9_.{}-]*)?$/

function plainMatcher(name: string): ImageMatcher {
  if (name.includes('.')) {
    const start = new RegExp(`^${name.replaceAll('.', '[^\\n]')}`, 'u')
    return {
      matches: (image) => {
        const found = start.exec(image)
        return found !== null && REST.test(image.slice(found[0].length))
      },
    }
  }
  return { matches: (image) => image.startsWith(name) && REST.test(image.slice(name.length)) }
}

function patternMatcher(name: string): ImageMatcher | undefined {
  try {
    return goRegex(`^${name}(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$`)
  } catch {
    return undefined
  }
}

function imageSetter(image: ImageSpec): (node: YamlNode) => void {
  const matcher = matcherFor(image.name ?? '')
  return (node) => {
    demandKind(node, SCALAR)
    if (matcher?.matches(node.value) !== true) return
    setScalar(node, scalarNode(changed(node.value, image)))
  }
}

function changed(value: string, image: ImageSpec): string {
  const old = splitImage(value)
  const name = image.newName || old.name
  if (image.newTag) return joinImage(name, image.newTag, image.digest ?? '')
  if (image.digest) return joinImage(name, '', image.digest)
  if (image.tagSuffix) return joinImage(name, old.tag + image.tagSuffix, '')
  return joinImage(name, old.tag, old.digest)
}

function joinImage(name: string, tag: string, digest: string): string {
  return `${name}${tag === '' ? '' : `:${tag}`}${digest === '' ? '' : `@${digest}`}`
}

/** Splits an image into name, tag and digest; a port of the host belongs to the name. */
function splitImage(image: string): { name: string; tag: string; digest: string } {
  const slash = Math.max(image.indexOf('/'), 0)
  const search = image.slice(slash)
  const at = search.indexOf('@')
  const colon = search.indexOf(':')
  if (at < 0 && colon < 0) return { name: image, tag: '', digest: '' }
  if (at >= 0 && (colon < 0 || at < colon))
    return { name: image.slice(0, slash + at), tag: '', digest: image.slice(slash + at + 1) }
  const name = image.slice(0, slash + colon)
  if (at < 0) return { name, tag: image.slice(slash + colon + 1), digest: '' }
  return {
    name,
    tag: image.slice(slash + colon + 1, slash + at),
    digest: image.slice(slash + at + 1),
  }
}
