import { isArray, isObject, type Json } from '../../src/object/index.ts'

/** The value at a path like `metadata.labels.a` or `items.0.metadata.uid`, as a list of one or none. */
export function readJsonPath(value: Json, path: string): Json[] {
  let at: Json | undefined = value
  for (const step of path.split('.')) {
    if (isArray(at)) at = at[Number(step)]
    else at = isObject(at) ? at[step] : undefined
  }
  return at === undefined ? [] : [at]
}
