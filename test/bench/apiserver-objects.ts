import type { JsonObject } from '../../src/object/index.ts'

/** An object of the mix, and where it is created. */
export interface Sample {
  readonly collection: string
  readonly name: string
  readonly body: string
}

/** What the objects are: one kind, or a mix as in a namespace of a real cluster. */
export type Mix = 'mix' | 'configmaps' | 'deployments' | 'services'

/** Object number `i`; of a mix, Deployments, Services and ConfigMaps in turn. */
export function sample(i: number, mix: Mix = 'mix'): Sample {
  const name = `app-${i}`
  const of = {
    mix: [deployment, service, configMap][i % 3] ?? configMap,
    configmaps: configMap,
    deployments: deployment,
    services: service,
  }[mix]
  const { collection, object } = of(name)
  return { collection, name, body: JSON.stringify(object) }
}

interface Made {
  readonly collection: string
  readonly object: JsonObject
}

const CORE = '/api/v1/namespaces/default'

function labelsOf(name: string): JsonObject {
  return { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'shop', team: 'web' }
}

function configMap(name: string): Made {
  const lines = Array.from({ length: 12 }, (_, i) => `${name}.option.${i} = value ${i * 7}`)
  return {
    collection: `${CORE}/configmaps`,
    object: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, labels: labelsOf(name) },
      data: { 'app.properties': lines.join('\n'), LOG_LEVEL: 'info', REGION: 'eu-central-1' },
    },
  }
}

function service(name: string): Made {
  return {
    collection: `${CORE}/services`,
    object: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, labels: labelsOf(name) },
      spec: {
        selector: { 'app.kubernetes.io/name': name },
        ports: [{ name: 'http', port: 80, targetPort: 'http' }],
      },
    },
  }
}

function deployment(name: string): Made {
  const container = {
    name: 'app',
    image: `registry.example/${name}:1.4.2`,
    ports: [{ name: 'http', containerPort: 8080 }],
    env: [
      { name: 'LOG_LEVEL', valueFrom: { configMapKeyRef: { name, key: 'LOG_LEVEL' } } },
      { name: 'PORT', value: '8080' },
    ],
    resources: {
      requests: { cpu: '100m', memory: '128Mi' },
      limits: { cpu: '500m', memory: '256Mi' },
    },
    readinessProbe: { httpGet: { path: '/ready', port: 'http' }, periodSeconds: 5 },
    volumeMounts: [{ name: 'config', mountPath: '/etc/app' }],
  }
  return {
    collection: '/apis/apps/v1/namespaces/default/deployments',
    object: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, labels: labelsOf(name) },
      spec: {
        // None: pods are the business of controllers, which are not compared here.
        replicas: 0,
        selector: { matchLabels: { 'app.kubernetes.io/name': name } },
        template: {
          metadata: { labels: labelsOf(name) },
          spec: {
            securityContext: { runAsNonRoot: true },
            containers: [container],
            volumes: [{ name: 'config', configMap: { name } }],
          },
        },
      },
    },
  }
}
