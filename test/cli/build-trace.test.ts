import { expect, test } from 'vitest'
import { memoryTree } from '../../src/base/index.ts'
import { runBuild } from '../../src/cli/build.ts'

const tree = memoryTree({
  'work/overlay/kustomization.yaml':
    'resources: [../base]\nnamePrefix: p-\nreplicas:\n- {name: web, count: 4}\n',
  'work/base/kustomization.yaml': 'resources: [web.yaml]\n',
  'work/base/web.yaml':
    'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 1\n',
})

const cases: Readonly<Record<string, { given: string; want: readonly [number, string] }>> = {
  'a field': {
    given: 'Deployment/p-web spec.replicas',
    want: [
      0,
      'Deployment/p-web spec.replicas: 4\n' +
        '  resources at base/web.yaml:6 (overlay → base)\n' +
        '  replicas[0] at overlay/kustomization.yaml:4\n',
    ],
  },
  'an object in a namespace': {
    given: 'Deployment/default/p-web metadata.name',
    want: [
      0,
      'Deployment/default/p-web metadata.name: p-web\n' +
        '  resources at base/web.yaml:4 (overlay → base)\n' +
        '  namePrefix at overlay/kustomization.yaml:2\n',
    ],
  },
  'no such object': {
    given: 'Deployment/web spec',
    want: [1, 'Error: the build makes no Deployment/web\n'],
  },
  'no such field': {
    given: 'Deployment/p-web spec.paused',
    want: [1, 'Error: Deployment/p-web has no field spec.paused\n'],
  },
  'half a question': {
    given: 'Deployment/p-web',
    want: [1, `Error: --trace "Deployment/p-web": it takes 'KIND/NAME FIELD'\n`],
  },
}

test.each(Object.entries(cases))('build --trace: %s', async (_, { given, want }) => {
  let text = ''
  const write = (part: string): void => {
    text += part
  }
  const io = {
    out: write,
    err: write,
    columns: undefined,
    env: {},
    cwd: '/work',
    signal: new AbortController().signal,
  }
  const code = await runBuild(['overlay', '--trace', given], io, {
    tree,
    writeFile: () => undefined,
  })
  expect([code, text]).toEqual(want)
})
