/** Trees of kustomizations for measuring builds: the same for equal sizes. */

/** Files by path. */
export type Files = Readonly<Record<string, string>>

/** An overlay over `apps` apps of five resources each: names, labels, images, generators, patches. */
export function appsTree(apps: number): Files {
  const files: Record<string, string> = {}
  const names = Array.from({ length: apps }, (_, i) => `app-${i}`)
  for (const name of names) {
    files[`base/${name}/kustomization.yaml`] = `resources: [app.yaml]
configMapGenerator:
- name: ${name}-config
  literals: [NAME=${name}, MODE=dev]
`
    files[`base/${name}/app.yaml`] = app(name)
  }
  files['base/kustomization.yaml'] = `resources:\n${names.map((name) => `- ${name}`).join('\n')}\n`
  const patches = names.map(
    (name) => `- target: {kind: Deployment, name: ${name}}
  patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: any}
    spec:
      replicas: 3
      template:
        spec:
          containers:
          - name: main
            resources: {limits: {memory: 256Mi}}
`,
  )
  files['overlay/kustomization.yaml'] = `resources: [../base]
namespace: production
namePrefix: prod-
labels:
- pairs: {environment: production}
  includeSelectors: true
images:
- {name: registry.example.com/app, newTag: v2.0.0}
patches:
${patches.join('')}`
  return files
}

function app(name: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels: {app: ${name}}
spec:
  replicas: 1
  selector:
    matchLabels: {app: ${name}}
  template:
    metadata:
      labels: {app: ${name}}
    spec:
      serviceAccountName: ${name}
      containers:
      - name: main
        image: registry.example.com/app:v1
        ports:
        - containerPort: 8080
          name: http
        envFrom:
        - configMapRef: {name: ${name}-config}
        env:
        - name: GREETING
          valueFrom:
            configMapKeyRef: {name: ${name}-config, key: NAME}
---
apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  selector: {app: ${name}}
  ports:
  - port: 80
    targetPort: http
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: ${name}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
spec:
  rules:
  - host: ${name}.example.com
    http:
      paths:
      - path: /
        pathType: Prefix
        backend:
          service:
            name: ${name}
            port: {name: http}
`
}

/** Five resources with a patch. */
export function smallTree(): Files {
  return {
    'overlay/kustomization.yaml': `resources: [app.yaml]
namePrefix: dev-
configMapGenerator:
- name: small-config
  literals: [A=b]
patches:
- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: small}
    spec: {replicas: 2}
`,
    'overlay/app.yaml': app('small'),
  }
}

/** Layers over one app, each with a prefix, a label and a patch. */
export function layersTree(layers: number): Files {
  const files: Record<string, string> = {
    'l0/kustomization.yaml': 'resources: [app.yaml]\n',
    'l0/app.yaml': app('deep'),
  }
  for (let i = 1; i <= layers; i += 1) {
    const dir = i === layers ? 'overlay' : `l${i}`
    files[`${dir}/kustomization.yaml`] = `resources: [../l${i - 1}]
namePrefix: p${i}-
labels:
- pairs: {layer-${i}: "true"}
patches:
- target: {kind: Deployment}
  patch: '[{"op": "replace", "path": "/spec/replicas", "value": ${i}}]'
`
  }
  return files
}

/** Replacements from one source into as many Deployments. */
export function replacementsTree(count: number): Files {
  const names = Array.from({ length: count }, (_, i) => `app-${i}`)
  const replacements = names.map(
    (name) => `- source: {kind: ConfigMap, name: source, fieldPath: data.host}
  targets:
  - select: {kind: Deployment, name: ${name}}
    fieldPaths: ["spec.template.spec.containers.[name=main].env.[name=HOST].value"]
    options: {create: true}
`,
  )
  return {
    'overlay/kustomization.yaml': `resources: [apps.yaml, source.yaml]
replacements:
${replacements.join('')}`,
    'overlay/apps.yaml': names.map((name) => app(name).split('---\n')[0]).join('---\n'),
    'overlay/source.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: source}\ndata: {host: example.com}\n',
  }
}

/** As {@link replacementsTree}, among further resources that nothing is written to. */
export function replacementsOver(count: number, others: number): Files {
  const files = replacementsTree(count)
  const more = Array.from(
    { length: others },
    (_, i) =>
      `apiVersion: v1\nkind: Service\nmetadata: {name: other-${i}}\nspec: {ports: [{port: 80}]}\n`,
  )
  return {
    ...files,
    'overlay/kustomization.yaml': (files['overlay/kustomization.yaml'] ?? '').replace(
      'source.yaml]',
      'source.yaml, others.yaml]',
    ),
    'overlay/others.yaml': more.join('---\n'),
  }
}
