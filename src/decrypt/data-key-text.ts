/** Why one master key did not give its part. */
export interface KeyFailure {
  /** Its public name. */
  readonly name: string
  readonly why: string
}

/** What came of each group: its part, or why none of its keys gave it. */
export type GroupResult = Uint8Array | readonly KeyFailure[]

/**
 * Why the data key could not be had, in SOPS' own layout, which Flux puts into the condition.
 * @see getsops/sops v3.13 usererrors.go
 */
export function dataKeyText(results: readonly GroupResult[], shamirThreshold: number): string {
  const got = results.filter((result) => result instanceof Uint8Array).length
  const trailer =
    shamirThreshold === 0
      ? 'Recovery failed because no master key was able to decrypt the file. In order for SOPS to recover the file, at least one key has to be successful, but none were.'
      : `Recovery failed because the file was encrypted with a Shamir threshold of ${shamirThreshold}, but only ${got} part(s) were successfully recovered, one for each successful key group. In order for SOPS to recover the file, at least ${shamirThreshold} groups have to be successful. In order for a group to be successful, decryption has to succeed with any of the keys in that key group.`
  const groups = results.map(groupText).join('\n\n')
  return `Failed to get the data key required to decrypt the SOPS file.\n\n${groups}\n\n${wrap(trailer, 75)}`
}

function groupText(result: GroupResult, index: number): string {
  if (result instanceof Uint8Array) return `Group ${index}: SUCCESS`
  const keys = result.map(({ name, why }) => {
    const lines = indent(wrap(why, 60), '  | ').replace(/^ /, '-')
    return `${name}: FAILED\n${indent(lines, '  ')}`
  })
  return `Group ${index}: FAILED\n${indent(keys.join('\n\n'), '  ')}`
}

function indent(text: string, margin: string): string {
  return text
    .split('\n')
    .map((line) => `${margin}${line}`)
    .join('\n')
}

/** Breaks lines at spaces so that they stay within a width; a longer word stays whole. */
function wrap(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => wrapLine(line, width))
    .join('\n')
}

function wrapLine(line: string, width: number): string {
  let out = ''
  let column = 0
  for (const word of line.split(' ')) {
    const space = out === '' ? 0 : 1
    if (out !== '' && column + space + Math.min(word.length, width - 1) > width) {
      out += `\n${word}`
      column = word.length
    } else {
      out += space === 0 ? word : ` ${word}`
      column += space + word.length
    }
  }
  return out
}
