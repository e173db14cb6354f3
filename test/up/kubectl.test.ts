import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Running, scratch, startProgram } from '../kit/program.ts'
import { hasTool, missing, runTool } from '../kit/tools.ts'

describe.skipIf(!hasTool('kubectl'))(`kubectl on the fleet${missing('kubectl')}`, () => {
  const folder = scratch('deploy/examples/fleet')
  let running: Running
  let kubeconfig = ''

  const kubectl = (...args: string[]): string =>
    runTool('kubectl', args, { env: { KUBECONFIG: kubeconfig, HOME: folder.dir } })

  beforeAll(async () => {
    running = startProgram(['up', folder.dir])
    kubeconfig = (await running.until(/KUBECONFIG=(\S+)/))[1] ?? ''
  })
  afterAll(async () => {
    running.interrupt()
    await running.ended
    folder.dispose()
  })

  test('get shows the columns of Flux', () => {
    const [head, ...rows] = kubectl('get', 'ks', '-A').trim().split('\n')
    expect(head?.split(/\s{2,}/)).toEqual(['NAMESPACE', 'NAME', 'AGE', 'READY', 'STATUS'])
    expect(rows).toHaveLength(5)
    for (const row of rows) expect(row).toMatch(/True\s+Applied revision: main@sha1:[0-9a-f]{40}$/)
    expect(kubectl('get', 'gitrepo', '-n', 'flux-system')).toMatch(
      /NAME\s+URL\s+AGE\s+READY\s+STATUS/,
    )
  })

  test('workloads are there, and are described', () => {
    expect(kubectl('get', 'deploy', '-n', 'shop')).toMatch(/web\s+3\/3\s+3\s+3/)
    expect(kubectl('get', 'pods', '-n', 'platform')).toMatch(/queue-0\s+1\/1\s+Running/)
    expect(kubectl('describe', 'deploy', 'web', '-n', 'shop')).toMatch(
      /3 desired \| 3 updated \| 3 total/,
    )
    expect(kubectl('get', 'hdb', '-A')).toMatch(/orders\s+postgres\s+True/)
  })

  test('apply, wait, edit, delete', () => {
    const file = join(folder.dir, 'more.yaml')
    writeFileSync(
      file,
      `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: more, namespace: flux-system}
spec:
  interval: 10m
  prune: true
  path: ./infrastructure/configs
  targetNamespace: shop
  postBuild: {substitute: {region: here, database_password: none}}
  sourceRef: {kind: GitRepository, name: flux-system}
`,
    )
    expect(kubectl('apply', '--server-side', '-f', file)).toContain('serverside-applied')
    expect(
      kubectl(
        'wait',
        '-n',
        'flux-system',
        '--for=condition=Ready',
        'kustomization/more',
        '--timeout=20s',
      ),
    ).toContain('condition met')
    expect(kubectl('get', 'hdb', '-n', 'shop', '-o', 'name')).toContain('orders')
    kubectl('annotate', 'ks', 'more', '-n', 'flux-system', 'team=storefront')
    expect(
      kubectl(
        'get',
        'ks',
        'more',
        '-n',
        'flux-system',
        '-o',
        'jsonpath={.metadata.annotations.team}',
      ),
    ).toBe('storefront')
    expect(kubectl('delete', 'ks', 'more', '-n', 'flux-system', '--timeout=20s')).toContain(
      'deleted',
    )
    expect(kubectl('get', 'hdb', '-n', 'shop', '-o', 'name')).toBe('')
  })

  test('a save is reconciled', async () => {
    const file = join(folder.dir, 'apps/production/kustomization.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replace('count: 2', 'count: 4'))
    kubectl(
      'wait',
      '-n',
      'shop',
      'deploy/worker',
      '--for=jsonpath={.spec.replicas}=4',
      '--timeout=10s',
    )
    kubectl('rollout', 'status', '-n', 'shop', 'deploy/worker', '--timeout=20s')
  })

  test('drift is put back', () => {
    kubectl('scale', '-n', 'shop', 'deploy/worker', '--replicas=1')
    kubectl(
      'wait',
      '-n',
      'shop',
      'deploy/worker',
      '--for=jsonpath={.spec.replicas}=4',
      '--timeout=10s',
    )
  })
})
