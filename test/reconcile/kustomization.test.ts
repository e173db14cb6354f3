import { expect, test } from 'vitest'
import { configMap, kustomization, NAMESPACE, type System, startSystem } from './system.ts'

const KUSTOMIZATION = { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization' }

async function request(system: System, name: string, at: string): Promise<void> {
  await patch(system, name, {
    metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': at } },
  })
  await system.until(
    async () => (await system.kustomization(name))?.status?.lastHandledReconcileAt === at,
  )
}

async function patch(system: System, name: string, value: object): Promise<void> {
  await system.cluster.patch(
    { ...KUSTOMIZATION, namespace: NAMESPACE, name },
    { type: 'merge', value: value as never },
  )
}

async function message(system: System, name: string): Promise<string> {
  const { status } = (await system.kustomization(name)) ?? {}
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  return `${ready?.reason}: ${ready?.message}`
}

/** Requests that change or ask about something; watches and their lists left out. */
function work(requests: readonly string[]): string[] {
  return requests
    .filter((each) => !each.includes('watch=true') && !each.includes('limit='))
    .map((each) => each.replace(/\?.*(dryRun).*/, ' $1').replace(/\?.*/, ''))
}

test('from a commit to applied objects, Ready, inventory, history, events', async () => {
  const system = await startSystem()
  await system.commit({ 'app/cm.yaml': configMap('one') })
  await system.apply(kustomization('app'))
  await system.until(() => system.ready('app'))
  const object = await system.kustomization('app')
  expect(await system.get('ConfigMap', 'one')).toMatchObject({
    metadata: { labels: { 'kustomize.toolkit.fluxcd.io/name': 'app' } },
    data: { a: 'b' },
  })
  expect(object?.status?.inventory?.entries).toEqual([{ id: 'test_one__ConfigMap', v: 'v1' }])
  expect(object?.status?.history).toHaveLength(1)
  expect(object?.metadata.finalizers).toEqual(['finalizers.fluxcd.io'])
  expect((await system.events()).map((each) => each.replace(/in \S+,/, 'in T,'))).toEqual([
    'Progressing: ConfigMap/test/one created',
    'ReconciliationSucceeded: Reconciliation finished in T, next run in 1h0m0s',
  ])
  await system.close()
})

test('a no-change reconcile that is asked for costs the status and the Event', async () => {
  const system = await startSystem()
  const files = { 'app/cm.yaml': `${configMap('one')}---\n${configMap('two')}` }
  await system.commit(files)
  await system.apply(kustomization('app'))
  await system.until(() => system.ready('app'))
  await system.clock.advance(1000)
  system.requests()
  await request(system, 'app', 'now')
  await system.clock.advance(1000)
  const [status, event, ...more] = work(system.requests())
  expect(status).toBe(
    'PATCH /apis/kustomize.toolkit.fluxcd.io/v1/namespaces/test/kustomizations/app/status',
  )
  expect(event).toMatch(/\/namespaces\/test\/events/)
  expect(more).toEqual([])
  await system.commit({ ...files, 'elsewhere/README.md': 'x' })
  await system.clock.advance(1000)
  expect(work(system.requests()).filter((each) => /configmaps/.test(each))).toEqual([])
  expect((await system.kustomization('app'))?.status?.lastAppliedRevision).toMatch(/2$/)
  await system.close()
})

test('a run at its interval that changes nothing is no Event; with Flux timing it is one', async () => {
  for (const fluxTiming of [false, true]) {
    const system = await startSystem({ fluxTiming })
    await system.commit({ 'app/cm.yaml': configMap('one') })
    await system.apply(kustomization('app', 'suspend: false'))
    await system.until(() => system.ready('app'))
    await system.clock.advance(1000)
    system.requests()
    await system.clock.advance(70 * 60_000)
    const asked = work(system.requests())
    expect(asked.some((each) => each.endsWith('kustomizations/app/status'))).toBe(true)
    expect(asked.some((each) => each.includes('/events'))).toBe(fluxTiming)
    await system.close()
  }
})

test('only what changed in a changed build is dry-run', async () => {
  const system = await startSystem()
  await system.commit({ 'app/cm.yaml': `${configMap('one')}---\n${configMap('two')}` })
  await system.apply(kustomization('app'))
  await system.until(() => system.ready('app'))
  await system.clock.advance(1000)
  system.requests()
  await system.commit({ 'app/cm.yaml': `${configMap('one')}---\n${configMap('two', 'a: c')}` })
  await system.clock.advance(1000)
  const asked = work(system.requests()).filter((each) => /configmaps/.test(each))
  expect(asked).toEqual([
    'PATCH /api/v1/namespaces/test/configmaps/two dryRun',
    'PATCH /api/v1/namespaces/test/configmaps/two',
  ])
  await system.close()
})

test('a foreign edit is corrected within a second; with Flux timing at the next run', async () => {
  for (const fluxTiming of [false, true]) {
    const system = await startSystem({ fluxTiming })
    await system.commit({ 'app/cm.yaml': configMap('one') })
    await system.apply(kustomization('app'))
    await system.until(() => system.ready('app'))
    await system.apply(configMap('one', 'a: foreign'))
    await system.clock.advance(1000)
    const object = await system.get('ConfigMap', 'one')
    expect(object?.['data']).toEqual({ a: fluxTiming ? 'foreign' : 'b' })
    await request(system, 'app', 'now')
    expect((await system.get('ConfigMap', 'one'))?.['data']).toEqual({ a: 'b' })
    await system.close()
  }
})

test('what leaves the build is pruned, unless it was given away', async () => {
  const system = await startSystem({ fluxTiming: true })
  const three = ['one', 'two', 'three'].map((name) => configMap(name)).join('---\n')
  await system.commit({ 'app/cm.yaml': three })
  await system.apply(kustomization('app'))
  await system.until(() => system.ready('app'))
  await system.cluster.patch(
    { group: '', kind: 'ConfigMap', namespace: NAMESPACE, name: 'three' },
    {
      type: 'merge',
      value: { metadata: { labels: { 'kustomize.toolkit.fluxcd.io/name': 'other' } } },
    },
  )
  const revision = await system.commit({ 'app/cm.yaml': configMap('one') })
  await system.until(
    async () => (await system.kustomization('app'))?.status?.lastAppliedRevision === revision,
  )
  expect(await system.get('ConfigMap', 'two')).toBeUndefined()
  expect(await system.events()).toContain(
    'Progressing: ConfigMap/test/two deleted\nConfigMap/test/three skipped',
  )
  await system.close()
})

test('what is given away while its deletion is on the way stays', async () => {
  const given = { metadata: { labels: { 'kustomize.toolkit.fluxcd.io/name': 'other' } } }
  let isGiven = false
  const system = await startSystem({
    fluxTiming: true,
    faults: (transport) => ({
      request: async (request) => {
        if (request.method === 'DELETE' && request.path.includes('/configmaps/two') && !isGiven) {
          isGiven = true
          await system.cluster.patch(
            { group: '', kind: 'ConfigMap', namespace: NAMESPACE, name: 'two' },
            { type: 'merge', value: given },
          )
        }
        return transport.request(request)
      },
    }),
  })
  await system.commit({ 'app/cm.yaml': `${configMap('one')}---\n${configMap('two')}` })
  await system.apply(kustomization('app'))
  await system.until(() => system.ready('app'))
  const revision = await system.commit({ 'app/cm.yaml': configMap('one') })
  await system.until(
    async () => (await system.kustomization('app'))?.status?.lastAppliedRevision === revision,
  )
  expect((await system.get('ConfigMap', 'two'))?.metadata.labels).toMatchObject(
    given.metadata.labels,
  )
  expect(await system.events()).toContain('Progressing: ConfigMap/test/two skipped')
  await system.close()
})

test('an empty build is asked about before it deletes everything', async () => {
  const system = await startSystem()
  await system.commit({ 'app/cm.yaml': configMap('one') })
  await system.apply(kustomization('app'))
  await system.until(() => system.ready('app'))
  await system.commit({ 'app/README.md': 'nothing left' })
  await system.until(async () =>
    /PruneFailed.*tidegate\.dev\/prune-all/.test(await message(system, 'app')),
  )
  expect(await system.get('ConfigMap', 'one')).toBeDefined()
  await patch(system, 'app', { metadata: { annotations: { 'tidegate.dev/prune-all': 'enabled' } } })
  await request(system, 'app', 'now')
  expect(await system.ready('app')).toBe(true)
  expect(await system.get('ConfigMap', 'one')).toBeUndefined()
  await system.close()
})

test('a chain of five becomes ready by events, on install and on a new commit', async () => {
  const system = await startSystem()
  const numbers = [5, 4, 3, 2, 1]
  const files = Object.fromEntries(numbers.map((n) => [`c${n}/cm.yaml`, configMap(`c${n}`)]))
  await system.commit(files)
  await system.apply(
    ...numbers.map((n) => kustomization(`c${n}`, n > 1 ? `dependsOn: [{name: c${n - 1}}]` : '')),
  )
  await system.until(() => system.ready('c5'), 1000)
  const revision = await system.commit(files)
  await system.until(
    async () => (await system.kustomization('c5'))?.status?.lastAppliedRevision === revision,
    1000,
  )
  await system.close()
})

test('a cycle is named whole in each of its members', async () => {
  const system = await startSystem()
  await system.commit({ 'a/cm.yaml': configMap('a') })
  await system.apply(
    kustomization('a', 'dependsOn: [{name: b}]'),
    kustomization('b', 'dependsOn: [{name: c}]'),
    kustomization('c', 'dependsOn: [{name: a}]'),
  )
  await system.clock.advance(1000)
  for (const [name, next] of [
    ['a', 'b'],
    ['b', 'c'],
    ['c', 'a'],
  ] as const)
    expect(await message(system, name)).toBe(
      `DependencyNotReady: dependency 'test/${next}' is not ready: circular dependency: test/a -> test/b -> test/c -> test/a`,
    )
  await system.close()
})

test('every refused object of a stage is reported, and nothing of it is written', async () => {
  const system = await startSystem()
  const bad = configMap('bad', 'a: 5')
  await system.commit({
    'app/cm.yaml': [configMap('good'), bad, bad.replace('bad', 'worse')].join('---\n'),
  })
  await system.apply(kustomization('app'))
  await system.until(async () => (await message(system, 'app')).startsWith('ReconciliationFailed'))
  const text = await message(system, 'app')
  expect(text).toContain('ConfigMap/test/bad dry-run failed')
  expect(text).toContain('ConfigMap/test/worse dry-run failed')
  expect(await system.get('ConfigMap', 'good')).toBeUndefined()
  expect((await system.kustomization('app'))?.status?.inventory).toBeUndefined()
  await system.close()
})

test('deletion takes the objects along, unless suspended', async () => {
  for (const suspend of [false, true]) {
    const system = await startSystem()
    await system.commit({ 'app/cm.yaml': configMap('one') })
    await system.apply(kustomization('app'))
    await system.until(() => system.ready('app'))
    if (suspend) await patch(system, 'app', { spec: { suspend } })
    await system.cluster.delete({ ...KUSTOMIZATION, namespace: NAMESPACE, name: 'app' })
    await system.until(async () => (await system.kustomization('app')) === undefined)
    expect((await system.get('ConfigMap', 'one')) === undefined).toBe(!suspend)
    await system.close()
  }
})

test('a ConfigMap that is substituted from wakes its users, labelled or not', async () => {
  const system = await startSystem()
  await system.commit({ 'app/cm.yaml': configMap('one', 'a: "${v}"') })
  await system.apply(
    configMap('vars', 'v: first'),
    kustomization('app', 'postBuild: {substituteFrom: [{kind: ConfigMap, name: vars}]}'),
  )
  await system.until(() => system.ready('app'))
  await system.apply(configMap('vars', 'v: second'))
  await system.until(
    async () =>
      JSON.stringify((await system.get('ConfigMap', 'one'))?.['data']) === '{"a":"second"}',
    1000,
  )
  await system.close()
})

test('what a run misses wakes it when it appears: a variable source, a namespace, a kind', async () => {
  const system = await startSystem()
  await system.commit({
    'vars/cm.yaml': configMap('one', 'a: "${v}"'),
    'space/cm.yaml': configMap('two').replace(`namespace: ${NAMESPACE}`, 'namespace: later'),
    'kind/thing.yaml': `apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: x, namespace: ${NAMESPACE}}\n`,
  })
  await system.apply(
    kustomization('vars', 'postBuild: {substituteFrom: [{kind: ConfigMap, name: vars}]}'),
    kustomization('space'),
    kustomization('kind'),
  )
  await system.clock.advance(1000)
  expect(await message(system, 'vars')).toBe(
    `BuildFailed: post build failed for 'ConfigMap.v1.[noGrp]/one': substitute from 'ConfigMap/vars' error: configmaps "vars" not found`,
  )
  expect(await message(system, 'space')).toMatch(
    /ConfigMap\/later\/two not found: namespaces "later" not found\n/,
  )
  expect(await message(system, 'kind')).toMatch(
    /Thing\/test\/x dry-run failed: no matches for kind "Thing" in version "example.com\/v1"\n/,
  )
  await system.apply(
    configMap('vars', 'v: first'),
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: later}',
    `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Thing, plural: things}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}`,
  )
  for (const name of ['vars', 'space', 'kind']) await system.until(() => system.ready(name), 2000)
  await system.close()
})

