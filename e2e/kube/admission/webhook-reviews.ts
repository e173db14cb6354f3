import type { AdmissionCase, Step } from './play.ts'
import { ALL, DEPLOYMENT, DEPLOYMENTS, MAPS, MERGE, map, one, POD, PODS } from './webhook.ts'

const EVERYTHING: readonly Step[] = [
  { method: 'POST', path: `${MAPS}?fieldManager=me&fieldValidation=Strict`, body: map('a') },
  { method: 'POST', path: `${MAPS}?dryRun=All`, body: map('dry') },
  {
    method: 'POST',
    path: MAPS,
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'made-' } },
  },
  { method: 'PUT', path: `${MAPS}/a?fieldManager=me`, body: { ...map('a'), data: { a: 'b' } } },
  { method: 'PUT', path: `${MAPS}/a?fieldManager=me`, body: { ...map('a'), data: { a: 'b' } } },
  { method: 'PATCH', path: `${MAPS}/a?fieldManager=p`, type: MERGE, body: { data: { a: 'c' } } },
  { method: 'PATCH', path: `${MAPS}/a`, type: MERGE, body: {} },
  {
    method: 'PATCH',
    path: `${MAPS}/a?fieldManager=s&force=true`,
    type: 'application/apply-patch+yaml',
    body: { ...map('a'), data: { z: 'z' } },
  },
  {
    method: 'PATCH',
    path: `${MAPS}/new?fieldManager=s`,
    type: 'application/apply-patch+yaml',
    body: { ...map('new'), data: { z: 'z' } },
  },
  { method: 'DELETE', path: `${MAPS}/a?propagationPolicy=Orphan` },
  {
    method: 'DELETE',
    path: `${MAPS}/new`,
    body: {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      gracePeriodSeconds: 3,
    },
  },
  { method: 'DELETE', path: `${MAPS}/new?dryRun=All` },
  { method: 'POST', path: MAPS, body: map('one', { labels: { set: 's' } }) },
  { method: 'POST', path: MAPS, body: map('two', { labels: { set: 's' } }) },
  { method: 'DELETE', path: `${MAPS}?labelSelector=set%3Ds&fieldManager=x` },
  { method: 'POST', path: DEPLOYMENTS, body: DEPLOYMENT },
  {
    method: 'PATCH',
    path: `${DEPLOYMENTS}/d/status`,
    type: MERGE,
    body: { status: { replicas: 1 } },
  },
  { method: 'PATCH', path: `${DEPLOYMENTS}/d/scale`, type: MERGE, body: { spec: { replicas: 1 } } },
  {
    method: 'PUT',
    path: `${DEPLOYMENTS}/d/scale`,
    body: {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'd', namespace: '{ns}' },
      spec: { replicas: 2 },
    },
  },
  { method: 'POST', path: PODS, body: POD },
  {
    method: 'POST',
    path: `${PODS}/p/eviction?dryRun=All`,
    body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } },
  },
  { method: 'POST', path: `${PODS}/p/exec?command=ls&container=c&stdin=true` },
  { method: 'GET', path: `${PODS}/p/attach?stdout=true` },
  { method: 'POST', path: `${PODS}/p/portforward?ports=80` },
  { method: 'GET', path: `${PODS}/p/proxy/a/b` },
  { method: 'GET', path: `${PODS}/p/log` },
  { method: 'PATCH', path: `${PODS}/p/status`, type: MERGE, body: { status: { phase: 'Failed' } } },
  {
    method: 'PATCH',
    path: `${PODS}/p/ephemeralcontainers`,
    body: { spec: { ephemeralContainers: [{ name: 'e', image: 'i' }] } },
    type: 'application/strategic-merge-patch+json',
  },
  {
    method: 'POST',
    path: `${PODS}/p/binding`,
    body: {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: 'p' },
      target: { kind: 'Node', name: 'none' },
    },
  },
  {
    method: 'POST',
    path: `${PODS}/p/eviction`,
    body: {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: 'p' },
      deleteOptions: { gracePeriodSeconds: 0 },
    },
  },
  {
    method: 'POST',
    path: '/api/v1/namespaces/{ns}/serviceaccounts',
    body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } },
  },
  {
    method: 'POST',
    path: '/api/v1/namespaces/{ns}/serviceaccounts/robot/token',
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 700 },
    },
  },
  {
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/namespaces/{ns}/localsubjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'LocalSubjectAccessReview',
      metadata: { namespace: '{ns}' },
      spec: { user: 'u', resourceAttributes: { namespace: '{ns}', verb: 'get', resource: 'pods' } },
    },
  },
  {
    method: 'PATCH',
    path: '/api/v1/namespaces/{ns}',
    type: MERGE,
    body: { metadata: { labels: { l: '1' } } },
  },
  {
    method: 'POST',
    path: MAPS,
    body: map('by'),
    headers: {
      'impersonate-user': 'ann',
      'impersonate-group': 'system:masters',
      'impersonate-uid': '42',
      'impersonate-extra-scopes': 'view',
    },
  },
  { method: 'POST', path: MAPS, body: { ...map('bad'), binaryData: { x: 'not base64!' } } },
  { method: 'POST', path: MAPS, body: map('Bad_Name') },
  { method: 'POST', path: MAPS, body: map('by') },
  { method: 'PATCH', path: `${MAPS}/none`, type: MERGE, body: {} },
  { method: 'DELETE', path: `${MAPS}/none` },
]

/** What webhooks are asked of everything that a server does. */
export const REVIEWS: readonly AdmissionCase[] = [
  one('reviews', { mutating: [{ rules: ALL }], validating: [{ rules: ALL }] }, EVERYTHING),
]
