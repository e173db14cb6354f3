import { z } from 'zod'
import type { Condition } from './condition.ts'

/** Durations as Flux takes them: `1h30m`. */
export const DURATION: RegExp = /^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$/
/** Durations of source timeouts, which stop at minutes. */
export const TIMEOUT: RegExp = /^([0-9]+(\.[0-9]+)?(ms|s|m))+$/

/** A rule in CEL that the API server evaluates on an object or a part of it. */
export interface CelRule {
  readonly rule: string
  readonly message: string
}

/** A text field. */
export function text(description: string): z.ZodString {
  return z.string().describe(description)
}

/** A yes or no. */
export function flag(description: string): z.ZodBoolean {
  return z.boolean().describe(description)
}

/** One of some words. */
export function word<const T extends readonly [string, ...string[]]>(
  words: T,
  description: string,
): z.ZodEnum<{ [K in T[number]]: K }> {
  return z.enum(words).describe(description) as never
}

/** A field that may be absent, but is never null. */
export function optional<T extends z.ZodType>(schema: T): z.ZodExactOptional<T> {
  return z.exactOptional(schema)
}

/** A field that the API server fills in. */
export function filled<T extends z.ZodType>(schema: T, value: unknown): z.ZodExactOptional<T> {
  return optional(schema.meta({ ...schema.meta(), default: value }) as T)
}

/** An object with its CEL rules. */
export function ruled<T extends z.ZodType>(schema: T, rules: readonly CelRule[]): T {
  return schema.meta({ ...schema.meta(), 'x-kubernetes-validations': rules }) as T
}

/** Labels, annotations, variables: texts by name. */
export function texts(description: string): z.ZodRecord<z.ZodString, z.ZodString> {
  return z.record(z.string(), z.string()).describe(description)
}

/** A whole number of 64 bits. */
export function integer(description: string): z.ZodInt {
  return z.int().meta({ description, format: 'int64' })
}

/** A moment. */
export function moment(description: string): z.ZodString {
  return z.string().meta({ description, format: 'date-time' })
}

/** Names an object of a known kind in the same namespace. */
export function local(description: string): z.ZodObject<{ name: z.ZodString }> {
  return z.object({ name: text('Name of the referent.') }).describe(description)
}

/** `status.conditions`. @see k8s.io/apimachinery pkg/apis/meta/v1 Condition */
export const conditions: z.ZodType<Condition[]> = z
  .array(
    z
      .object({
        type: z
          .string()
          .max(316)
          .regex(
            /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$/,
          )
          .describe('What the condition is about, in CamelCase.'),
        status: word(['True', 'False', 'Unknown'], 'Whether the condition holds.'),
        observedGeneration: optional(
          integer('Generation of the object that the condition was set for.').min(0),
        ),
        lastTransitionTime: moment('When the condition last changed.'),
        reason: z
          .string()
          .min(1)
          .max(1024)
          .regex(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/)
          .describe('Why it changed, in one CamelCase word for programs.'),
        message: z.string().max(32768).describe('Why it changed, in a sentence for people.'),
      })
      .describe('One aspect of the state that was observed.'),
  )
  .describe('The aspects of the state that was observed last.')

/** Fields that each status of Flux has. */
export const statusShape: {
  readonly conditions: z.ZodExactOptional<typeof conditions>
  readonly lastHandledReconcileAt: z.ZodExactOptional<z.ZodString>
  readonly observedGeneration: z.ZodExactOptional<z.ZodInt>
} = {
  conditions: optional(conditions),
  lastHandledReconcileAt: optional(
    text('Value of the reconcile.fluxcd.io/requestedAt annotation that was acted upon last.'),
  ),
  observedGeneration: optional(integer('Generation of the object that was reconciled last.')),
}

/** An empty status as the API server writes it into new objects: never observed. */
export const NEVER_OBSERVED: { readonly observedGeneration: -1 } = { observedGeneration: -1 }
