import type { AdmissionCase } from './play.ts'
import {
  ALL,
  CONFIG_MAPS,
  DEPLOYMENT,
  DEPLOYMENTS,
  label,
  MAPS,
  one,
  POD,
  PODS,
  patches,
  post,
} from './webhook.ts'

/** What becomes of patches. */
export const PATCHES: readonly AdmissionCase[] = [
  patches('label', [label('l', '1')]),
  patches('label-none', [
    { op: 'add', path: '/data', value: { a: 'b' } },
    { op: 'remove', path: '/metadata/labels' },
  ]),
  patches('patch-empty', []),
  patches('patch-no-path', [{ op: 'replace', path: '/data/none', value: 'x' }]),
  patches('patch-remove-none', [{ op: 'remove', path: '/data/none' }]),
  patches('patch-test', [{ op: 'test', path: '/data', value: 'x' }]),
  patches('patch-bad-op', [{ op: 'nonsense', path: '/data' }]),
  patches('patch-no-op', [{ path: '/data' }]),
  patches('patch-unknown-field', [{ op: 'add', path: '/nonsense', value: 1 }]),
  patches('patch-bad-type', [{ op: 'add', path: '/data', value: { a: 1 } }]),
  patches('patch-invalid', [{ op: 'add', path: '/data', value: { 'a b': 'c' } }]),
  patches('patch-rename', [{ op: 'replace', path: '/metadata/name', value: 'other' }]),
  patches('patch-renamespace', [{ op: 'replace', path: '/metadata/namespace', value: 'default' }]),
  patches('patch-rekind', [{ op: 'replace', path: '/kind', value: 'Secret' }]),
  patches('patch-system', [
    { op: 'add', path: '/metadata/uid', value: 'mine' },
    { op: 'add', path: '/metadata/generation', value: 7 },
    { op: 'add', path: '/metadata/creationTimestamp', value: '2001-01-01T00:00:00Z' },
    { op: 'add', path: '/metadata/finalizers', value: ['example.org/f'] },
  ]),
  patches('patch-managed', [{ op: 'replace', path: '/metadata/managedFields', value: [] }]),
  patches('patch-managed-bad', [
    {
      op: 'replace',
      path: '/metadata/managedFields',
      value: [{ manager: 'x', operation: 'Nonsense' }],
    },
  ]),
  one('patch-no-type', { mutating: [{ reply: { response: { patch: 'W10=' } } }] }),
  one('patch-no-patch', { mutating: [{ reply: { response: { patchType: 'JSONPatch' } } }] }),
  one('patch-odd-type', {
    mutating: [{ reply: { patch: [label('l', '1')], response: { patchType: 'Merge' } } }],
  }),
  one('patch-no-list', {
    mutating: [{ reply: { response: { patchType: 'JSONPatch', patch: 'e30=' } } }],
  }),
  one('patch-no-base64', {
    mutating: [{ reply: { response: { patchType: 'JSONPatch', patch: '!!' } } }],
  }),
  one(
    'patch-on-delete',
    {
      mutating: [
        {
          reply: { patch: [label('l', '1')] },
          rules: [{ ...CONFIG_MAPS[0], operations: ['DELETE'] }],
        },
      ],
    },
    [post('a'), { method: 'DELETE', path: `${MAPS}/a` }],
  ),
  one(
    'patch-on-connect',
    {
      mutating: [
        { reply: { patch: [label('l', '1')] }, rules: [{ ...ALL[0], operations: ['CONNECT'] }] },
      ],
    },
    [
      { method: 'POST', path: PODS, body: POD },
      { method: 'POST', path: `${PODS}/p/exec?command=ls` },
    ],
  ),
  one(
    'patch-connect-options',
    {
      mutating: [
        {
          reply: { patch: [{ op: 'add', path: '/stdin', value: true }] },
          rules: [{ ...ALL[0], operations: ['CONNECT'] }],
        },
      ],
      validating: [{ rules: [{ ...ALL[0], operations: ['CONNECT'] }] }],
    },
    [
      { method: 'POST', path: PODS, body: POD },
      { method: 'POST', path: `${PODS}/p/exec?command=ls` },
    ],
  ),
  one(
    'deny-connect',
    {
      validating: [
        {
          reply: { response: { allowed: false } },
          rules: [
            {
              apiGroups: [''],
              apiVersions: ['v1'],
              operations: ['CONNECT'],
              resources: ['pods/exec', 'services/proxy'],
            },
          ],
        },
      ],
    },
    [
      { method: 'POST', path: PODS, body: POD },
      { method: 'POST', path: `${PODS}/p/exec?command=ls` },
      { method: 'POST', path: `${PODS}/p/attach` },
    ],
  ),
  one(
    'deny-delete',
    {
      validating: [
        {
          reply: { response: { allowed: false } },
          rules: [{ ...CONFIG_MAPS[0], operations: ['DELETE'] }],
        },
      ],
    },
    [
      post('a', { labels: { s: 's' } }),
      post('b', { labels: { s: 's' } }),
      { method: 'DELETE', path: `${MAPS}/a` },
      { method: 'DELETE', path: `${MAPS}?labelSelector=s` },
      { method: 'DELETE', path: `${MAPS}/a?dryRun=All` },
      { method: 'GET', path: `${MAPS}?labelSelector=s&fieldSelector=metadata.name%3Da` },
    ],
  ),
  one(
    'patch-defaults',
    {
      mutating: [
        {
          reply: {
            patch: [
              {
                op: 'add',
                path: '/spec/template/spec/containers/-',
                value: { name: 'side', image: 's' },
              },
            ],
          },
          rules: ALL,
        },
      ],
    },
    [{ method: 'POST', path: DEPLOYMENTS, body: DEPLOYMENT }],
  ),
]
