/**
 * Directories of the disk as file trees, and journals on it.
 * Invariant: nothing outside of the directory is ever read, by no path and no symbolic link.
 */
export type { JournalCode } from './codes.ts'
export { diskTree } from './disk-tree.ts'
export { makeFolder } from './folder.ts'
export { type JournalFile, openJournal } from './journal.ts'
export { openPacked, type PackedTree, packTree } from './packed-tree.ts'
