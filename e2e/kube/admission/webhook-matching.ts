import type { AdmissionCase } from './play.ts'
import {
  ALL,
  configuration,
  DEPLOYMENT,
  DEPLOYMENTS,
  label,
  MAPS,
  MERGE,
  one,
  post,
} from './webhook.ts'

/** Which webhooks are asked, in which order and how often. */
export const MATCHING: readonly AdmissionCase[] = [
  one('two-mutate', {
    mutating: [
      { reply: { patch: [label('a', '1')] } },
      { reply: { patch: [label('a', '2'), label('b', '2')] } },
    ],
    validating: [{}],
  }),
  one('again', {
    mutating: [
      { reply: { patch: [label('a', '1')] }, more: { reinvocationPolicy: 'IfNeeded' } },
      { reply: { patch: [label('a', '2')] } },
    ],
    validating: [{}],
  }),
  one('again-both', {
    mutating: [
      { reply: { patch: [label('a', '1')] }, more: { reinvocationPolicy: 'IfNeeded' } },
      { reply: { patch: [label('a', '2')] }, more: { reinvocationPolicy: 'IfNeeded' } },
    ],
  }),
  one('again-same', {
    mutating: [
      { reply: { patch: [label('a', '1')] }, more: { reinvocationPolicy: 'IfNeeded' } },
      { reply: { patch: [label('a', '1')] } },
    ],
  }),
  one('again-three', {
    mutating: [
      { reply: { patch: [label('a', '1')] }, more: { reinvocationPolicy: 'IfNeeded' } },
      { reply: { patch: [label('b', '1')] }, more: { reinvocationPolicy: 'IfNeeded' } },
      { reply: {}, more: { reinvocationPolicy: 'IfNeeded' } },
    ],
  }),
  one('again-last', {
    mutating: [
      { reply: { patch: [label('a', '1')] } },
      { reply: { patch: [label('b', '1')] }, more: { reinvocationPolicy: 'IfNeeded' } },
    ],
  }),
  {
    name: 'order',
    setup: (hooks, namespace) =>
      ['z', 'a', 'm'].map((name) =>
        configuration('Mutating', name, {
          hooks,
          namespace,
          list: [{ reply: { patch: [label('who', name)] } }, {}],
        }),
      ),
    steps: [post('a', { labels: { x: 'y' } })],
  },
  {
    name: 'both-deny',
    setup: (hooks, namespace) => [
      configuration('Mutating', 'm', {
        hooks,
        namespace,
        list: [{ reply: { response: { allowed: false, status: { message: 'm' } } } }, {}],
      }),
      configuration('Validating', 'v', {
        hooks,
        namespace,
        list: [{ reply: { response: { allowed: false, status: { message: 'v' } } } }],
      }),
    ],
    steps: [post('a')],
  },
  ...(['Exact', 'Equivalent'] as const).map(
    (matchPolicy): AdmissionCase =>
      one(
        `match-${matchPolicy.toLowerCase()}`,
        {
          mutating: [
            {
              rules: [
                {
                  apiGroups: ['autoscaling', 'events.k8s.io'],
                  apiVersions: ['v1'],
                  operations: ['*'],
                  resources: ['*'],
                },
              ],
              more: { matchPolicy },
              reply: {
                patch: [{ op: 'add', path: '/metadata/annotations', value: { seen: 'yes' } }],
              },
            },
          ],
          validating: [
            {
              rules: [
                { apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['events'] },
                {
                  apiGroups: ['autoscaling'],
                  apiVersions: ['v1'],
                  operations: ['*'],
                  resources: ['*/*'],
                },
              ],
              more: { matchPolicy },
            },
          ],
        },
        [
          {
            method: 'POST',
            path: '/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers',
            body: {
              apiVersion: 'autoscaling/v2',
              kind: 'HorizontalPodAutoscaler',
              metadata: { name: 'h' },
              spec: {
                maxReplicas: 3,
                scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' },
              },
            },
          },
          {
            method: 'POST',
            path: '/api/v1/namespaces/{ns}/events',
            body: {
              apiVersion: 'v1',
              kind: 'Event',
              metadata: { name: 'e' },
              involvedObject: { namespace: '{ns}' },
              reason: 'r',
              type: 'Normal',
            },
          },
          { method: 'POST', path: DEPLOYMENTS, body: DEPLOYMENT },
          {
            method: 'PATCH',
            path: `${DEPLOYMENTS}/d/scale`,
            type: MERGE,
            body: { spec: { replicas: 1 } },
          },
        ],
      ),
  ),
  one(
    'condition-true',
    {
      validating: [
        { more: { matchConditions: [{ name: 'c', expression: 'request.name == "a"' }] } },
      ],
    },
    [post('a'), post('b')],
  ),
  one('condition-error', {
    validating: [
      { more: { matchConditions: [{ name: 'c', expression: 'object.data.x == "a"' }] } },
    ],
  }),
  one('condition-error-ignore', {
    validating: [
      {
        more: {
          failurePolicy: 'Ignore',
          matchConditions: [{ name: 'c', expression: 'object.data.x == "a"' }],
        },
      },
    ],
  }),
  one('condition-error-false', {
    mutating: [
      {
        more: {
          matchConditions: [
            { name: 'c', expression: 'object.data.x == "a"' },
            { name: 'd', expression: 'false' },
          ],
        },
      },
    ],
  }),
  one('condition-two-errors', {
    mutating: [
      {
        more: {
          matchConditions: [
            { name: 'c', expression: 'object.data.x == "a"' },
            { name: 'd', expression: 'object.data.y == "a"' },
          ],
        },
      },
    ],
  }),
  one('condition-authorizer', {
    validating: [
      {
        more: {
          matchConditions: [
            { name: 'c', expression: 'authorizer.requestResource.check("get").allowed()' },
            { name: 'd', expression: 'oldObject == null && !has(object.data)' },
          ],
        },
      },
    ],
  }),
  one(
    'object-selector',
    { validating: [{ more: { objectSelector: { matchLabels: { x: 'y' } } } }] },
    [
      post('a', { labels: { x: 'y' } }),
      post('b'),
      { method: 'PATCH', path: `${MAPS}/a`, type: MERGE, body: { metadata: { labels: null } } },
    ],
  ),
  one('scope-cluster', { validating: [{ rules: [{ ...ALL[0], scope: 'Cluster' }] }] }, [
    post('a'),
    {
      method: 'PATCH',
      path: '/api/v1/namespaces/{ns}',
      type: MERGE,
      body: { metadata: { labels: { l: '1' } } },
    },
  ]),
  one('scope-namespaced', { validating: [{ rules: [{ ...ALL[0], scope: 'Namespaced' }] }] }, [
    post('a'),
    {
      method: 'PATCH',
      path: '/api/v1/namespaces/{ns}',
      type: MERGE,
      body: { metadata: { labels: { l: '1' } } },
    },
  ]),
  one('resources-star', { validating: [{ rules: [{ ...ALL[0], resources: ['*'] }] }] }, [
    { method: 'POST', path: DEPLOYMENTS, body: DEPLOYMENT },
    {
      method: 'PATCH',
      path: `${DEPLOYMENTS}/d/status`,
      type: MERGE,
      body: { status: { replicas: 1 } },
    },
  ]),
  one(
    'resources-part',
    {
      validating: [
        { rules: [{ ...ALL[0], resources: ['deployments/*', '*/scale', 'pods/exec'] }] },
      ],
    },
    [
      { method: 'POST', path: DEPLOYMENTS, body: DEPLOYMENT },
      {
        method: 'PATCH',
        path: `${DEPLOYMENTS}/d/status`,
        type: MERGE,
        body: { status: { replicas: 1 } },
      },
      {
        method: 'PATCH',
        path: `${DEPLOYMENTS}/d/scale`,
        type: MERGE,
        body: { spec: { replicas: 1 } },
      },
    ],
  ),
]
