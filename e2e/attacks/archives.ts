import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { type Attack, absent, both, condition, configMap, sourceFails } from './attack.ts'
import type { World } from './world.ts'

const BLOCK = 512
const LAYER = 'application/vnd.cncf.flux.content.v1.tar+gzip'
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'

interface Entry {
  readonly name: string
  readonly text?: string | Buffer
  /** `0` a file, `1` a hard link, `2` a link, `3` and `4` devices, `5` a folder, `6` a pipe. */
  readonly type?: string
  readonly link?: string
  readonly mode?: number
  /** What the head says, whatever follows. */
  readonly size?: number
}

function entry({ name, text = '', type = '0', link = '', mode = 0o644, size }: Entry): Buffer {
  const data = Buffer.from(text)
  const head = Buffer.alloc(BLOCK)
  head.write(name, 0, 100)
  head.write(`${mode.toString(8).padStart(7, '0')}\0`, 100)
  head.write('0000000\0', 108)
  head.write('0000000\0', 116)
  const told = size ?? data.length
  if (told < 8 ** 11) head.write(`${told.toString(8).padStart(11, '0')} `, 124)
  else {
    head[124] = 0x80
    head.writeBigUInt64BE(BigInt(told), 128)
  }
  head.write('00000000000\0', 136)
  head.write('        ', 148)
  head.write(type, 156)
  head.write(link, 157, 100)
  head.write('ustar\x0000', 257)
  const sum = head.reduce((total, byte) => total + byte, 0)
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([head, data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)])
}

const pax = (text: string, type = 'x'): Buffer => entry({ name: 'pax', type, text })
const record = (key: string, value: string): string => {
  const rest = ` ${key}=${value}\n`
  const length = rest.length + String(rest.length + 3).length
  return `${length}${rest}`
}
const own = (name: string): Buffer =>
  entry({ name: 'a.yaml', text: configMap(name, 'data: {a: b}\n') })
const end = Buffer.alloc(2 * BLOCK)

/** An artifact whose layer is this archive, and a Kustomization of it. */
function layer(
  name: string,
  does: string,
  make: () => Buffer,
  /** What becomes of it; without: the source is refused. */
  want?: Attack['want'],
): Attack {
  return {
    name,
    does: `${does}, in an artifact of a registry`,
    path: '.',
    objects: ({ registry }) => {
      const blob = make()
      const config = Buffer.from('{}')
      const of = (data: Buffer): { digest: string; size: number } => ({
        digest: `sha256:${createHash('sha256').update(data).digest('hex')}`,
        size: data.length,
      })
      for (const data of [blob, config]) registry.store(data)
      const manifest = {
        schemaVersion: 2,
        mediaType: MANIFEST,
        config: { mediaType: 'application/vnd.cncf.flux.config.v1+json', ...of(config) },
        layers: [{ mediaType: LAYER, ...of(blob) }],
      }
      registry.put(name, Buffer.from(JSON.stringify(manifest)), 'latest')
      return `apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: ${name}, namespace: tenant-a}\nspec: {interval: 1h, timeout: 60s, insecure: true, url: 'oci://${registry.host}/${name}'}\n`
    },
    spec: want === undefined ? 'none' : `sourceRef: {kind: OCIRepository, name: ${name}}`,
    want: both(want ?? sourceFails('OCIRepository', /./), harmless),
  }
}

const tar =
  (...parts: readonly Buffer[]) =>
  (): Buffer =>
    gzipSync(Buffer.concat([...parts, end]))

/** Nothing of the host, nothing beside the artifact, and the controller goes on. */
async function harmless({ world, name, object }: Parameters<Attack['want']>[0]): Promise<void> {
  expect(world.isRunning()).toBe(true)
  const made = await world.get('ConfigMap', 'tenant-a', name)
  if (made !== undefined) expect(made['data']).toEqual({ a: 'b' })
  if (condition(object)?.status !== 'True') expect(made).toBeUndefined()
  expect(JSON.stringify(made ?? {})).not.toContain('root:')
}

/** What an archive unpacks to is the file that the attack brings, and nothing else of it counts. */
const isOrdinary: Attack['want'] = ({ object }) =>
  expect(condition(object)?.status, condition(object)?.message).toBe('True')

/** Without its files in place a build has nothing to apply, or says what it lacks. */
const hasNothing = (world: World, name: string): Promise<void> =>
  Promise.resolve(absent('ConfigMap', 'tenant-a', name)({ world, name } as never))

