import { Fault, type Place } from '../base/index.ts'
import type { BuildOptions, BuildRequest, Built, RemoteBase } from '../build/index.ts'
import type { PackedTree } from '../files/index.ts'

/** A build as it is sent to a thread. */
export interface BuildOrder {
  readonly tree: PackedTree
  /** Trees with the same number are the same tree. */
  readonly treeNumber: number
  readonly mounts: readonly (readonly [string, PackedTree])[]
  readonly root: BuildRequest['root']
  readonly path: BuildRequest['path']
  readonly options: Omit<BuildOptions, 'parses' | 'bytesMax' | 'ignores'>
}

/** What a thread is sent: a build, or that a part has been read and the next one may come. */
export type ToThread = { readonly build: BuildOrder } | 'next'

/** What comes back: objects part by part, each as JSON, then how it ended. */
export type FromThread =
  | { readonly part: string }
  | { readonly done: Pick<Built, 'files' | 'warnings'>; readonly questions: Asked }
  | { readonly missing: readonly RemoteBase[]; readonly questions: Asked }
  | { readonly fault: SentFault }
  | { readonly bug: string }

type Asked = ReadonlyMap<string, string>

/** A fault without what can not be sent. */
export interface SentFault {
  readonly code: string
  readonly message: string
  readonly at: Place | undefined
  readonly others: readonly SentFault[]
}

/** Takes a fault apart. */
export function sentFault(fault: Fault): SentFault {
  const { code, message, at, others } = fault
  return { code, message, at, others: others.map(sentFault) }
}

/** Puts a fault together again. */
export function receivedFault(sent: SentFault): Fault {
  const { code, message, at } = sent
  const others = sent.others.map(receivedFault)
  return new Fault({ code, message, others, ...(at === undefined ? {} : { at }) })
}
