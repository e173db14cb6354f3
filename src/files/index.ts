/**
 * Directories of the disk as file trees.
 * Invariant: nothing outside of the directory is ever read, by no path and no symbolic link.
 */
export { diskTree } from './disk-tree.ts'
