import type { AdmissionCase } from './play.ts'
import { ANY, checks, DEPLOYED, deployment, param, params, pod } from './policy.ts'
import { DEPLOYMENTS, MAPS, MERGE, map, PODS, post } from './webhook.ts'

const GROUP = '/apis/admissionregistration.k8s.io/v1'

/** Policies that check. */
export const CHECKING: readonly AdmissionCase[] = [
  checks('vap-true', [{ expression: 'true' }]),
  checks('vap-false', [{ expression: 'false' }]),
  checks('vap-message', [{ expression: 'false', message: 'never', reason: 'Forbidden' }]),
  checks('vap-reason', [{ expression: 'false', message: 'big', reason: 'RequestEntityTooLarge' }]),
  checks('vap-two', [
    { expression: 'false', message: 'one' },
    { expression: 'false', message: 'two' },
  ]),
  checks('vap-second', [
    { expression: 'true' },
    { expression: 'object.metadata.name != "a"', reason: 'Forbidden' },
  ]),
  checks('vap-message-expression', [
    {
      expression: 'false',
      message: 'plain',
      messageExpression: '"name is " + object.metadata.name',
    },
  ]),
  checks('vap-message-expression-bad', [
    { expression: 'false', message: 'plain', messageExpression: 'string(object.data.none)' },
  ]),
  checks('vap-message-expression-empty', [{ expression: 'false', messageExpression: '" "' }]),
  checks('vap-message-expression-lines', [{ expression: 'false', messageExpression: '"a\\nb"' }]),
  checks('vap-error', [{ expression: 'object.data.none == "x"' }]),
  checks('vap-error-ignore', [{ expression: 'object.data.none == "x"' }], undefined, {
    failurePolicy: 'Ignore',
  }),
  checks('vap-lines', [{ expression: '  object.metadata.name ==\n   "b"  ' }]),
  checks(
    'vap-warn',
    [{ expression: 'false', message: 'careful' }],
    undefined,
    {},
    { validationActions: ['Warn'] },
  ),
  checks(
    'vap-audit',
    [{ expression: 'false', message: 'careful' }],
    undefined,
    {},
    { validationActions: ['Audit'] },
  ),
  checks(
    'vap-warn-audit',
    [{ expression: 'false', message: 'careful' }, { expression: 'object.data.none == "x"' }],
    undefined,
    {},
    { validationActions: ['Warn', 'Audit'] },
  ),
  checks(
    'vap-variables',
    [
      { expression: 'variables.b == "y!"', messageExpression: 'variables.b' },
      { expression: 'variables.b == "z"', messageExpression: '"b is " + variables.b' },
    ],
    undefined,
    {
      variables: [
        { name: 'a', expression: 'object.metadata.labels.x' },
        { name: 'b', expression: 'variables.a + "!"' },
      ],
    },
  ),
  checks('vap-variable-error', [{ expression: 'variables.a == "y"' }], undefined, {
    variables: [{ name: 'a', expression: 'object.data.none' }],
  }),
  checks('vap-conditions', [{ expression: 'false' }], [post('a'), post('b')], {
    matchConditions: [{ name: 'c', expression: 'object.metadata.name == "b"' }],
  }),
  checks('vap-condition-error', [{ expression: 'false' }], undefined, {
    matchConditions: [{ name: 'c', expression: 'object.data.none == "b"' }],
  }),
  checks(
    'vap-request',
    [
      {
        expression: 'false',
        messageExpression:
          'request.operation + request.name + request.namespace + request.userInfo.username + request.kind.kind + request.resource.resource + string(request.dryRun) + string(has(request.options.fieldManager))',
      },
    ],
    [{ method: 'POST', path: `${MAPS}?dryRun=All&fieldManager=f`, body: map('a') }],
  ),
  checks('vap-namespace', [
    {
      expression: 'false',
      messageExpression: 'namespaceObject.metadata.name + " " + namespaceObject.status.phase',
    },
  ]),
  checks('vap-authorizer', [
    {
      expression:
        '!authorizer.group("").resource("pods").namespace("default").check("get").allowed()',
      message: 'may',
    },
    {
      expression:
        'authorizer.serviceAccount("default", "default").group("").resource("pods").check("list").allowed()',
      message: 'may not',
    },
  ]),
  checks(
    'vap-update',
    [
      {
        expression: 'request.operation != "UPDATE" || object.data.a == oldObject.data.a',
        message: 'a stays',
      },
      { expression: 'request.operation != "DELETE"', message: 'never goes' },
    ],
    [
      { method: 'POST', path: MAPS, body: { ...map('a'), data: { a: '1' } } },
      { method: 'PATCH', path: `${MAPS}/a`, type: MERGE, body: { data: { a: '2' } } },
      { method: 'PATCH', path: `${MAPS}/a`, type: MERGE, body: { data: { b: '2' } } },
      { method: 'DELETE', path: `${MAPS}/a` },
      { method: 'DELETE', path: MAPS },
    ],
  ),
  checks(
    'vap-defaults',
    [
      {
        expression: 'object.spec.replicas <= 1 && object.spec.strategy.type == "Recreate"',
        messageExpression: '"strategy " + object.spec.strategy.type',
      },
    ],
    [deployment],
    DEPLOYED,
  ),
  checks(
    'vap-subresources',
    [
      {
        expression: 'false',
        messageExpression:
          'request.operation + " " + request.kind.kind + " " + request.requestSubResource',
      },
    ],
    [
      {
        method: 'PATCH',
        path: `${DEPLOYMENTS}/d/scale`,
        type: MERGE,
        body: { spec: { replicas: 1 } },
      },
      { method: 'POST', path: `${PODS}/p/exec?command=ls` },
      {
        method: 'POST',
        path: `${PODS}/p/eviction`,
        body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } },
      },
    ],
    {
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ['*'],
            apiVersions: ['*'],
            operations: ['*'],
            resources: ['pods/exec', 'pods/eviction', 'deployments/scale'],
          },
        ],
      },
    },
  ),
  checks(
    'vap-equivalent',
    [
      {
        expression: 'false',
        messageExpression:
          'request.kind.version + " " + request.requestKind.version + " " + object.apiVersion',
      },
    ],
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
    ],
    {
      matchConstraints: {
        resourceRules: [
          { apiGroups: ['autoscaling'], apiVersions: ['v1'], operations: ['*'], resources: ['*'] },
        ],
      },
    },
  ),
  checks(
    'vap-exact',
    [{ expression: 'false' }],
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
    ],
    {
      matchConstraints: {
        matchPolicy: 'Exact',
        resourceRules: [
          { apiGroups: ['autoscaling'], apiVersions: ['v1'], operations: ['*'], resources: ['*'] },
        ],
      },
    },
  ),
  checks('vap-names', [{ expression: 'false' }], [post('a'), post('b')], {
    matchConstraints: {
      resourceRules: [
        {
          apiGroups: [''],
          apiVersions: ['v1'],
          operations: ['*'],
          resources: ['configmaps'],
          resourceNames: ['b'],
        },
      ],
    },
  }),
  checks('vap-exclude', [{ expression: 'false' }], [post('a'), pod], {
    matchConstraints: {
      ...ANY,
      excludeResourceRules: [
        { apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['pods'] },
      ],
    },
  }),
  checks('vap-annotations', [{ expression: 'true' }], undefined, {
    auditAnnotations: [{ key: 'k', valueExpression: 'string(object.metadata.name)' }],
  }),
  checks('vap-annotation-error', [{ expression: 'true' }], undefined, {
    auditAnnotations: [{ key: 'k', valueExpression: 'string(object.data.none)' }],
  }),
  checks(
    'vap-status',
    [{ expression: 'object.nonsense == 1' }],
    [{ method: 'GET', path: `${GROUP}/validatingadmissionpolicies/{ns}-p` }],
  ),
  params('vap-params', { name: 'par', parameterNotFoundAction: 'Deny' }, [
    param('par', { name: 'b' }),
  ]),
  params('vap-params-none-deny', { name: 'none', parameterNotFoundAction: 'Deny' }, []),
  params('vap-params-none-allow', { name: 'none', parameterNotFoundAction: 'Allow' }, []),
  params(
    'vap-params-selector',
    { selector: { matchLabels: { p: 'q' } }, parameterNotFoundAction: 'Deny' },
    [
      param('par1', { name: 'b' }, { p: 'q' }),
      param('par2', { name: 'c' }, { p: 'r' }),
      param('par3', { name: 'd' }),
    ],
  ),
  params('vap-params-all', { selector: {}, parameterNotFoundAction: 'Deny' }, [
    param('par1', { name: 'a' }),
  ]),
]
