/** The program of a build thread: builds what it is sent, one build at a time, and keeps no state but caches. */
import { parentPort } from 'node:worker_threads'
import { type FileTree, isFault } from '../base/index.ts'
import { buildMounted, createParseCache, type TreeDigests } from '../build/index.ts'
import { openPacked } from '../files/index.ts'
import type { KubeObject } from '../object/index.ts'
import { type BuildOrder, type FromThread, sentFault, type ToThread } from './build-messages.ts'

/** Objects that go back at once: reading them must not hold the other side up. */
const PART = 100
/** Trees that stay open: their digests are known. */
const TREES_MAX = 4

const digests: TreeDigests = new WeakMap()
const parses = createParseCache()
const trees = new Map<number, FileTree>()
let parts: Iterator<FromThread> | undefined

parentPort?.on('message', (message: ToThread) => {
  if (message !== 'next') parts = answers(message.build)
  const next = parts?.next()
  if (next?.done === false) parentPort?.postMessage(next.value)
})

function* answers(order: BuildOrder): Generator<FromThread> {
  try {
    const { result, questions } = buildMounted(
      {
        tree: treeOf(order),
        root: order.root,
        mounts: new Map(order.mounts.map(([path, packed]) => [path, openPacked(packed)])),
        path: order.path,
        options: { ...order.options, parses },
      },
      digests,
    )
    if ('missing' in result) {
      yield { missing: result.missing, questions }
      return
    }
    yield* partsOf(result.objects)
    yield { done: { files: result.files, warnings: result.warnings }, questions }
  } catch (error) {
    if (isFault(error)) yield { fault: sentFault(error) }
    else yield { bug: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

function* partsOf(objects: readonly KubeObject[]): Generator<FromThread> {
  for (let at = 0; at < objects.length; at += PART)
    yield { part: JSON.stringify(objects.slice(at, at + PART)) }
}

function treeOf({ tree: packed, treeNumber }: BuildOrder): FileTree {
  const known = trees.get(treeNumber)
  if (known !== undefined) return known
  const tree = openPacked(packed)
  const [oldest] = trees.keys()
  if (trees.size >= TREES_MAX && oldest !== undefined) trees.delete(oldest)
  trees.set(treeNumber, tree)
  return tree
}
