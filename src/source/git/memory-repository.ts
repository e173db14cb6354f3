import { compareText, memoryTree } from '../../base/index.ts'
import { encodeName } from '../tree/file-name.ts'
import {
  type GitObject,
  type GitType,
  type ObjectSource,
  objectId,
  type TreeEntry,
} from './object.ts'
import { reachable } from './pack-write.ts'

/** A repository to serve: its refs and the objects behind them. */
export interface Repository {
  readonly objects: ObjectSource
  /** From full names to objects. */
  refs(): ReadonlyMap<string, string>
  /** The branch that HEAD names, `refs/heads/main`. */
  head(): string
}

/** A file to commit: its text or bytes, or more about it. */
export type FileContent =
  | string
  | Uint8Array
  | { readonly executable: string | Uint8Array }
  | { readonly link: string }
  | { readonly submodule: string }

/** What goes into a commit. */
export interface CommitInput {
  readonly files: Readonly<Record<string, FileContent>>
  readonly message: string
  readonly parents?: readonly string[]
  /** Seconds since the epoch; 0 unless given, so that equal content gives equal commits. */
  readonly at?: number
  /** Signature of the commit, armored; its lines go into the `gpgsig` header. */
  readonly signature?: string
}

const WHO = 'tidegate <tidegate@localhost>'

/** A repository in memory, to which commits, tags and refs can be added. */
export class MemoryRepository implements Repository {
  readonly #objects = new Map<string, GitObject>()
  readonly #refs = new Map<string, string>()
  #head = 'refs/heads/main'

  readonly objects: ObjectSource = {
    get: (oid) => this.#objects.get(oid),
    has: (oid) => this.#objects.has(oid),
  }

  refs(): ReadonlyMap<string, string> {
    return this.#refs
  }

  head(): string {
    return this.#head
  }

  setHead(ref: string): void {
    this.#head = ref
  }

  /** Points a ref at an object, or removes it. */
  setRef(ref: string, oid: string | undefined): void {
    if (oid === undefined) this.#refs.delete(ref)
    else this.#refs.set(ref, oid)
  }

  /** Forgets the objects that no ref leads to. */
  keepReachable(): void {
    const kept = reachable(this.objects, [...this.#refs.values()])
    for (const oid of this.#objects.keys()) if (!kept.has(oid)) this.#objects.delete(oid)
  }

  /** Stores an object and answers its name. */
  write(type: GitType, data: Buffer): string {
    const oid = objectId(type, data)
    if (!this.#objects.has(oid)) this.#objects.set(oid, { type, data })
    return oid
  }

  /** Stores a commit with its files and answers its name. */
  commit(input: CommitInput): string {
    const tree = this.#tree(input.files)
    const { at = 0, parents = [], signature } = input
    const lines = [
      `tree ${tree}`,
      ...parents.map((parent) => `parent ${parent}`),
      `author ${WHO} ${at} +0000`,
      `committer ${WHO} ${at} +0000`,
      ...(signature === undefined ? [] : [`gpgsig ${signature.trimEnd().replaceAll('\n', '\n ')}`]),
    ]
    return this.write('commit', Buffer.from(`${lines.join('\n')}\n\n${input.message}\n`))
  }

  /** Stores an annotated tag, points `refs/tags/<name>` at it and answers its name. */
  tag(name: string, commit: string, message = `annotated ${name}`): string {
    const head = `object ${commit}\ntype commit\ntag ${name}\ntagger ${WHO} 0 +0000`
    const oid = this.write('tag', Buffer.from(`${head}\n\n${message}\n`))
    this.setRef(`refs/tags/${name}`, oid)
    return oid
  }

  #tree(files: Readonly<Record<string, FileContent>>): string {
    const leaves = new Map<string, TreeEntry>()
    for (const [path, content] of Object.entries(files)) {
      const name = path.slice(path.lastIndexOf('/') + 1)
      leaves.set(path, { name, ...this.#leaf(content) })
    }
    const shape = memoryTree(Object.fromEntries([...leaves.keys()].map((path) => [path, ''])))
    const build = (dir: string): string => {
      const entries = (shape.list(dir) ?? []).map((name): TreeEntry => {
        const path = dir === '' ? name : `${dir}/${name}`
        return leaves.get(path) ?? { mode: 'tree', name, oid: build(path) }
      })
      return this.write('tree', printTree(entries))
    }
    return build('')
  }

  #leaf(content: FileContent): Pick<TreeEntry, 'mode' | 'oid'> {
    if (typeof content === 'string' || content instanceof Uint8Array)
      return { mode: 'file', oid: this.write('blob', Buffer.from(content)) }
    if ('executable' in content)
      return { mode: 'executable', oid: this.write('blob', Buffer.from(content.executable)) }
    if ('link' in content)
      return { mode: 'link', oid: this.write('blob', Buffer.from(content.link)) }
    return { mode: 'submodule', oid: content.submodule }
  }
}

const DIGITS: Readonly<Record<TreeEntry['mode'], string>> = {
  tree: '40000',
  file: '100644',
  executable: '100755',
  link: '120000',
  submodule: '160000',
}

/** A tree object; Git sorts a directory as if its name ended in a slash. */
export function printTree(entries: readonly TreeEntry[]): Buffer {
  const key = (entry: TreeEntry): string =>
    entry.mode === 'tree' ? `${entry.name}/` : `${entry.name}`
  const sorted = [...entries].sort((a, b) => compareText(key(a), key(b)))
  return Buffer.concat(
    sorted.flatMap((entry) => [
      Buffer.from(`${DIGITS[entry.mode]} `),
      encodeName(entry.name),
      Buffer.from([0]),
      Buffer.from(entry.oid, 'hex'),
    ]),
  )
}
