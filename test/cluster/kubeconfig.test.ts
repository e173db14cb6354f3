import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { VirtualClock } from '../../src/base/index.ts'
import { kubeconfigFiles, loadKubeconfig } from '../../src/cluster/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidegate-kubeconfig-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const clock = new VirtualClock()
const base64 = (text: string): string => Buffer.from(text).toString('base64')

function config(cluster: object, user: object, context: object = {}): string {
  return JSON.stringify({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u', ...context } }],
    clusters: [{ name: 'k', cluster }],
    users: [{ name: 'u', user }],
  })
}

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

const SERVER = { server: 'https://host:6443/' }

test('certificates in place, the namespace of the context', async () => {
  const text = config(
    { ...SERVER, 'certificate-authority-data': base64('CA'), 'tls-server-name': 'api' },
    { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') },
    { namespace: 'team' },
  )
  expect(await loadKubeconfig({ text }, clock)).toEqual({
    http: { server: 'https://host:6443', ca: 'CA', serverName: 'api', cert: 'CERT', key: 'KEY' },
    namespace: 'team',
  })
})

test('files beside the kubeconfig; a token file is read again as it is rotated', async () => {
  file('ca.pem', 'CA')
  file('token', 'one\n')
  const path = file(
    'config',
    config({ ...SERVER, 'certificate-authority': 'ca.pem' }, { tokenFile: 'token' }),
  )
  const { http } = await loadKubeconfig({ files: [path] }, clock)
  expect(http.ca).toBe('CA')
  expect(await http.headers?.()).toEqual({ authorization: 'Bearer one' })
  file('token', 'two')
  await clock.advance(60_000)
  expect(await http.headers?.()).toEqual({ authorization: 'Bearer two' })
})

const USERS: Record<string, { readonly user: object; readonly want: object }> = {
  token: { user: { token: 't' }, want: { authorization: 'Bearer t' } },
  basic: {
    user: { username: 'u', password: 'p' },
    want: { authorization: `Basic ${base64('u:p')}` },
  },
}

test.each(Object.entries(USERS))('credentials: %s', async (_, { user, want }) => {
  const { http } = await loadKubeconfig({ text: config(SERVER, user) }, clock)
  expect(await http.headers?.()).toEqual(want)
})

test('impersonation that the kubeconfig asks for', async () => {
  const text = config(SERVER, { token: 't', as: 'jane', 'as-groups': ['dev'] })
  const { http } = await loadKubeconfig({ text }, clock)
  expect(http.fixedHeaders).toEqual({ 'impersonate-user': 'jane', 'impersonate-group': ['dev'] })
})

test('a credential plugin is run, and told what it is for', async () => {
  const script = file(
    'plugin.mjs',
    `import { appendFileSync } from 'node:fs'
     appendFileSync(${JSON.stringify(join(folder, 'runs'))}, process.env.KUBERNETES_EXEC_INFO + '\\n')
     console.log(JSON.stringify({ kind: 'ExecCredential', status: { token: process.argv[2] } }))`,
  )
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: process.execPath,
    args: [script, 'from-plugin'],
    env: null,
  }
  const path = file('exec', config(SERVER, { exec }))
  const { http } = await loadKubeconfig({ files: [path] }, clock)
  expect(await http.headers?.()).toEqual({ authorization: 'Bearer from-plugin' })
  const told = readFileSync(join(folder, 'runs'), 'utf8').split('\n')[0] ?? ''
  expect(JSON.parse(told)).toMatchObject({ kind: 'ExecCredential', spec: { interactive: false } })
})

describe('a kubeconfig that a tenant brings', () => {
  test('runs nothing and skips no check, unless that is allowed', async () => {
    const text = config(
      { ...SERVER, 'insecure-skip-tls-verify': true },
      { exec: { command: '/bin/false' } },
    )
    const { http } = await loadKubeconfig({ text }, clock)
    expect(http).toEqual({ server: 'https://host:6443' })
    expect((await loadKubeconfig({ text, insecure: true }, clock)).http.insecure).toBe(true)
    await expect(loadKubeconfig({ text, exec: true }, clock)).rejects.toMatchObject({
      code: 'KUBECONFIG',
    })
  })

  test.each([
    ['tokenFile', { tokenFile: '/var/run/secrets/token' }, {}],
    ['client-key', { 'client-certificate-data': 'eA==', 'client-key': '/etc/x' }, {}],
    ['certificate-authority', {}, { 'certificate-authority': '/etc/x' }],
  ])('reads no file: %s', async (_, user, cluster) => {
    const text = config({ ...SERVER, ...cluster }, user)
    await expect(loadKubeconfig({ text }, clock)).rejects.toThrow(/files are not read/)
  })
})

test('several files are merged: the first to name a thing wins', async () => {
  const first = file(
    'first',
    JSON.stringify({ 'current-context': 'c', users: [{ name: 'u', user: { token: 'mine' } }] }),
  )
  const second = file('second', config({ server: 'http://plain:80' }, { token: 'theirs' }))
  const { http } = await loadKubeconfig({ files: [first, second] }, clock)
  expect(http.server).toBe('http://plain:80')
  expect(await http.headers?.()).toEqual({ authorization: 'Bearer mine' })
})

test('of several files those that are there count; with none, the next step is said', async () => {
  const there = file('there', config(SERVER, { token: 't' }))
  const missing = join(folder, 'missing')
  const { http } = await loadKubeconfig({ files: [missing, there] }, clock)
  expect(http.server).toBe('https://host:6443')
  for (const [files, want] of [
    [[missing], /\(no such file: .*missing\); name a kubeconfig with --kubeconfig or KUBECONFIG$/],
    [[], /no configuration has been provided; name a kubeconfig with/],
  ] as const)
    await expect(loadKubeconfig({ files }, clock)).rejects.toThrow(want)
})

test("the pod's own account", async () => {
  const root = join(folder, 'sa')
  mkdirSync(root)
  for (const [name, text] of [
    ['ca.crt', 'CA'],
    ['token', 'T'],
    ['namespace', 'flux-system\n'],
  ] as const)
    writeFileSync(join(root, name), text)
  const { http, namespace } = await loadKubeconfig(
    { inCluster: { host: 'fd00::1', port: '443', root } },
    clock,
  )
  expect([http.server, http.ca, namespace]).toEqual(['https://[fd00::1]:443', 'CA', 'flux-system'])
  expect(await http.headers?.()).toEqual({ authorization: 'Bearer T' })
})

const BROKEN: Record<string, { readonly text: string; readonly want: RegExp }> = {
  empty: { text: '', want: /no configuration has been provided/ },
  'no YAML': { text: 'a: [', want: /kubeconfig:1:/ },
  context: {
    text: JSON.stringify({ 'current-context': 'x' }),
    want: /context was not found for specified context: x, cluster has no server defined/,
  },
  server: { text: config({}, {}), want: /no usable server/ },
}

test.each(Object.entries(BROKEN))('says what is wrong: %s', async (_, { text, want }) => {
  await expect(loadKubeconfig({ text }, clock)).rejects.toThrow(want)
})

test('the files that kubectl would read', () => {
  expect(kubeconfigFiles({ KUBECONFIG: '/a:/b', HOME: '/h' })).toEqual(['/a', '/b'])
  expect(kubeconfigFiles({ HOME: '/h' })).toEqual(['/h/.kube/config'])
  expect(kubeconfigFiles({})).toEqual([])
})
