import { expect, test } from 'vitest'
import { rootCause } from '../../src/health/index.ts'
import type { KubeObject } from '../../src/object/index.ts'

const WEB: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'a' },
}

function pod(status: object, metadata: object = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-1', namespace: 'a', ...metadata },
    status,
  }
}

function waiting(reason: string, message?: string): object {
  return { containerStatuses: [{ name: 'app', state: { waiting: { reason, message } } }] }
}

function warning(kind: string, name: string, at: string, message: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${at}` },
    type: 'Warning',
    reason: 'FailedThing',
    message,
    lastTimestamp: `2026-01-01T00:00:${at}Z`,
    involvedObject: { kind, name, namespace: 'a' },
  }
}

interface Case {
  readonly children?: readonly KubeObject[]
  readonly events?: readonly KubeObject[]
  readonly object?: KubeObject
  readonly want: string | undefined
}

const CASES: Readonly<Record<string, Case>> = {
  'an image that cannot be pulled': {
    children: [pod(waiting('ImagePullBackOff', 'Back-off pulling image "x:1"'))],
    want: 'pod web-1: container app: ImagePullBackOff: Back-off pulling image "x:1"',
  },
  'an init container comes first': {
    children: [
      pod({
        initContainerStatuses: [
          { name: 'init', state: { waiting: { reason: 'CrashLoopBackOff' } } },
        ],
        containerStatuses: [{ name: 'app', state: { waiting: { reason: 'PodInitializing' } } }],
      }),
    ],
    want: 'pod web-1: container init: CrashLoopBackOff',
  },
  'a crash loop says how it ended': {
    children: [
      pod({
        containerStatuses: [
          {
            name: 'app',
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { reason: 'OOMKilled' } },
          },
        ],
      }),
    ],
    want: 'pod web-1: container app: CrashLoopBackOff (last: OOMKilled)',
  },
  'a pod that fits nowhere': {
    children: [
      pod({
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: '0/3 nodes are available',
          },
        ],
      }),
    ],
    want: 'pod web-1: Unschedulable: 0/3 nodes are available',
  },
  'containers that are being created are no cause': {
    children: [pod(waiting('ContainerCreating'))],
    want: undefined,
  },
  'a pod on its way out is no cause': {
    children: [pod(waiting('CrashLoopBackOff'), { deletionTimestamp: '2026-01-01T00:00:00Z' })],
    want: undefined,
  },
  'a ReplicaSet that may create no pods': {
    children: [
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: { name: 'web-5', namespace: 'a' },
        status: {
          conditions: [
            {
              type: 'ReplicaFailure',
              status: 'True',
              reason: 'FailedCreate',
              message: 'exceeded quota',
            },
          ],
        },
      },
    ],
    want: 'ReplicaSet/a/web-5: FailedCreate: exceeded quota',
  },
  'the last warning': {
    children: [pod(waiting('ContainerCreating'))],
    events: [
      warning('Pod', 'web-1', '02', 'newer'),
      warning('Pod', 'web-1', '01', 'older'),
      warning('Pod', 'other', '03', 'not about us'),
    ],
    want: 'pod web-1: FailedThing: newer',
  },
  'its own condition': {
    object: {
      ...WEB,
      status: {
        conditions: [{ type: 'Available', status: 'False', reason: 'R', message: 'm\nn' }],
      },
    },
    want: 'Deployment/a/web: R: m n',
  },
  nothing: { want: undefined },
}

test.each(Object.entries(CASES))('%s', (_, { object, children, events, want }) => {
  expect(rootCause(object ?? WEB, { children: children ?? [], events: events ?? [] })).toBe(want)
})

test('a cause is one line of bounded length', () => {
  const cause = rootCause(WEB, { children: [pod(waiting('Bad', 'x'.repeat(10_000)))], events: [] })
  expect(cause?.length).toBeLessThanOrEqual(512)
})
