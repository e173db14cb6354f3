import { expect, test } from 'vitest'
import { createApiServer } from '../../src/apiserver/index.ts'
import { seededRandom, silentLog, VirtualClock } from '../../src/base/index.ts'
import { createCluster } from '../../src/cluster/index.ts'
import { Informer } from '../../src/reconcile/informer.ts'

const REF = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'a' }

test('the answer to an own write does not bring back what the watch has told to be gone', async () => {
  const clock = new VirtualClock()
  const random = seededRandom(1)
  const server = createApiServer({ clock, random })
  const cluster = createCluster({ transport: server, clock, random })
  const end = new AbortController()
  const informer = new Informer({ cluster, clock, log: silentLog }, { kind: REF })
  const running = informer.run(end.signal)
  const made = await cluster.create(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } },
    { fieldManager: 'test' },
  )
  await clock.advance(100)
  const answer = await cluster.patch(REF, { type: 'merge', value: { data: { a: 'b' } } }, {})
  informer.put(answer)
  expect(informer.get('default', 'a')?.['data']).toEqual({ a: 'b' })
  await cluster.delete(REF, {})
  await clock.advance(100)
  informer.put(answer)
  informer.put(made)
  expect(informer.get('default', 'a')).toBeUndefined()
  end.abort(new Error('over'))
  await clock.advance(1000)
  server.close()
  await running
})
