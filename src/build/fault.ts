import { Fault, type Place, placeText } from '../base/index.ts'
import { type Json, printYaml } from '../object/index.ts'

/** Codes of faults of a build: one for what the input is to blame for. */
export type BuildCode = 'BUILD'

/** What makes a {@link BuildFault}, beside its words. */
export interface BuildFaultInit {
  readonly at?: Place | undefined
  readonly cause?: unknown
  readonly others?: readonly Fault[]
  /** Directories of the kustomizations that led to it, outermost first. */
  readonly chain?: readonly string[]
}

/**
 * A fault in kustomize's words. Layers above put their context in front, as kustomize does.
 */
export class BuildFault extends Fault<BuildCode> {
  readonly chain: readonly string[]

  constructor(message: string, init: BuildFaultInit = {}) {
    const { at, cause, others = [], chain = [] } = init
    super({ code: 'BUILD', message, ...(at === undefined ? {} : { at }), cause, others })
    this.chain = chain
  }

  /** The same fault with other words around it, or found further out. */
  wrapped(message: string, chain: readonly string[] = this.chain): BuildFault {
    return new BuildFault(message, { at: this.at, cause: this, others: this.others, chain })
  }
}

/** Fails with a message of kustomize. */
export function fail(message: string, at?: Place): never {
  throw new BuildFault(message, { at })
}

/** Runs `work`; a fault in it gets `context` in front. */
export function within<T>(context: string | (() => string), work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof BuildFault)) throw error
    const text = typeof context === 'string' ? context : context()
    throw error.wrapped(`${text}: ${error.message}`)
  }
}

/** As {@link within}, where kustomize gives no context: what we say goes behind its words. */
export function after<T>(context: () => string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof BuildFault)) throw error
    throw error.wrapped(`${error.message}: ${context()}`)
  }
}

/** Makes a built-in plugin ready; a fault in it quotes the configuration, as kustomize does. */
export function configuring<T>(plugin: string, config: Json, work: () => T): T {
  return within(
    () =>
      `trouble configuring builtin ${plugin} with config: \`\n${printYaml(config, { keys: 'sorted' })}\``,
    work,
  )
}

/** As {@link within}, for the places where kustomize quotes what it was told. */
export function inQuotes<T>(context: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof BuildFault)) throw error
    throw error.wrapped(`${context}: ${JSON.stringify(error.message)}`)
  }
}

/** Runs the work of one kustomization; a fault in it learns the way that led there. */
export function along<T>(chain: () => readonly string[], work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof BuildFault) || error.chain.length > 0) throw error
    throw error.wrapped(error.message, chain())
  }
}

/** A fault as it leaves the build: its words, then the way through the kustomizations to its place. */
export function withChain(fault: BuildFault): BuildFault {
  const { chain, message } = fault
  const others = fault.others.map((each) => (each instanceof BuildFault ? withChain(each) : each))
  const place = placeText(fault.at)
  const way = [...chain, ...(place === '' ? [] : [place])].join(' → ')
  const text = chain.length < 2 || message.includes(way) ? message : `${message} (${way})`
  return new BuildFault(text, { at: fault.at, cause: fault.cause ?? fault, others, chain })
}
