import { readFileSync } from 'node:fs'
import type { Json, JsonObject } from '../../src/object/index.ts'
import { expressionFolders, expressionsOf, SELF } from './expression-cases.ts'

/** How an expression is run: as readyExpr, as healthCheckExprs, and as the same that give a text. */
const WAYS = ['health', 'ready', 'parsed', 'checked'] as const
export type Way = (typeof WAYS)[number]

/** One expression for the recorder of Flux's own package. */
export interface FluxCase {
  readonly kind: Way
  /** The expression, as it stands in the list. */
  readonly said: string
  /** The same as it is run. */
  readonly text: string
  readonly object: JsonObject
}

/** What comes of it: the value, or the words of the fault. */
export interface FluxAnswer {
  readonly value?: Json
  readonly error?: string
}

const FOLDER = new URL('../fixtures/cel/flux/', import.meta.url)
/** Where the answers stand. */
export const ANSWERS: URL = new URL('answers.json', FOLDER)
/** What expressions are about: both sides of a dependency are alike. */
const SEEN: JsonObject = { self: SELF, dep: SELF }

function ownExpressions(): string[] {
  const lines = readFileSync(new URL('expressions.txt', FOLDER), 'utf8').split('\n')
  return lines.filter(Boolean).map((line) => line.replaceAll('⏎', '\n'))
}

/** What is recorded: Flux's expressions in all ways, and those that were written for Kubernetes. */
export function recordedCases(): FluxCase[] {
  const own = ownExpressions()
  const theirs = expressionFolders()
    .flatMap(expressionsOf)
    .filter((text) => !own.includes(text))
  return [...own.flatMap(casesOf), ...[...new Set(theirs)].map((text) => caseOf('checked', text))]
}

/** An expression in one way. */
export function caseOf(kind: Way, said: string): FluxCase {
  const isText = kind === 'parsed' || kind === 'checked'
  return { kind, said, text: isText ? `"%s".format([${said}])` : said, object: SEEN }
}

/** An expression in all ways. */
export function casesOf(text: string): FluxCase[] {
  return WAYS.map((kind) => caseOf(kind, text))
}

/** An answer in one text: without the expression, and with a mark before what is a fault. */
export function briefly({ text }: FluxCase, { value, error }: FluxAnswer = {}): string {
  if (error === undefined) return String(value)
  return `✗ ${error.replace(`'${text}'`, '⁂').replaceAll(`\n | ${text}\n`, '\n | ⁂\n')}`
}

/** What Flux's own package answered. */
export function recordedAnswers(): readonly (readonly [Way, string, string])[] {
  return JSON.parse(readFileSync(ANSWERS, 'utf8')) as readonly (readonly [Way, string, string])[]
}
