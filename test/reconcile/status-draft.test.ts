import { describe, expect, test } from 'vitest'
import type { Kustomization } from '../../src/api/index.ts'
import { VirtualClock } from '../../src/base/index.ts'
import { StatusDraft } from '../../src/reconcile/kustomization/draft.ts'

describe('writes of one run', () => {
  test('go out one after another, however long the first takes', async () => {
    const draft = draftOf({})
    const seen: string[] = []
    let finish = (): void => undefined
    const first = draft.inTurn(async () => {
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      seen.push('progress')
    })
    const second = draft.inTurn(() => Promise.resolve(void seen.push('end')))
    await Promise.resolve()
    expect(seen).toEqual([])
    finish()
    await Promise.all([first, second])
    expect(seen).toEqual(['progress', 'end'])
  })

  test('a write that failed keeps none that follows from being made', async () => {
    const draft = draftOf({})
    const broken = draft.inTurn(() => Promise.reject(new Error('no server')))
    await expect(broken).rejects.toThrow('no server')
    let isMade = false
    await draft.inTurn(() => Promise.resolve(void (isMade = true)))
    expect(isMade).toBe(true)
  })
})

describe('the patch of a status', () => {
  test('names no conditions where there were none and are none', () => {
    const draft = draftOf({ observedGeneration: -1 })
    draft.status.lastHandledReconcileAt = 'now'
    expect(draft.patchFrom(objectOf({ observedGeneration: -1 }))).toEqual({
      lastHandledReconcileAt: 'now',
    })
  })
})

function objectOf(status: Kustomization['status'] & object): Kustomization {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: 'ks', namespace: 'apps', generation: 1 },
    spec: { interval: '1h', prune: true, sourceRef: { kind: 'GitRepository', name: 'repo' } },
    status,
  }
}

function draftOf(status: Kustomization['status'] & object): StatusDraft {
  return new StatusDraft(objectOf(status), new VirtualClock(0))
}
