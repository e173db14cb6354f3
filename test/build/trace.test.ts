import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isFault, memoryTree } from '../../src/base/index.ts'
import { build, traceBuild } from '../../src/build/index.ts'
import { diskTree } from '../../src/files/index.ts'
import { appsTree, layersTree, replacementsTree } from '../bench/build-tree.ts'
import { fixturesOf } from '../kit/fixture.ts'

const files = {
  'overlay/kustomization.yaml': `resources:
- ../base
components:
- ../canary
namespace: prod
namePrefix: p-
labels:
- pairs:
    tier: web
    team: shop
images:
- name: app
  newTag: v2
replicas:
- {name: web, count: 4}
patches:
- path: memory.yaml
- target: {kind: Deployment}
  patch: |-
    - op: add
      path: /spec/template/spec/containers/0
      value: {name: side, image: side}
    - op: replace
      path: /spec/minReadySeconds
      value: 9
- patch: |
    apiVersion: v1
    kind: Service
    metadata:
      name: web
    spec:
      type: NodePort
configMapGenerator:
- name: settings
  behavior: merge
  literals:
  - COLOUR=blue
replacements:
- source: {kind: Service, name: web, fieldPath: spec.type}
  targets:
  - select: {kind: Deployment}
    fieldPaths: [metadata.annotations.type]
    options: {create: true}
`,
  'overlay/memory.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: web
        resources:
          limits: {memory: 1Gi}
`,
  'canary/kustomization.yaml': `apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      paused: true
`,
  'base/kustomization.yaml': `resources: [web.yaml]
configMapGenerator:
- name: settings
  literals:
  - COLOUR=red
  - SIZE=small
`,
  'base/web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  minReadySeconds: 5
  template:
    spec:
      containers:
      - name: web
        image: app:v1
        envFrom:
        - configMapRef: {name: settings}
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: ClusterIP
  ports:
  - port: 80
`,
}

const fields: Readonly<Record<string, { kind: string; field: string; want: readonly string[] }>> = {
  'read from a file': {
    kind: 'Deployment',
    field: 'spec.template.spec.containers[name=web].name',
    want: ['resources base/web.yaml:11 overlay→base'],
  },
  'after another document': {
    kind: 'Service',
    field: 'spec.ports[0].port',
    want: ['resources base/web.yaml:23 overlay→base'],
  },
  'a strategic patch in a file': {
    kind: 'Deployment',
    field: 'spec.template.spec.containers[name=web].resources.limits.memory',
    want: ['patches[0] overlay/memory.yaml:11 overlay'],
  },
  'a strategic patch in a kustomization': {
    kind: 'Service',
    field: 'spec.type',
    want: [
      'resources base/web.yaml:21 overlay→base',
      'patches[2] overlay/kustomization.yaml:32 overlay',
    ],
  },
  'an operation of a JSON patch': {
    kind: 'Deployment',
    field: 'spec.minReadySeconds',
    want: [
      'resources base/web.yaml:7 overlay→base',
      'patches[1] overlay/kustomization.yaml:23 overlay',
    ],
  },
  'an item that a JSON patch put first': {
    kind: 'Deployment',
    field: 'spec.template.spec.containers[0].image',
    want: ['patches[1] overlay/kustomization.yaml:20 overlay'],
  },
  'an item that moved, with its image': {
    kind: 'Deployment',
    field: 'spec.template.spec.containers[1].image',
    want: [
      'resources base/web.yaml:12 overlay→base',
      'images[0] overlay/kustomization.yaml:12 overlay',
    ],
  },
  'a component': {
    kind: 'Deployment',
    field: 'spec.paused',
    want: ['patches[0] canary/kustomization.yaml:9 overlay→canary'],
  },
  'a replica count': {
    kind: 'Deployment',
    field: 'spec.replicas',
    want: [
      'resources base/web.yaml:6 overlay→base',
      'replicas[0] overlay/kustomization.yaml:15 overlay',
    ],
  },
  'a label': {
    kind: 'Service',
    field: 'metadata.labels.team',
    want: ['labels[0] overlay/kustomization.yaml:10 overlay'],
  },
  'a namespace': {
    kind: 'Service',
    field: 'metadata.namespace',
    want: ['namespace overlay/kustomization.yaml:5 overlay'],
  },
  'a prefix': {
    kind: 'Service',
    field: 'metadata.name',
    want: [
      'resources base/web.yaml:19 overlay→base',
      'namePrefix overlay/kustomization.yaml:6 overlay',
    ],
  },
  'a reference to a name': {
    kind: 'Deployment',
    field: 'spec.template.spec.containers[name=web].envFrom[0].configMapRef.name',
    want: [
      'resources base/web.yaml:14 overlay→base',
      'nameReference overlay/kustomization.yaml overlay',
    ],
  },
  'a replacement': {
    kind: 'Deployment',
    field: 'metadata.annotations.type',
    want: ['replacements[0] overlay/kustomization.yaml:39 overlay'],
  },
  'a literal of a generator': {
    kind: 'ConfigMap',
    field: 'data.SIZE',
    want: ['configMapGenerator[0] base/kustomization.yaml:6 overlay→base'],
  },
  'a literal that another generator replaced': {
    kind: 'ConfigMap',
    field: 'data.COLOUR',
    want: [
      'configMapGenerator[0] base/kustomization.yaml:5 overlay→base',
      'configMapGenerator[0] overlay/kustomization.yaml:37 overlay',
    ],
  },
}

