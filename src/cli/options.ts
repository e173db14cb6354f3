import { parseArgs } from 'node:util'
import { Fault, messageOf, parseDuration } from '../base/index.ts'

/** Codes of faults in a command line. */
export type UsageCode = 'USAGE'

/** What a command takes: options by name, with the words of its help. */
export type OptionTable = Readonly<
  Record<
    string,
    {
      readonly type: 'string' | 'boolean'
      readonly short?: string
      readonly multiple?: boolean
      /** Name of the value in the help. */
      readonly value?: string
      readonly help: string
    }
  >
>

/** A command line, taken apart. */
export interface ParsedOptions {
  readonly values: Readonly<
    Record<string, string | boolean | readonly (string | boolean)[] | undefined>
  >
  readonly positionals: readonly string[]
}

/** A fault in the command line, whose message says what to do. */
export function usageFault(message: string, cause?: unknown): Fault<UsageCode> {
  return new Fault({ code: 'USAGE', message, ...(cause === undefined ? {} : { cause }) })
}

/**
 * Takes a command line apart; at most `most` positional words.
 * @throws Fault USAGE naming what is wrong
 */
export function parseOptions(
  argv: readonly string[],
  table: OptionTable,
  most: number,
): ParsedOptions {
  const options = {
    ...Object.fromEntries(
      Object.entries(table).map(([name, { type, short, multiple }]) => [
        name,
        { type, ...(short === undefined ? {} : { short }), ...(multiple ? { multiple } : {}) },
      ]),
    ),
    help: { type: 'boolean' as const, short: 'h' },
  }
  try {
    const parsed = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
    const extra = parsed.positionals[most]
    if (extra !== undefined) throw usageFault(`unexpected argument ${JSON.stringify(extra)}`)
    return parsed as ParsedOptions
  } catch (error) {
    if (error instanceof Fault) throw error
    throw usageFault(messageOf(error).split('. ')[0] ?? messageOf(error), error)
  }
}

/** A duration option in milliseconds. @throws Fault USAGE */
export function durationOption(parsed: ParsedOptions, name: string, defaultMs: number): number {
  const text = parsed.values[name]
  if (typeof text !== 'string') return defaultMs
  const ms = parseDuration(text)
  if (ms === undefined || ms < 0)
    throw usageFault(`--${name}: ${JSON.stringify(text)} is no duration; write 90s, 2m or 1h30m`)
  return ms
}

/** A port option, 0 for a free one. @throws Fault USAGE */
export function portOption(parsed: ParsedOptions, name: string): number {
  const text = parsed.values[name]
  if (typeof text !== 'string') return 0
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw usageFault(`--${name}: ${JSON.stringify(text)} is no port; give a number up to 65535`)
  return Number(text)
}

/** A text option, or undefined. */
export function textOption(parsed: ParsedOptions, name: string): string | undefined {
  const value = parsed.values[name]
  return typeof value === 'string' ? value : undefined
}

/** The help text of a command. */
export function helpText(usage: string, about: string, table: OptionTable): string {
  const rows = Object.entries(table).map(([name, { short, value, help }]) => {
    const head = `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`
    return [head, help] as const
  })
  const width = Math.max(...rows.map(([head]) => head.length), 0)
  const lines = rows.map(([head, help]) => `  ${head.padEnd(width)}  ${help}`)
  return `${about}\n\nUsage: ${usage}\n${lines.length === 0 ? '' : `\nOptions:\n${lines.join('\n')}\n`}`
}
