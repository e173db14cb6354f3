import { existsSync, mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * Makes a folder and those that it lies in, each by itself: where the system says of a folder that it
 * is there and that nothing can be in it, as of /proc, Node's own way never comes to an end.
 * @throws Error of the system that names the first folder that can not be made
 */
export function makeFolder(path: string): void {
  const missing: string[] = []
  for (let at = resolve(path); !existsSync(at); at = dirname(at)) missing.push(at)
  for (const each of missing.reverse()) makeOne(each)
}

function makeOne(path: string): void {
  try {
    mkdirSync(path)
  } catch (error) {
    // Somebody else may have been faster.
    if (!existsSync(path)) throw error
  }
}