test.each(Object.entries(fields))('%s', (_, { kind, field, want }) => {
  const traced = traceBuild(memoryTree(files), 'overlay', {}, [kind])
  if ('missing' in traced) throw new Error('bases are missing')
  const object = traced.built.objects.find((each) => each.kind === kind)
  if (object === undefined) throw new Error(`no ${kind}`)
  const trace = traced.trace(object, field)
  const told = trace?.changes.map(({ step, file, line, layers }) =>
    [step, line === undefined ? file : `${file}:${line}`, layers.join('→')].join(' '),
  )
  expect(told).toEqual(want)
})

test('what is edited from outside is told as such', () => {
  const edit = {
    namePrefix: 'x-',
    patches: [
      {
        patch: 'kind: Service\napiVersion: v1\nmetadata: {name: web}\nspec: {type: LoadBalancer}\n',
      },
    ],
  }
  const traced = traceBuild(memoryTree(files), 'base', { edit }, ['Service'])
  if ('missing' in traced) throw new Error('bases are missing')
  const [service] = traced.built.objects.filter(({ kind }) => kind === 'Service')
  if (service === undefined) throw new Error('no Service')
  expect(traced.trace(service, 'spec.type')?.changes.at(-1)).toMatchObject({
    step: 'spec.patches',
    file: '',
  })
  expect(traced.trace(service, 'metadata.name')?.changes.at(-1)).toMatchObject({
    step: 'spec.namePrefix',
  })
})

const outcome = (work: () => ReturnType<typeof build>): string => {
  try {
    const built = work()
    return 'missing' in built ? JSON.stringify(built.missing) : built.yaml
  } catch (error) {
    if (isFault(error)) return error.message
    throw error
  }
}

test('following a build changes nothing in it', () => {
  const tree = diskTree(join(import.meta.dirname, '../fixtures/build'))
  for (const fixture of fixturesOf('build')) {
    const path = join(fixture.name, 'input', String(fixture.options['path'] ?? '.'))
    const traced = outcome(() => {
      const result = traceBuild(tree, path)
      return 'missing' in result ? result : result.built
    })
    expect(traced, fixture.name).toBe(outcome(() => build(tree, path)))
  }
})

const benchTrees = { apps: appsTree(4), layers: layersTree(9), replacements: replacementsTree(9) }

test.each(Object.entries(benchTrees))('every field of %s is traced', (_, given) => {
  const traced = traceBuild(memoryTree(given), 'overlay')
  if ('missing' in traced) throw new Error('bases are missing')
  for (const object of traced.built.objects) {
    const trace = traced.trace(object, 'metadata.name')
    expect(trace?.value).toBe(object.metadata.name)
    expect(trace?.changes.length).toBeGreaterThan(0)
  }
})
