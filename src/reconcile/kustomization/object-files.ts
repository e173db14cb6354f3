import { Fault, joinPath, placedMessage } from '../../base/index.ts'
import { idOf, idText, type KubeObject } from '../../object/index.ts'

/** From `Kind/namespace/name` to the file in the artifact that the object was read from. */
export type ObjectFiles = ReadonlyMap<string, string>

/** The files of built objects; generated objects have none. `root` is where the tree was mounted. */
export function objectFiles(
  objects: readonly KubeObject[],
  files: readonly string[],
  root: string,
): ObjectFiles {
  const known = objects.flatMap((object, i): [string, string][] => {
    const file = files[i] ?? ''
    return file === '' ? [] : [[idText(idOf(object)), withoutRoot(file, root)]]
  })
  return new Map(known)
}

function withoutRoot(file: string, root: string): string {
  return file.startsWith(`${root}/`) ? file.slice(root.length + 1) : joinPath(file)
}

/** Lines that say in which files objects are, for the end of a message; `''` when nothing is known. */
export function filesText(objects: readonly KubeObject[], files: ObjectFiles): string {
  const lines = objects.flatMap((object) => {
    const id = idText(idOf(object))
    const file = files.get(id)
    return file === undefined ? [] : [`${id} is in ${file}\n`]
  })
  return [...new Set(lines)].join('')
}

/** The message of a failed build, with its place as it is in the artifact. */
export function buildMessage(fault: Fault, root: string): string {
  const { at } = fault
  const file = at?.file === undefined ? undefined : withoutRoot(at.file, root)
  const placed = placedMessage(
    new Fault({
      code: fault.code,
      message: fault.message,
      ...(at === undefined ? {} : { at: { ...at, ...(file === undefined ? {} : { file }) } }),
    }),
  )
  // Flux's own words place files below `/root`; what comes after them speaks of the artifact.
  return placed.replaceAll(` ${root}/`, ' ').replaceAll(`(${root}/`, '(')
}

/** The messages of all objects that failed after the build, each with the file it is in. */
export function objectMessages(fault: Fault, files: ObjectFiles): string {
  return [fault, ...fault.others]
    .map((each) => {
      const file = files.get(each.at?.object ?? '')
      return file === undefined ? each.message : `${each.message} (${file})`
    })
    .join('\n')
}
