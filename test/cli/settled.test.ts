import { expect, test } from 'vitest'
import { verdict } from '../../src/cli/settled.ts'
import type { KubeObject } from '../../src/object/index.ts'

interface Given {
  name?: string
  status?: 'True' | 'False' | 'Unknown'
  reason?: string
  revision?: string
  suspend?: boolean
  generation?: number
  observed?: number
}

function kustomization(given: Given): KubeObject {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: given.name ?? 'a', namespace: 'n', generation: given.generation ?? 1 },
    spec: { suspend: given.suspend ?? false, sourceRef: { kind: 'GitRepository', name: 'repo' } },
    status: {
      lastAppliedRevision: given.revision ?? 'r1',
      ...(given.status === undefined
        ? {}
        : {
            conditions: [
              {
                type: 'Ready',
                status: given.status,
                reason: given.reason ?? 'X',
                message: 'm',
                observedGeneration: given.observed ?? 1,
              },
            ],
          }),
    },
  }
}

function source(status: 'True' | 'False', revision = 'r1'): KubeObject {
  return {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: { name: 'repo', namespace: 'n', generation: 1 },
    spec: {},
    status: {
      artifact: { revision },
      conditions: [{ type: 'Ready', status, reason: 'X', message: 'm', observedGeneration: 1 }],
    },
  }
}

const CASES: Record<string, { reason: string; ks: Given[]; sources?: KubeObject[]; want: string }> =
  {
    empty: { reason: 'nothing has been created yet', ks: [], want: 'running' },
    ready: { reason: 'all ready', ks: [{ status: 'True' }], want: 'ready' },
    fresh: {
      reason: 'one has no status yet',
      ks: [{ status: 'True' }, { name: 'b' }],
      want: 'running',
    },
    progressing: {
      reason: 'a failure may yet be helped by what still runs',
      ks: [{ status: 'False' }, { status: 'Unknown' }],
      want: 'running',
    },
    failed: {
      reason: 'what waits for a failure waits for ever',
      ks: [{ status: 'False' }, { name: 'b', status: 'False', reason: 'DependencyNotReady' }],
      want: 'failed',
    },
    behind: {
      reason: 'an older revision than the published one is not the end',
      ks: [{ status: 'True', revision: 'r0' }],
      want: 'running',
    },
    generation: {
      reason: 'a condition about an older generation says nothing',
      ks: [{ status: 'False', generation: 2, observed: 1 }],
      want: 'running',
    },
    suspended: {
      reason: 'what is suspended is not waited for',
      ks: [{ status: 'True' }, { name: 'b', suspend: true }],
      want: 'ready',
    },
    source: {
      reason: 'a source that fails makes the whole fail',
      ks: [{ status: 'True' }],
      sources: [source('False')],
      want: 'failed',
    },
  }

test.each(Object.entries(CASES))('%s', (_, { reason, ks, sources, want }) => {
  expect(verdict(ks.map(kustomization), sources ?? [source('True')]), reason).toBe(want)
})