/** Archives with entries that lead elsewhere, that are no files, or that cost more than they weigh. */
export const ARCHIVES: readonly Attack[] = [
  layer(
    'tar-up',
    'has a name that climbs',
    tar(own('tar-up'), entry({ name: '../evil.yaml', text: 'x' })),
  ),
  layer(
    'tar-up-inside',
    'has a name that climbs and comes back',
    tar(entry({ name: 'x/../../evil.yaml', text: 'x' })),
  ),
  layer(
    'tar-absolute',
    'has a name from the root of the host',
    tar(entry({ name: '/tmp/tidegate-attack-tar', text: 'x' })),
  ),
  layer(
    'tar-back',
    'climbs by the strokes of Windows',
    tar(entry({ name: '..\\..\\evil.yaml', text: 'x' })),
  ),
  layer(
    'tar-pax-up',
    'climbs by a name in a PAX record',
    tar(pax(record('path', '../../evil.yaml')), own('tar-pax-up')),
  ),
  layer(
    'tar-pax-size',
    'has another size in a PAX record',
    tar(pax(record('size', '99999999999')), own('tar-pax-size')),
    () => undefined,
  ),
  layer(
    'tar-pax-global',
    'names all entries by a global PAX record',
    tar(pax(record('path', '../evil.yaml'), 'g'), own('tar-pax-global')),
  ),
  layer(
    'tar-pax-broken',
    'has a PAX record that says it is longer than it is',
    tar(pax('999999 path=x\n'), own('tar-pax-broken')),
  ),
  layer(
    'tar-pax-nul',
    'has a NUL in a PAX name',
    tar(pax(record('path', 'a\0../../x')), own('tar-pax-nul')),
  ),
  layer(
    'tar-link',
    'has a link to a file of the host',
    tar(entry({ name: 'a.yaml', type: '2', link: '/etc/passwd' })),
    ({ world, name }) => hasNothing(world, name),
  ),
  layer(
    'tar-link-folder',
    'writes through a link to a folder of the host',
    tar(
      entry({ name: 'd', type: '2', link: '/tmp' }),
      entry({ name: 'd/tidegate-attack-tar', text: 'x' }),
      own('tar-link-folder'),
    ),
    () => undefined,
  ),
  layer(
    'tar-hard-link',
    'has a hard link to a file of the host',
    tar(entry({ name: 'a.yaml', type: '1', link: '/etc/passwd' })),
    ({ world, name }) => hasNothing(world, name),
  ),
  ...(
    [
      ['tar-character', '3'],
      ['tar-block', '4'],
      ['tar-pipe', '6'],
    ] as const
  ).map(([name, type]) =>
    layer(name, 'has a device or a pipe', tar(entry({ name: 'a.yaml', type }))),
  ),
  layer(
    'tar-odd-type',
    'has an entry of a type that nobody knows',
    tar(entry({ name: 'b.yaml', type: 'Z', text: 'x' }), own('tar-odd-type')),
    () => undefined,
  ),
  layer(
    'tar-twice',
    'has one file twice',
    tar(entry({ name: 'a.yaml', text: 'not: yaml: at all' }), own('tar-twice')),
    isOrdinary,
  ),
  layer(
    'tar-file-folder',
    'has a file where a folder is',
    tar(entry({ name: 'a.yaml', type: '5' }), own('tar-file-folder')),
  ),
  layer(
    'tar-folder-file',
    'has a folder where a file is',
    tar(own('tar-folder-file'), entry({ name: 'a.yaml/b', text: 'x' })),
  ),
  layer(
    'tar-setuid',
    'has a file that runs as its owner',
    tar(entry({ name: 'x.sh', mode: 0o6777, text: '#!/bin/sh' }), own('tar-setuid')),
    isOrdinary,
  ),
  layer(
    'tar-huge',
    'says that an entry has an exabyte',
    tar(entry({ name: 'a.yaml', size: 2 ** 60 })),
  ),
  layer('tar-cut', 'ends in the middle of an entry', () =>
    gzipSync(entry({ name: 'a.yaml', text: 'x'.repeat(5000) }).subarray(0, 1000)),
  ),
  layer(
    'tar-negative',
    'says that an entry has less than nothing',
    tar(Buffer.from(entry({ name: 'a.yaml' })).fill('-0000000001', 124, 135)),
  ),
  layer(
    'tar-sum',
    'has a head whose sum is wrong',
    tar(Buffer.from(own('tar-sum')).fill('z', 0, 1)),
  ),
  layer(
    'tar-names',
    'has two hundred thousand empty files',
    () =>
      gzipSync(
        Buffer.concat([
          ...Array.from({ length: 200_000 }, (_, i) => entry({ name: `f${i}` })),
          own('tar-names'),
          end,
        ]),
        { level: 1 },
      ),
    () => undefined,
  ),
  layer(
    'tar-deep',
    'has folders in folders without end',
    tar(
      entry({ name: `${'d/'.repeat(45)}x` }),
      pax(record('path', `${'d/'.repeat(3000)}x`)),
      entry({ name: 'x' }),
      own('tar-deep'),
    ),
  ),
  layer('tar-none', 'is no archive', () => gzipSync(Buffer.from('x'.repeat(5000)))),
  layer('tar-no-gzip', 'is not compressed', () => Buffer.concat([own('tar-no-gzip'), end])),
  layer(
    'tar-many-gzips',
    'is a thousand compressed parts in a row',
    () =>
      Buffer.concat([
        ...Array.from({ length: 1000 }, () => gzipSync(Buffer.alloc(0))),
        gzipSync(Buffer.concat([own('tar-many-gzips'), end])),
      ]),
    () => undefined,
  ),
  {
    ...layer('tar-bomb', 'unfolds to four gigabytes', () => {
      // One member of 64 MiB, repeated: gzip members follow one another.
      const zeros = gzipSync(Buffer.alloc(64 * 1024 * 1024), { level: 9 })
      const head = gzipSync(entry({ name: 'zeros', size: 4 * 1024 ** 3 }).subarray(0, BLOCK))
      return Buffer.concat([head, ...Array.from({ length: 64 }, () => zeros)])
    }),
    isHeavy: true,
  },
]
