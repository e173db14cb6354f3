/** What a function does with values of the kinds that its form names. */
export type Handler = (...args: never[]) => unknown

/** Forms of functions: the name and the kinds of the arguments, `*` for any. */
export type Forms = Readonly<Record<string, Handler>>
