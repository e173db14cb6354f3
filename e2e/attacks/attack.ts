import { expect } from 'vitest'
import type { KubeObject } from '../../src/object/index.ts'
import type { FileContent } from '../../src/source/index.ts'
import type { World } from './world.ts'

/** What one attack does. Its name is that of its Kustomization and of its folder. */
export interface Attack {
  readonly name: string
  /** In one sentence, for the list. */
  readonly does: string
  /** Below the folder of the attack, in the attacker's repository. */
  readonly files?: Readonly<Record<string, FileContent>>
  /** What the attacker applies, in its namespace, before its Kustomization. */
  readonly objects?: (world: World) => string
  /** Further lines of the spec; the word `none`: no Kustomization is made. */
  readonly spec?: string
  /** The status that the attacker writes into its Kustomization. */
  readonly status?: string
  readonly path?: string
  /** Costs seconds of a processor: not among the tests of every day. */
  readonly isHeavy?: boolean
  /** Never comes to an end: others have to. */
  readonly isWait?: boolean
  /** What must hold in the end, beside what holds for all. */
  readonly want: (seen: Seen) => Promise<void> | void
}

/** What has become of an attack. */
export interface Seen {
  readonly world: World
  readonly name: string
  /** The Kustomization; undefined where the API server did not take it. */
  readonly object: KubeObject | undefined
  /** What the API server refused. */
  readonly refused: readonly string[]
}

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
}

/** A condition of an object. */
export function condition(object: KubeObject | undefined, type = 'Ready'): Condition | undefined {
  const status = object?.['status'] as { conditions?: Condition[] } | undefined
  return status?.conditions?.find((each) => each.type === type)
}

/** It fails, in such words. */
export function fails(words: RegExp): Attack['want'] {
  return ({ object, refused }) => {
    const ready = condition(object)
    if (object === undefined) {
      expect(refused.join('\n')).toMatch(words)
      return
    }
    expect(ready?.status).toBe('False')
    expect(ready?.message).toMatch(words)
  }
}

/** The API server does not take it. */
export const isRefused: Attack['want'] = ({ refused, object }) => {
  expect([refused.length > 0, object], refused.join('\n')).toEqual([true, undefined])
}

/** An object is not there. */
export function absent(kind: string, namespace: string, name: string): Attack['want'] {
  return async ({ world }) => expect(await world.get(kind, namespace, name)).toBeUndefined()
}

/** A source fails, in such words. */
export function sourceFails(kind: string, words: RegExp, name?: string): Attack['want'] {
  return async (seen) => {
    const source = await seen.world.get(kind, 'tenant-a', name ?? seen.name)
    const ready = condition(source)
    if (source === undefined) {
      expect(seen.refused.join('\n')).toMatch(/Invalid value/)
      return
    }
    expect(ready?.status, ready?.message).toBe('False')
    expect(ready?.message).toMatch(words)
  }
}

/** No request of the attack has come to the internal host, whatever else happened. */
export const sendsNothing: Attack['want'] = ({ world, name }) => {
  expect(
    world.internal.requests.filter((request) => new RegExp(`/${name}(?![\\w-])`).test(request)),
  ).toEqual([])
}

/** All of these hold. */
export function both(...wants: readonly Attack['want'][]): Attack['want'] {
  return async (seen) => {
    for (const want of wants) await want(seen)
  }
}

/** It comes to nothing or to something, but to an end: what holds for all attacks is enough. */
export const ends: Attack['want'] = ({ object }) => {
  expect(condition(object)?.status).toMatch(/True|False/)
}

/** Kustomization file and one ConfigMap of the attack. */
export function configMap(name: string, more = ''): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n${more}`
}

export const VICTIM_REF = 'namespace: tenant-b, name: victim'
