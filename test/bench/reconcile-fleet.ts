import type { KubeObject } from '../../src/object/index.ts'

/** A workload: what lies in the repository, and the Kustomizations over it. */
export interface Fleet {
  readonly count: number
  /** The files of a commit; each version changes every Kustomization's objects. */
  files(version: number): Readonly<Record<string, string>>
  readonly kustomizations: readonly KubeObject[]
}

export const NAMESPACE = 'bench'

/** A GitRepository over an address. */
export function gitRepository(url: string): KubeObject {
  return {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: { name: 'bench', namespace: NAMESPACE },
    spec: { interval: '10m', url, ref: { branch: 'main' } },
  }
}

/** `count` Kustomizations of one ConfigMap each, every one waiting for the one before. */
export function chain(count: number): Fleet {
  const all = Array.from({ length: count }, (_, i) => i)
  return {
    count,
    files: (version) =>
      Object.fromEntries(
        all.map((i) => [
          `k${i}/cm.yaml`,
          `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c${i}, namespace: ${NAMESPACE}}\ndata: {k: v${version}}\n`,
        ]),
      ),
    kustomizations: all.map((i) =>
      kustomization(i, 'k', {
        wait: true,
        ...(i === 0 ? {} : { dependsOn: [{ name: `k${i - 1}` }] }),
      }),
    ),
  }
}

/** `count` overlays of one application: Deployment, Service, ServiceAccount, Ingress. */
export function many(count: number): Fleet {
  const all = Array.from({ length: count }, (_, i) => i)
  return {
    count,
    files: (version) => ({
      ...base(version),
      ...Object.fromEntries(all.map((i) => [`apps/a${i}/kustomization.yaml`, overlay(i)])),
    }),
    kustomizations: all.map((i) =>
      kustomization(i, 'apps/a', { postBuild: { substitute: { level: 'debug' } } }),
    ),
  }
}

function kustomization(i: number, path: string, more: object): KubeObject {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: `${path.split('/').at(-1)}${i}`, namespace: NAMESPACE },
    spec: {
      interval: '10m',
      path: `./${path}${i}`,
      prune: true,
      sourceRef: { kind: 'GitRepository', name: 'bench' },
      ...more,
    },
  }
}

function overlay(i: number): string {
  return `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: ${NAMESPACE}
namePrefix: a${i}-
resources: [../../base]
commonLabels: {tenant: t${i}}
images: [{name: ghcr.io/example/web, newTag: 1.${i}.0}]
patches:
- target: {kind: Deployment}
  patch: |
    - op: replace
      path: /spec/template/spec/containers/0/env/0/value
      value: \${level}
`
}

function base(version: number): Record<string, string> {
  return {
    'base/kustomization.yaml': `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [deploy.yaml, sa.yaml, svc.yaml, ing.yaml]
`,
    'base/deploy.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      containers:
      - name: web
        image: ghcr.io/example/web:1.0.0
        env: [{name: LEVEL, value: info}]
        ports: [{containerPort: 8080, name: http, protocol: TCP}]
        resources: {requests: {cpu: 1${version}m, memory: 16Mi}, limits: {memory: 128Mi}}
        livenessProbe: {httpGet: {path: /healthz, port: http}}
`,
    'base/sa.yaml': 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web}\n',
    'base/svc.yaml': `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: http, name: http}]}
`,
    'base/ing.yaml': `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  rules:
  - host: web.example.com
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}]}
`,
  }
}
