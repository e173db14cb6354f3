import { dirName, type FileTree, joinPath } from '../../base/index.ts'
import { parseYamlDocument, YamlError, type YamlNode } from '../../object/index.ts'
import { textOf } from '../load/loader.ts'
import { fieldText } from '../model/node.ts'
import { currentId, originalId, type Resource } from '../model/resource.ts'
import { Lines, lineBefore, operationLine } from './lines.ts'
import { type Blame, follow, type Shadow } from './shadow.ts'
import type { Change, TraceLayer, Tracer, TraceStep } from './types.ts'

/** Steps that write texts of their own, whose nodes know their lines. */
const PATCHES = new Set(['patches', 'patchesStrategicMerge', 'patchesJson6902'])
const GENERATORS = new Set(['configMapGenerator', 'secretGenerator'])

/** Fields of an edit, and what those who edit call them. */
const EDITS: Readonly<Record<string, string>> = {
  namespace: 'targetNamespace',
  namePrefix: 'namePrefix',
  nameSuffix: 'nameSuffix',
}

/**
 * Follows a build: after each step every resource of the wanted kinds is compared with what it was
 * before. So it is right whatever a step does, and knows nothing of how it does it.
 */
export class FieldTracer implements Tracer {
  readonly #tree: FileTree
  readonly #lines: Lines
  readonly #kinds: ReadonlySet<string> | undefined
  readonly #shadows = new Map<YamlNode, Shadow>()
  #done: readonly Resource[] = []

  constructor(tree: FileTree, kinds: ReadonlySet<string> | undefined) {
    this.#tree = tree
    this.#lines = new Lines(tree)
    this.#kinds = kinds
  }

  /** What is known of one of the resources that came out of the build. */
  shadowOf(index: number): Shadow | undefined {
    const resource = this.#done[index]
    return resource === undefined ? undefined : this.#shadows.get(resource.node)
  }

  done(resources: readonly Resource[]): void {
    this.#done = resources
  }

  read(resources: readonly Resource[], layer: TraceLayer): void {
    for (const resource of resources) if (this.#wants(resource)) this.#readOne(resource, layer)
  }

  after(resources: Iterable<Resource>, step: TraceStep, layer: TraceLayer): void {
    const blame = this.#blameOf(step, layer)
    for (const resource of resources) {
      if (!this.#wants(resource)) continue
      const { node } = resource
      const known = this.#shadows.get(node) ?? this.#before(resource, step, layer)
      this.#shadows.set(node, follow(known, node, blame))
    }
  }

  #wants(resource: Resource): boolean {
    if (this.#kinds === undefined) return true
    if (this.#kinds.has(fieldText(resource.node, 'kind'))) return true
    return resource.previous.some(({ kind }) => this.#kinds?.has(kind))
  }

  #readOne(resource: Resource, layer: TraceLayer): Shadow {
    const layers = layer.chain()
    const { file, node } = resource
    const blame: Blame = (at) => {
      const line = at.line || node.line
      return { step: 'resources', file, layers, ...(line > 0 ? { line } : {}) }
    }
    const shadow = follow(undefined, node, blame)
    this.#shadows.set(node, shadow)
    return shadow
  }

  /** What a resource was that is seen for the first time. */
  #before(resource: Resource, step: TraceStep, layer: TraceLayer): Shadow | undefined {
    if (resource.file !== '' && !isGenerator(step)) return this.#readOne(resource, layer)
    // A generator that merges puts a new resource in the place of an old one.
    const id = originalId(resource)
    for (const [root, shadow] of this.#shadows) {
      const old = currentId({ ...resource, node: root, previous: [] })
      const isSame = old.kind === id.kind && shadow.fields.get('metadata') !== undefined
      const names = [id.name, currentId(resource).name]
      if (isSame && names.includes(old.name) && root !== resource.node) {
        this.#shadows.delete(root)
        return shadow
      }
    }
    return undefined
  }

  #blameOf(step: TraceStep, layer: TraceLayer): Blame {
    const layers = layer.chain()
    const own = joinPath(layer.root, layer.fileName)
    if (step.file !== undefined) {
      const { file } = step
      return () => ({ step: step.step, file, layers })
    }
    const where = this.#placeOf(step, own)
    if (where === undefined)
      return () => ({ step: `spec.${EDITS[step.step] ?? step.step}`, file: '', layers })
    const text = PATCHES.has(step.step) ? this.#patchText(where, layer) : undefined
    const known = new Map<string, Change>()
    return (node, path) => {
      const line = text === undefined ? this.#lineFor(where, step, path) : text.line(node, path)
      const file = text?.file ?? own
      const key = String(line)
      const change = known.get(key) ?? { step: nameOf(step), file, layers, ...lined(line) }
      known.set(key, change)
      return change
    }
  }

  /** Where a step is written; undefined for what an edit added. */
  #placeOf(step: TraceStep, own: string): readonly (string | number)[] | undefined {
    const { step: field, index } = step
    if (index === undefined) {
      const isEdit = Object.hasOwn(EDITS, field) && this.#lines.find(own, [field]).depth === 0
      return isEdit ? undefined : [own, field]
    }
    const old = field === 'images' ? 'imageTags' : undefined
    const count = this.#lines.length(own, field)
    if (index < count) return [own, field, index]
    if (old !== undefined && index - count < this.#lines.length(own, old))
      return [own, old, index - count]
    return undefined
  }

  #lineFor(where: readonly (string | number)[], step: TraceStep, path: readonly string[]): number {
    const [file = '', ...at] = where
    const key = path.at(-1) ?? ''
    const inside = step.step === 'labels' ? ['pairs', key] : step.index === undefined ? [key] : []
    const { node, depth } = this.#lines.find(String(file), [...at, ...inside])
    if (depth === 0) return 0
    if (!GENERATORS.has(step.step)) return node.line
    return entryLine(node, key) ?? node.line
  }