test('a health check that fails says why: the pod and its waiting reason', async () => {
  const system = await startSystem()
  const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: ${NAMESPACE}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}, annotations: {tidegate.dev/simulate: image-pull}}
    spec: {containers: [{name: web, image: example.com/none:1}]}
`
  await system.commit({ 'app/web.yaml': deployment })
  await system.apply(kustomization('app', 'wait: true\ntimeout: 31s'))
  await system.until(async () => (await message(system, 'app')).startsWith('HealthCheckFailed'))
  expect(await message(system, 'app')).toMatch(
    /timeout waiting for: \[Deployment\/test\/web status: 'InProgress'\]: Deployment\/test\/web: pod web-\S+ .*ImagePullBackOff|ErrImagePull/,
  )
  await system.close()
})

test('a remote base is refused where there is nothing to fetch it with', async () => {
  const system = await startSystem()
  await system.commit({
    'app/kustomization.yaml': 'resources: ["https://example.com/org/repo//base?ref=v1"]',
  })
  await system.apply(kustomization('app'))
  await system.until(async () => (await message(system, 'app')).startsWith('BuildFailed'))
  expect(await message(system, 'app')).toContain(
    "remote bases are not allowed: 'https://example.com/org/repo//base?ref=v1'",
  )
  await system.close()
})

test('an unknown field of a built-in kind is dropped, with a warning that names it', async () => {
  const system = await startSystem()
  await system.commit({
    'app/cm.yaml': `${configMap('one')}immutabel: true\n`,
  })
  await system.apply(kustomization('app'))
  await system.until(() => system.ready('app'))
  expect(await system.events()).toContain(
    'Progressing: unknown fields were dropped:\nConfigMap/test/one: immutabel',
  )
  await system.close()
})
