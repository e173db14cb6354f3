import { expect, test } from 'vitest'
import { createApiServer } from '../../src/apiserver/index.ts'
import { seededRandom, silentLog, VirtualClock } from '../../src/base/index.ts'
import { createCluster } from '../../src/cluster/index.ts'
import { createEvents, type EventPayload } from '../../src/reconcile/index.ts'
import { createMetrics } from '../../src/telemetry/index.ts'

const INVOLVED = {
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: {
    name: 'app',
    namespace: 'default',
    uid: 'u1',
    resourceVersion: '7',
    annotations: { 'event.toolkit.fluxcd.io/team': 'red', other: 'x' },
  },
}

function start() {
  const deps = { clock: new VirtualClock(), random: seededRandom(1) }
  const server = createApiServer(deps)
  const cluster = createCluster({ transport: server, ...deps })
  const posted: EventPayload[] = []
  const events = createEvents({
    cluster,
    clock: deps.clock,
    log: silentLog,
    component: 'kustomize-controller',
    instance: 'host',
    post: (payload) => {
      posted.push(payload)
      return payload.message === 'lost' ? Promise.reject(new Error('down')) : Promise.resolve()
    },
  })
  const recorded = async () => {
    await events.flush()
    return (await cluster.list({ group: '', kind: 'Event' }, { namespace: 'default' })).items
  }
  return { events, posted, recorded, server, clock: deps.clock }
}

test('an event is written with its metadata, and sent on in the form of Flux', async () => {
  const { events, posted, recorded, server } = start()
  const metadata = { 'kustomize.toolkit.fluxcd.io/revision': 'r1' }
  events.emit({
    involved: INVOLVED,
    type: 'Warning',
    reason: 'BuildFailed',
    message: 'm',
    metadata,
  })
  const [event] = await recorded()
  expect(event).toMatchObject({
    metadata: { annotations: { 'event.toolkit.fluxcd.io/team': 'red', ...metadata } },
    type: 'Warning',
    reason: 'BuildFailed',
    message: 'm',
    count: 1,
    reportingComponent: 'kustomize-controller',
    source: { component: 'kustomize-controller' },
    involvedObject: { kind: 'Kustomization', namespace: 'default', name: 'app', uid: 'u1' },
  })
  expect(event?.metadata.annotations).not.toHaveProperty('other')
  expect(posted).toMatchObject([
    { severity: 'error', reason: 'BuildFailed', message: 'm', reportingInstance: 'host' },
  ])
  server.close()
})

test('an equal event is counted up and keeps the annotations of the first', async () => {
  const { events, recorded, server } = start()
  for (const revision of ['r1', 'r2'])
    events.emit({
      involved: INVOLVED,
      type: 'Normal',
      reason: 'X',
      message: 'm',
      metadata: { 'kustomize.toolkit.fluxcd.io/revision': revision },
    })
  const all = await recorded()
  expect(all.map((event) => event['count'])).toEqual([2])
  expect(all[0]?.metadata.annotations).toMatchObject({
    'kustomize.toolkit.fluxcd.io/revision': 'r1',
  })
  server.close()
})

test('a trace event is not sent on, and one that is lost on the way fails nothing', async () => {
  const { events, posted, recorded, server } = start()
  const event = { involved: INVOLVED, type: 'Normal', reason: 'X' } as const
  events.emit({ ...event, message: 'quiet', isTrace: true })
  events.emit({ ...event, message: 'lost' })
  events.emit({ ...event, message: 'after' })
  expect(await recorded()).toHaveLength(3)
  expect(posted.map(({ message }) => message)).toEqual(['lost', 'after'])
  server.close()
})

test('an address that hangs costs a bounded memory, and the end of the process a moment', async () => {
  const clock = new VirtualClock()
  const server = createApiServer({ clock, random: seededRandom(1) })
  const metrics = createMetrics()
  let sent = 0
  const events = createEvents({
    cluster: createCluster({ transport: server, clock, random: seededRandom(1) }),
    clock,
    log: silentLog,
    metrics,
    component: 'kustomize-controller',
    instance: 'host',
    post: () => {
      sent += 1
      return new Promise(() => undefined)
    },
  })
  for (let i = 0; i < 1100; i += 1) {
    const involved = { ...INVOLVED, metadata: { ...INVOLVED.metadata, uid: `u${i}` } }
    events.emit({ involved, type: 'Normal', reason: 'X', message: `m${i}` })
  }
  let isOver = false
  void events.flush().then(() => {
    isOver = true
  })
  for (let i = 0; i < 100 && !isOver; i += 1) await clock.advance(100)
  expect([sent, isOver]).toEqual([4, true])
  expect(metrics.render()).toContain(
    'tidegate_events_dropped_total{controller="kustomize-controller",target="address"} 100',
  )
  const { items } = await createCluster({
    transport: server,
    clock,
    random: seededRandom(1),
  }).list({ group: '', kind: 'Event' }, { namespace: 'default' })
  expect(items).toHaveLength(1100)
  server.close()
})

test('of one object 25 are written at once, then one in five minutes; all are sent on', async () => {
  const { events, posted, recorded, server, clock } = start()
  const emit = (message: string, uid = 'u1'): void =>
    events.emit({
      involved: { ...INVOLVED, metadata: { ...INVOLVED.metadata, uid } },
      type: 'Normal',
      reason: 'ReconciliationSucceeded',
      message,
    })
  for (let i = 0; i < 40; i += 1) emit(`m${i}`)
  emit('of another', 'u2')
  expect(await recorded()).toHaveLength(26)
  await clock.advance(300_000)
  emit('later')
  emit('too much')
  expect(await recorded()).toHaveLength(27)
  expect(posted).toHaveLength(43)
  server.close()
})