  /** The text of a patch: in the kustomization file, or in one of its own. */
  #patchText(
    where: readonly (string | number)[],
    layer: TraceLayer,
  ): { file: string; line: (node: YamlNode, path: readonly string[]) => number } | undefined {
    const [own = '', ...at] = where
    const file = String(own)
    const { node: entry } = this.#lines.find(file, at)
    const inline = this.#lines.find(file, [...at, 'patch'])
    if (inline.depth > at.length) {
      const before = lineBefore(inline.node)
      const patch = parsed(inline.node.value.trim())
      return { file, line: lineIn(patch, before, inline.node.line) }
    }
    const path = fieldText(entry, 'path')
    if (path === '') return undefined
    const from = joinPath(layer.root, path)
    const bytes = this.#tree.read(from)
    const text = bytes === undefined ? undefined : textOf(bytes)
    if (text === undefined) return undefined
    return { file: from, line: lineIn(parsed(text), 0, 1) }
  }
}

function lineIn(
  patch: YamlNode | undefined,
  before: number,
  otherwise: number,
): (node: YamlNode, path: readonly string[]) => number {
  return (node, path) => {
    const line = operationLine(patch, path) || (patch?.kind === 4 ? node.line : 0)
    return line === 0 ? otherwise : before + line
  }
}

function parsed(text: string): YamlNode | undefined {
  try {
    return parseYamlDocument(text)
  } catch (error) {
    if (error instanceof YamlError) return undefined
    throw error
  }
}

/** The line of the literal or file that a key of a generated object comes from. */
function entryLine(generator: YamlNode, key: string): number | undefined {
  const [list] = ['literals', 'files', 'envs'].flatMap((field) => {
    const index = generator.content.findIndex((each, i) => i % 2 === 0 && each.value === field)
    const items = index < 0 ? [] : (generator.content[index + 1] as YamlNode).content
    return items.filter(({ value }) => {
      if (value.startsWith(`${key}=`)) return true
      return field === 'files' && value.slice(dirName(value).length).replace(/^\//, '') === key
    })
  })
  return list?.line
}

function isGenerator({ step }: TraceStep): boolean {
  return GENERATORS.has(step) || step === 'generators'
}

function nameOf({ step, index }: TraceStep): string {
  return index === undefined ? step : `${step}[${index}]`
}

function lined(line: number): { line?: number } {
  return line > 0 ? { line } : {}
}
