import { connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { type Attack, configMap } from './attack.ts'
import type { World } from './world.ts'

const ANSWER_MS = 5000

/** What a server says to bytes; as much as came until it closed, or until it is enough. */
function say(address: string, bytes: string | Buffer, from?: string): Promise<string> {
  const [host = '', port = ''] = address.split(':')
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect({ host, port: Number(port), ...(from && { localAddress: from }) }, () =>
      socket.write(bytes),
    )
    const done = (): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(answer)
    }
    const timer = setTimeout(done, ANSWER_MS)
    socket.on('error', done).on('close', done)
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1')
      if (answer.length > 100_000 || /\r\n\r\n/.test(answer)) setTimeout(done, 50)
    })
  })
}

const request = (line: string, ...headers: readonly string[]): string =>
  `${[line, 'Host: x', 'Connection: close', ...headers].join('\r\n')}\r\n\r\n`

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0)

function played(
  name: string,
  does: string,
  want: (world: World) => Promise<void>,
  objects?: Attack['objects'],
): Attack {
  return {
    name,
    does,
    files: { 'a.yaml': configMap(name) },
    ...(objects === undefined ? {} : { objects }),
    want: async ({ world }) => {
      await want(world)
      expect(world.isRunning()).toBe(true)
    },
  }
}

/** The path of the victim's artifact on the server. */
async function victimPath({ get }: World): Promise<string> {
  const source = await get('GitRepository', 'tenant-b', 'victim')
  const { artifact } = (source?.['status'] ?? {}) as { artifact?: { path: string } }
  expect(artifact).toBeDefined()
  return `/${artifact?.path ?? ''}`
}

const PATHS = [
  '/..',
  '/../',
  '//',
  '/.',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/..%2f..%2f..%2fetc%2fpasswd',
  '/%252e%252e/%252e%252e/etc/passwd',
  '/..\\..\\etc\\passwd',
  '/gitrepository/..;/..;/etc/passwd',
  '/gitrepository/tenant-b',
  '/gitrepository/tenant-b/victim',
  '/gitrepository/tenant-b/victim/',
  '/gitrepository/tenant-b/victim/.',
  '/gitrepository/tenant-b/victim/%00',
  '/gitrepository/tenant-b/victim/*',
  '/gitrepository%2ftenant-b%2fvictim%2f',
  '/GITREPOSITORY/tenant-b/victim/',
  '/gitrepository/tenant-b/victim/.part',
  '/proc/self/environ',
  '//etc/passwd',
  '/%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd',
  'http://127.0.0.1/etc/passwd',
  'file:///etc/passwd',
  '*',
  `/${'a/'.repeat(4000)}`,
  `/${'%61'.repeat(3000)}`,
]

/** Sockets that stay open until the attack is over. */
async function holding(
  address: string,
  count: number,
  bytes: string,
  run: () => Promise<void>,
): Promise<void> {
  const [host = '', port = ''] = address.split(':')
  const sockets: Socket[] = []
  for (let i = 0; i < count; i += 1) {
    const socket = connect({ host, port: Number(port), localAddress: '127.0.0.66' }, () =>
      socket.write(bytes),
    )
    sockets.push(socket.on('error', () => undefined))
    socket.pause()
  }
  await new Promise((resolve) => setTimeout(resolve, 500))
  try {
    await run()
  } finally {
    for (const socket of sockets) socket.destroy()
  }
}

const REQUESTED = 'reconcile.fluxcd.io/requestedAt'

