import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Seen } from './attacks/attack.ts'
import { ATTACKS } from './attacks/list.ts'
import { play } from './attacks/play.ts'
import { visibleTo } from './attacks/visible.ts'
import {
  CANARY,
  type Host,
  OWN_SECRET,
  OWN_SECRET_UPPER,
  startHost,
  startWorld,
  type World,
} from './attacks/world.ts'
import { CLUSTERS } from './clusters.ts'

const ONLY = new RegExp(process.env['ATTACK_ONLY'] ?? '')
const CHOSEN = ATTACKS.filter(({ name }) => ONLY.test(name))
const QUICK = CHOSEN.filter(({ isHeavy, isWait }) => isHeavy !== true && isWait !== true)
const SLOW = CHOSEN.filter(({ isHeavy, isWait }) => isHeavy === true || isWait === true)
/** How long somebody else's commit may take while attacks go on. */
const SERVED_MS = 60_000

describe.each(CLUSTERS)('on %s', (cluster) => {
  let world: World
  let seen: ReadonlyMap<string, Seen>
  let hang: Host

  beforeAll(async () => {
    world = await startWorld(cluster)
    hang = await startHost(() => undefined)
    seen = await play({ world, hangUrl: hang.url }, QUICK, 240_000)
  }, 540_000)
  afterAll(async () => {
    await world.close()
    await hang.close()
  })

  test.each(QUICK.map((attack) => [attack.name, attack] as const))('%s', async (name, attack) => {
    const of = seen.get(name)
    if (of === undefined) throw new Error('it was not played')
    await attack.want(of)
  })

  describe('after all of them', () => {
    test('statuses and events show nothing of another tenant, of hosts inside, or of Secrets', async () => {
      const text = await visibleTo(world)
      expect(text.length).toBeGreaterThan(1000)
      for (const canary of [...Object.values(CANARY), OWN_SECRET, OWN_SECRET_UPPER])
        expect(around(text, canary)).toBe('')
    })

    test('logs, metrics, the audit trail and files show no secret', async () => {
      const metrics = await (await fetch(world.metricsUrl)).text()
      const audit = readFileSync(world.auditFile, 'utf8')
      const sent = world.collector.bodies.join('\n')
      const report = JSON.stringify(await world.get('ConfigMap', 'flux-system', 'tidegate-report'))
      expect([sent.length > 1000, report.length > 1000]).toEqual([true, true])
      const channels = {
        logs: world.logs(),
        metrics,
        audit,
        files: filesBelow(world.folder),
        sent,
        report,
      }
      for (const [channel, text] of Object.entries(channels))
        for (const canary of [
          CANARY.victimSecret,
          CANARY.internalBody,
          CANARY.victimSpec,
          OWN_SECRET,
          OWN_SECRET_UPPER,
        ])
          expect([channel, around(text, canary)]).toEqual([channel, ''])
      expect(world.logs().length).toBeGreaterThan(1000)
    })

    test('what the victim has is as it was', async () => {
      const secret = await world.get('Secret', 'tenant-b', 'victim')
      const config = await world.get('ConfigMap', 'tenant-b', 'victim')
      const fromGit = await world.get('ConfigMap', 'tenant-b', 'from-git')
      expect(
        Buffer.from(
          String((secret?.['data'] as Record<string, string> | undefined)?.['password']),
          'base64',
        ).toString(),
      ).toBe(CANARY.victimSecret)
      expect(config?.['data']).toEqual({ text: CANARY.victimConfig })
      expect(config?.metadata.annotations).toBeUndefined()
      expect(fromGit?.['data']).toEqual({ text: CANARY.victimRepo })
      expect(fromGit?.metadata.annotations).toBeUndefined()
    })

    test('the artifact server lists nothing', async () => {
      for (const path of [
        '/',
        '/gitrepository/',
        '/gitrepository/tenant-b/',
        '/gitrepository/tenant-b/victim/',
      ])
        expect(await (await fetch(`http://${world.artifacts}${path}`)).text()).not.toContain(
          'victim',
        )
    })
  })

  describe.skipIf(SLOW.length === 0)('while others cost and wait', () => {
    test('a commit of somebody else is applied within a minute', async () => {
      await play({ world, hangUrl: hang.url }, SLOW, 1)
      const startedMs = Date.now()
      await world.commitVictim('changed')
      await expect
        .poll(async () => (await world.get('ConfigMap', 'tenant-b', 'from-git'))?.['data'], {
          timeout: SERVED_MS,
          interval: 200,
        })
        .toEqual({ text: CANARY.victimRepo, more: 'changed' })
      process.stdout.write(`served after ${(Date.now() - startedMs) / 1000} s\n`)
      expect(world.isRunning()).toBe(true)
    }, 240_000)
  })
})

function around(text: string, canary: string): string {
  const at = text.indexOf(canary)
  return at < 0 ? '' : text.slice(Math.max(0, at - 300), at + 100)
}

/** All that lies on the disk, but the artifacts themselves. */
function filesBelow(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.tar.gz'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n')
}
