/**
 * What strategic merge needs to know of kinds. A field leads to another definition (number), is a
 * list that merges (`[definition of its items, merge keys …]`), or a map (`{'*': definition}`).
 */
export interface Definitions {
  /** From `apiVersion kind` to an index in the table; -1 where nothing merges. */
  readonly kinds: Readonly<Record<string, number>>
  readonly table: readonly Readonly<Record<string, FieldRule>>[]
}

/** See {@link Definitions}. */
export type FieldRule = number | readonly (number | string)[] | { readonly '*': FieldRule }