/** Receivers of the attacker, whose calls prove nothing. */
const BAD_CALLS: readonly (readonly [name: string, type: string, headers: readonly string[]])[] = [
  ['hook-github-none', 'github', []],
  [
    'hook-github-sha1',
    'github',
    ['X-Hub-Signature: sha1=da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ],
  ['hook-github-empty', 'github', ['X-Hub-Signature-256: sha256=', 'X-GitHub-Event: push']],
  ['hook-github-short', 'github', ['X-Hub-Signature-256: sha256=00', 'X-GitHub-Event: push']],
  [
    'hook-github-letters',
    'github',
    [`X-Hub-Signature-256: sha256=${'z'.repeat(64)}`, 'X-GitHub-Event: push'],
  ],
  ['hook-github-algorithm', 'github', ['X-Hub-Signature-256: none=', 'X-GitHub-Event: push']],
  [
    'hook-github-long',
    'github',
    [`X-Hub-Signature-256: sha256=${'0'.repeat(60_000)}`, 'X-GitHub-Event: push'],
  ],
  ['hook-gitlab-none', 'gitlab', ['X-Gitlab-Event: Push Hook']],
  ['hook-gitlab-empty', 'gitlab', ['X-Gitlab-Token: ', 'X-Gitlab-Event: Push Hook']],
  [
    'hook-gitlab-twice',
    'gitlab',
    ['X-Gitlab-Token: no', 'X-Gitlab-Token: no', 'X-Gitlab-Event: Push Hook'],
  ],
  ['hook-hmac-none', 'generic-hmac', []],
  ['hook-hmac-algorithm', 'generic-hmac', ['X-Signature: md5=d41d8cd98f00b204e9800998ecf8427e']],
  ['hook-hmac-empty', 'generic-hmac', ['X-Signature: ']],
  ['hook-hmac-proto', 'generic-hmac', ['X-Signature: __proto__=00']],
  ['hook-harbor-none', 'harbor', []],
  ['hook-gcr-forged', 'gcr', ['Authorization: Bearer eyJhbGciOiJub25lIn0.eyJlbWFpbCI6ImEifQ.']],
]

function badCall([name, type, headers]: (typeof BAD_CALLS)[number]): Attack {
  return {
    ...played(
      name,
      `proves a call of ${type} by nothing (${headers[0]?.slice(0, 40) ?? 'no header'})`,
      async (world) => {
        const made = await world.get('Receiver', 'tenant-a', name)
        const { webhookPath } = (made?.['status'] ?? {}) as { webhookPath?: string }
        expect(webhookPath).toBeDefined()
        const body = '{"repository": {}}'
        const head = request(
          `POST ${webhookPath ?? ''} HTTP/1.1`,
          `Content-Length: ${body.length}`,
          ...headers,
        )
        const answer = await say(world.hooksUrl.slice(7), head + body)
        expect([400, 401, 403, 404, 431, 500]).toContain(statusOf(answer))
        const asked = await world.get('GitRepository', 'tenant-a', `${name}-source`)
        expect(asked?.metadata.annotations?.[REQUESTED]).toBeUndefined()
      },
      () =>
        `apiVersion: v1\nkind: Secret\nmetadata: {name: ${name}, namespace: tenant-a}\nstringData: {token: a-token-of-some-length, email: a@example.com, audience: a}\n---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: ${name}-source, namespace: tenant-a}\nspec: {interval: 1h, suspend: true, url: 'https://git.example.com/x.git'}\n---\napiVersion: notification.toolkit.fluxcd.io/v1\nkind: Receiver\nmetadata: {name: ${name}, namespace: tenant-a}\nspec: {type: ${type}, secretRef: {name: ${name}}, resources: [{kind: GitRepository, name: ${name}-source}]}\n`,
    ),
    spec: 'none',
  }
}

/** The servers of the controller itself, spoken to over the wire. */
export const SERVERS: readonly Attack[] = [
  played(
    'wire-paths',
    'reaches files of the host by paths of the artifact server',
    async ({ artifacts }) => {
      for (const path of PATHS) {
        const answer = await say(artifacts, request(`GET ${path} HTTP/1.1`))
        expect([path, /root:|victim|c4n4ry/.test(answer)]).toEqual([path, false])
        expect([path, [0, 200, 400, 404, 414, 431].includes(statusOf(answer))]).toEqual([
          path,
          true,
        ])
        if (statusOf(answer) === 200)
          expect([path, answer.split('\r\n\r\n')[1]]).toEqual([path, ''])
      }
    },
  ),
  played('wire-methods', 'changes an artifact by other methods', async (world) => {
    const path = await victimPath(world)
    const before = await (await fetch(`http://${world.artifacts}${path}`)).arrayBuffer()
    for (const method of ['PUT', 'POST', 'DELETE', 'PATCH', 'TRACE', 'OPTIONS', 'MOVE', 'CONNECT'])
      expect([400, 404, 405, 0]).toContain(
        statusOf(
          await say(world.artifacts, request(`${method} ${path} HTTP/1.1`, 'Content-Length: 0')),
        ),
      )
    const after = await (await fetch(`http://${world.artifacts}${path}`)).arrayBuffer()
    expect(Buffer.from(after).equals(Buffer.from(before))).toBe(true)
  }),
  played('wire-ranges', 'asks for ten thousand pieces of an artifact at once', async (world) => {
    const path = await victimPath(world)
    const ranges = Array.from({ length: 2500 }, (_, i) => `${i % 7}-`).join(',')
    for (const range of [
      ranges,
      '0-0,0-0',
      '-99999999999999999999',
      '99999999999-',
      '5-1',
      'a-b',
      '-',
    ]) {
      const answer = await say(
        world.artifacts,
        request(`GET ${path} HTTP/1.1`, `Range: bytes=${range}`),
      )
      expect([200, 206, 400, 416, 431]).toContain(statusOf(answer))
      expect(answer.length).toBeLessThan(200_000)
    }
  }),
  played('wire-smuggle', 'hides a second request in the first', async ({ artifacts }) => {
    const inner = 'GET /etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n'
    for (const headers of [
      ['Content-Length: 5', 'Transfer-Encoding: chunked'],
      ['Transfer-Encoding: chunked, identity'],
      ['Content-Length: 0', `Content-Length: ${inner.length}`],
      ['Transfer-Encoding : chunked'],
      [`X: y\r\n\r\n${inner}`],
    ])
      expect(
        await say(artifacts, `${request('GET / HTTP/1.1', ...headers)}0\r\n\r\n${inner}`),
      ).not.toMatch(/root:/)
  }),
  played(
    'wire-readers',
    'asks for an artifact nine hundred times and reads nothing',
    async (world) => {
      const path = await victimPath(world)
      const ask = `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`
      await holding(world.artifacts, 900, ask.repeat(20), async () => {
        expect(statusOf(await say(world.artifacts, request(`GET ${path} HTTP/1.1`)))).toBe(200)
      })
    },
  ),
  played('wire-silent', 'holds twelve hundred connections and says nothing', async (world) => {
    const path = await victimPath(world)
    await holding(world.artifacts, 1200, '', async () => {
      expect(statusOf(await say(world.artifacts, request(`GET ${path} HTTP/1.1`)))).toBe(200)
    })
  }),
  played(
    'wire-slow-hooks',
    'begins two hundred calls of webhooks and never ends them',
    async ({ hooksUrl }) => {
      const address = hooksUrl.slice(7)
      const begun = 'POST /hook/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{'
      await holding(address, 200, begun, async () => {
        const body = '{}'
        const head = request('POST /hook/nobody HTTP/1.1', `Content-Length: ${body.length}`)
        expect(statusOf(await say(address, head + body))).toBe(404)
      })
    },
  ),
  played('wire-big-hooks', 'sends bodies without end to webhooks', async ({ hooksUrl }) => {
    const head = request('POST /hook/x HTTP/1.1', 'Content-Length: 10000000000')
    const answer = await say(
      hooksUrl.slice(7),
      Buffer.concat([Buffer.from(head), Buffer.alloc(8 * 1024 * 1024)]),
    )
    expect([413, 404, 0]).toContain(statusOf(answer))
  }),
  played('wire-packed-hooks', 'sends a body that unfolds', async ({ hooksUrl }) => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
    const head = request(
      'POST /hook/x HTTP/1.1',
      'Content-Encoding: gzip',
      `Content-Length: ${bomb.length}`,
    )
    expect(statusOf(await say(hooksUrl.slice(7), Buffer.concat([Buffer.from(head), bomb])))).toBe(
      404,
    )
  }),
  played('wire-odd-hooks', 'calls webhooks in every odd way', async ({ hooksUrl }) => {
    for (const line of [
      'GET /hook/x HTTP/1.1',
      'HEAD /hook/ HTTP/1.1',
      'POST /hook/%00 HTTP/1.1',
      'POST /hook/../hook/x HTTP/1.1',
      `POST /hook/${'x'.repeat(10_000)} HTTP/1.1`,
      'POST /hook/x?a=b&__proto__=c HTTP/1.1',
      'POST //hook/x HTTP/1.1',
      'POST http://internal/hook/x HTTP/1.1',
      'PRI * HTTP/2.0',
    ])
      expect([
        line,
        [0, 400, 404, 405].includes(statusOf(await say(hooksUrl.slice(7), request(line)))),
      ]).toEqual([line, true])
  }),
  played(
    'wire-metrics',
    'reads what is not metrics from the server of metrics',
    async ({ metricsUrl }) => {
      const address = new URL(metricsUrl).host
      for (const path of [
        ...PATHS,
        '/debug/pprof/heap',
        '/debug/pprof/cmdline',
        '/json',
        '/json/version',
      ])
        expect([
          path,
          /root:|c4n4ry|argv|--kubeconfig/.test(
            await say(address, request(`GET ${path} HTTP/1.1`)),
          ),
        ]).toEqual([path, false])
    },
  ),
  ...BAD_CALLS.map(badCall),
]
