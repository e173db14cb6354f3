import type { Tree } from './dice.ts'

/** Most builds that making one case smaller may cost. */
const MAX_TRIES = 600

/**
 * The smallest tree that was found for which `stillDiffers` holds: files and lines are left out in
 * ever smaller pieces.
 */
export async function shrink(
  tree: Tree,
  stillDiffers: (tree: Tree) => Promise<boolean>,
): Promise<Tree> {
  let best = tree
  const budget = { left: MAX_TRIES }
  const attempt = async (next: Tree): Promise<boolean> => {
    budget.left -= 1
    if (budget.left < 0 || !(await stillDiffers(next))) return false
    best = next
    return true
  }
  for (let changed = true; changed && budget.left > 0; ) {
    changed = false
    for (const path of Object.keys(best)) {
      const { [path]: _, ...rest } = best
      if (await attempt(rest)) changed = true
    }
    for (const path of Object.keys(best))
      if (await shrinkFile(path, () => best, attempt)) changed = true
  }
  return best
}

async function shrinkFile(
  path: string,
  current: () => Tree,
  attempt: (tree: Tree) => Promise<boolean>,
): Promise<boolean> {
  let changed = false
  const lines = (): string[] => (current()[path] ?? '').split('\n')
  for (let size = Math.ceil(lines().length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < lines().length; ) {
      const without = lines().toSpliced(at, size)
      if (await attempt({ ...current(), [path]: without.join('\n') })) changed = true
      else at += size
    }
  }
  return changed
}
