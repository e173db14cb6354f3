import { expect, test } from 'vitest'
import { configMap, kustomization, NAMESPACE, type System, startSystem } from './system.ts'

async function message(system: System, name: string): Promise<string> {
  const object = await system.kustomization(name)
  const ready = object?.status?.conditions?.find(({ type }) => type === 'Ready')
  return ready?.status === 'False' ? `${ready.reason}: ${ready.message}` : ''
}

interface Case {
  readonly spec: string
  readonly want: RegExp
}

const CASES: Readonly<Record<string, Case>> = {
  'a source of another namespace': {
    spec: 'sourceRef: {kind: GitRepository, name: repo, namespace: other}',
    want: /^AccessDenied: can't access 'GitRepository\/other\/repo', cross-namespace/,
  },
  'a dependency in another namespace': {
    spec: 'dependsOn: [{name: x, namespace: other}]',
    want: /^AccessDenied: can't access 'Kustomization\/other\/x', cross-namespace/,
  },
  'the spec of a dependency': {
    spec: 'dependsOn: [{name: idle, readyExpr: "dep.spec.interval == \'1h\'"}]',
    want: /^DependencyNotReady: .*no such key: spec/,
  },
  'an artifact from another host': {
    spec: '',
    want: /^ArtifactFailed: can't access the artifact of 'GitRepository\/test\/repo'/,
  },
  'an account that is somebody else': {
    spec: "serviceAccountName: 'other:gitops'",
    want: /^ReconciliationFailed: invalid service account name "other:gitops"/,
  },
}

const LOCK_DOWN = { noCrossNamespaceRefs: true, noRemoteBases: true }

test.each(Object.entries(CASES))('locked down, %s is refused', async (reason, { spec, want }) => {
  const hosts = reason.includes('artifact') ? { artifactHosts: ['store.example.com'] } : {}
  const system = await startSystem({ ...LOCK_DOWN, ...hosts })
  await system.commit({ 'app/a.yaml': configMap('a') })
  await system.apply(kustomization('idle', 'suspend: true'))
  const plain = kustomization('app', spec)
  const second = spec.startsWith('sourceRef')
    ? plain.replace('  sourceRef: {kind: GitRepository, name: repo}\n', '')
    : plain
  await system.apply(second)
  await system.until(async () => (await message(system, 'app')) !== '')
  expect(await message(system, 'app')).toMatch(want)
  expect(await system.get('ConfigMap', 'a')).toBeUndefined()
  await system.close()
})

test('an empty service account name does not get around the default one', async () => {
  const system = await startSystem({ ...LOCK_DOWN, defaultServiceAccount: 'nobody' })
  await system.commit({ 'app/a.yaml': configMap('a') })
  await system.apply(kustomization('app', "serviceAccountName: ''"))
  await system.until(async () => (await message(system, 'app')) !== '')
  expect(await message(system, 'app')).toContain(`system:serviceaccount:${NAMESPACE}:nobody`)
  await system.close()
})

test('common metadata does not reach the owner labels', async () => {
  const system = await startSystem(LOCK_DOWN)
  await system.commit({ 'app/a.yaml': configMap('a') })
  const labels = '{kustomize.toolkit.fluxcd.io/name: other, team: x}'
  await system.apply(kustomization('app', `commonMetadata: {labels: ${labels}}`))
  await system.until(() => system.ready('app'))
  expect((await system.get('ConfigMap', 'a'))?.metadata.labels).toMatchObject({
    'kustomize.toolkit.fluxcd.io/name': 'app',
    team: 'x',
  })
  await system.close()
})
