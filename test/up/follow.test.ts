import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { MemoryRepository } from '../../src/source/git/memory-repository.ts'
import { serveGit } from '../../src/source/git/server.ts'
import { httpBackend } from '../kit/git-http-backend.ts'
import { type Running, scratch, startProgram } from '../kit/program.ts'
import { hasTool, missing } from '../kit/tools.ts'

type Files = Readonly<Record<string, string>>

/** A repository over smart HTTP whose branch main can be given further commits. */
interface Remote {
  readonly url: string
  commit(files: Files): void
  close(): Promise<void> | void
}

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const configMap = (name: string, value: string): string => `apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}, namespace: default}
data: {value: "${value}"}
`

/** Follows a remote through commits that add, change and remove objects. */
async function followed(remote: Remote): Promise<void> {
  closers.push(() => remote.close())
  remote.commit({ 'clusters/production/a.yaml': configMap('a', '1') })
  const running = startProgram(['up', remote.url])
  closers.push(async () => {
    running.interrupt()
    return running.ended
  })
  const server = await serverOf(running)
  expect(await until(server, 'a', (value) => value === '1')).toBe('1')
  remote.commit({
    'clusters/production/a.yaml': configMap('a', '2'),
    'clusters/production/b.yaml': configMap('b', '1'),
  })
  expect(await until(server, 'a', (value) => value === '2')).toBe('2')
  expect(await until(server, 'b', (value) => value === '1')).toBe('1')
  remote.commit({ 'clusters/production/b.yaml': configMap('b', '1') })
  expect(await until(server, 'a', (value) => value === undefined)).toBeUndefined()
  remote.commit({ 'clusters/production/b.yaml': 'broken: [' })
  await running.until(/✘ failed .*b\.yaml/)
  expect(await until(server, 'b', () => true)).toBe('1')
}

async function serverOf(running: Running): Promise<string> {
  const path = (await running.until(/KUBECONFIG=(\S+)/))[1] ?? ''
  return /server: (\S+)/.exec(readFileSync(path, 'utf8'))?.[1] ?? ''
}

/** Watches ConfigMaps of the namespace until the value of one is as wanted. */
async function until(
  server: string,
  name: string,
  isWanted: (value: string | undefined) => boolean,
): Promise<string | undefined> {
  const query = `watch=1&fieldSelector=metadata.name%3D${name}`
  const url = `${server}/api/v1/namespaces/default/configmaps`
  const list = (await (await fetch(`${url}?fieldSelector=metadata.name%3D${name}`)).json()) as {
    metadata: { resourceVersion: string }
    items: { data: { value: string } }[]
  }
  let value = list.items[0]?.data.value
  if (isWanted(value)) return value
  const stop = AbortSignal.timeout(60_000)
  const watch = await fetch(`${url}?${query}&resourceVersion=${list.metadata.resourceVersion}`, {
    signal: stop,
  })
  let text = ''
  for await (const chunk of watch.body ?? []) {
    text += Buffer.from(chunk).toString()
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) {
      const event = JSON.parse(line) as { type: string; object: { data: { value: string } } }
      value = event.type === 'DELETED' ? undefined : event.object.data.value
      if (isWanted(value)) return value
    }
  }
  return value
}

test('a repository on an upload-pack server in this process is followed', async () => {
  const repository = new MemoryRepository()
  const server = await serveGit({ host: '127.0.0.1', port: 0, repository: () => repository })
  let parent: string | undefined
  let count = 0
  await followed({
    url: `http://${server.address}/fleet.git`,
    commit: (files) => {
      count += 1
      const parents = parent === undefined ? [] : [parent]
      parent = repository.commit({ files, message: `commit ${count}`, parents })
      repository.setRef('refs/heads/main', parent)
    },
    close: () => server.close(),
  })
})

describe.skipIf(!hasTool('git'))(`git http-backend${missing('git')}`, () => {
  test('a repository behind it is followed', async () => {
    const folder = scratch()
    closers.push(() => folder.dispose())
    const git = (...args: string[]): string =>
      execFileSync('git', args, { cwd: join(folder.dir, 'work'), encoding: 'utf8', stdio: 'pipe' })
    mkdirSync(join(folder.dir, 'work'))
    git('init', '--quiet', '--initial-branch=main')
    git('config', 'user.name', 'test')
    git('config', 'user.email', 'test@localhost')
    execFileSync('git', [
      'init',
      '--quiet',
      '--bare',
      '--initial-branch=main',
      join(folder.dir, 'fleet.git'),
    ])
    const server = await httpBackend(folder.dir)
    await followed({
      url: `${server.url}/fleet.git`,
      commit: (files) => {
        for (const name of git('ls-files')
          .split('\n')
          .filter((each) => each !== ''))
          rmSync(join(folder.dir, 'work', name))
        for (const [path, text] of Object.entries(files)) {
          mkdirSync(join(folder.dir, 'work', path, '..'), { recursive: true })
          writeFileSync(join(folder.dir, 'work', path), text)
        }
        git('add', '--all')
        git('commit', '--quiet', '--message=change')
        git('push', '--quiet', join(folder.dir, 'fleet.git'), 'main')
      },
      close: () => server.close(),
    })
  })
})
