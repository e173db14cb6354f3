import type { AdmissionCase } from './play.ts'
import {
  applies,
  DEPLOYED,
  deployment,
  one,
  PARAM_KIND,
  PODDED,
  param,
  patches,
  pod,
} from './policy.ts'
import { MAPS, MERGE, map, post } from './webhook.ts'

const ADD = '[JSONPatch{op: "add", path: "/metadata/labels/made", value: "yes"}]'

/** Policies that change. */
export const CHANGING: readonly AdmissionCase[] = [
  applies('map-label', 'Object{metadata: Object.metadata{labels: {"made": "yes"}}}'),
  applies('map-data', 'Object{data: {"k": object.metadata.name}}'),
  applies('map-empty', 'Object{}'),
  applies('map-name', 'Object{metadata: Object.metadata{name: "other"}}'),
  applies('map-error', 'Object{data: {"k": object.data.none}}'),
  applies('map-error-ignore', 'Object{data: {"k": object.data.none}}', undefined, {
    failurePolicy: 'Ignore',
  }),
  applies(
    'map-conditional',
    'has(object.metadata.labels) ? Object{data: {"k": "labels"}} : Object{data: {"k": "none"}}',
    [post('a'), post('b', { labels: { a: 'b' } })],
  ),
  applies(
    'map-containers',
    'Object{spec: Object.spec{initContainers: [Object.spec.initContainers{name: "init", image: "i"}], containers: [Object.spec.containers{name: "c", imagePullPolicy: "Never"}]}}',
    [pod],
    PODDED,
  ),
  applies(
    'map-atomic-selector',
    'Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {"z": "z"}}}}',
    [deployment],
    DEPLOYED,
  ),
  applies(
    'map-atomic-args',
    'Object{spec: Object.spec{containers: [Object.spec.containers{name: "c", args: ["a"]}]}}',
    [pod],
    PODDED,
  ),
  applies(
    'map-atomic-command',
    'Object{spec: Object.spec{containers: [Object.spec.containers{name: "c", env: [Object.spec.containers.env{name: "E", value: "1"}]}]}}',
    [pod],
    PODDED,
  ),
  applies(
    'map-atomic-node-selector',
    'Object{spec: Object.spec{nodeSelector: {"a": "b"}}}',
    [pod],
    PODDED,
  ),
  applies(
    'map-atomic-resources',
    'Object{spec: Object.spec{tolerations: [Object.spec.tolerations{key: "k", operator: "Exists"}]}}',
    [pod],
    PODDED,
  ),
  applies(
    'map-atomic-affinity',
    'Object{spec: Object.spec{affinity: Object.spec.affinity{nodeAffinity: Object.spec.affinity.nodeAffinity{requiredDuringSchedulingIgnoredDuringExecution: Object.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution{}}}}}',
    [pod],
    PODDED,
  ),
  applies(
    'map-replicas',
    'Object{spec: Object.spec{replicas: object.spec.replicas + 2}}',
    [deployment],
    DEPLOYED,
  ),
  applies('map-wrong-type', 'Object{data: {"k": 1}}'),
  patches('map-patch', ADD),
  patches('map-patch-conditional', `has(object.metadata.labels) ? ${ADD} : []`, [
    post('a'),
    post('b', { labels: { a: 'b' } }),
  ]),
  patches('map-patch-fails', '[JSONPatch{op: "remove", path: "/data/none"}]'),
  patches(
    'map-patch-test',
    '[JSONPatch{op: "test", path: "/metadata/name", value: "b"}, JSONPatch{op: "add", path: "/data", value: Object.data{}}]',
  ),
  patches(
    'map-patch-escape',
    '[JSONPatch{op: "add", path: "/metadata/annotations", value: {}}, JSONPatch{op: "add", path: "/metadata/annotations/" + jsonpatch.escapeKey("a.b/c~d"), value: "e"}]',
  ),
  patches(
    'map-patch-object',
    '[JSONPatch{op: "add", path: "/data", value: {"a": "b"}}, JSONPatch{op: "copy", from: "/data/a", path: "/data/c"}, JSONPatch{op: "move", from: "/data/a", path: "/data/d"}]',
  ),
  patches('map-patch-bad-op', '[JSONPatch{op: "nonsense", path: "/data"}]'),
  patches('map-patch-bad-type', '[JSONPatch{op: "add", path: "/data", value: {"a": 1}}]'),
  patches(
    'map-patch-containers',
    '[JSONPatch{op: "add", path: "/spec/containers/-", value: Object.spec.containers{name: "side", image: "s"}}]',
    [pod],
    PODDED,
  ),
  patches('map-patch-invalid', '[JSONPatch{op: "add", path: "/data", value: {"a b": "c"}}]'),
  patches(
    'map-conditions',
    ADD,
    [post('a', { labels: { x: 'y' } }), post('b', { labels: { x: 'y' } })],
    { matchConditions: [{ name: 'c', expression: 'object.metadata.name == "b"' }] },
  ),
  patches('map-condition-error', ADD, undefined, {
    matchConditions: [{ name: 'c', expression: 'object.data.none == "b"' }],
  }),
  patches(
    'map-variables',
    '[JSONPatch{op: "add", path: "/data", value: {"v": variables.v}}]',
    undefined,
    { variables: [{ name: 'v', expression: 'object.metadata.name + "!"' }] },
  ),
  one('Mutating', 'map-two', [
    {
      name: 'a',
      spec: {
        mutations: [
          {
            patchType: 'JSONPatch',
            jsonPatch: {
              expression:
                '[JSONPatch{op: "add", path: "/metadata/labels/a", value: has(object.metadata.labels.b) ? "after" : "before"}]',
            },
          },
        ],
        reinvocationPolicy: 'IfNeeded',
      },
    },
    {
      name: 'b',
      spec: {
        mutations: [
          {
            patchType: 'JSONPatch',
            jsonPatch: {
              expression: '[JSONPatch{op: "add", path: "/metadata/labels/b", value: "b"}]',
            },
          },
        ],
      },
    },
  ]),
  one('Mutating', 'map-both', {
    spec: {
      mutations: [
        { patchType: 'JSONPatch', jsonPatch: { expression: ADD } },
        {
          patchType: 'ApplyConfiguration',
          applyConfiguration: { expression: 'Object{data: {"made": object.metadata.labels.made}}' },
        },
      ],
    },
  }),
  one(
    'Mutating',
    'map-params',
    {
      spec: {
        paramKind: PARAM_KIND,
        matchConditions: [
          { name: 'not-params', expression: '!object.metadata.name.startsWith("par")' },
        ],
        mutations: [
          {
            patchType: 'ApplyConfiguration',
            applyConfiguration: { expression: 'Object{data: {"from": params.data.name}}' },
          },
        ],
      },
      binding: { paramRef: { name: 'par', parameterNotFoundAction: 'Deny' } },
    },
    [post('a')],
    [param('par', { name: 'b' })],
  ),
  applies(
    'map-update',
    'Object{metadata: Object.metadata{annotations: {"op": request.operation}}}',
    [
      post('a'),
      { method: 'PATCH', path: `${MAPS}/a`, type: MERGE, body: { data: { a: 'b' } } },
      {
        method: 'PATCH',
        path: `${MAPS}/a?fieldManager=f`,
        type: 'application/apply-patch+yaml',
        body: { ...map('a'), data: { z: 'z' } },
      },
      { method: 'DELETE', path: `${MAPS}/a` },
    ],
  ),
]
