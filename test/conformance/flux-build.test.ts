import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fixtureFile, fixturesOf } from '../kit/fixture.ts'
import { runFluxBuild } from '../kit/flux-build.ts'

// What the real flux command says is recorded by oracle/flux-build.ts.
test.each(fixturesOf('flux-build').map((fixture) => [fixture.name, fixture] as const))(
  'flux build kustomization: %s',
  async (_, fixture) => {
    const cwd = join(fixture.dir, 'input')
    const args = ((fixture.options['args'] ?? []) as unknown[]).map(String)
    const { code, out, err } = await runFluxBuild(args, cwd)
    const expected = fixtureFile(fixture, 'expected.yaml')
    if (expected === undefined) {
      // What we say may go on after Flux's words.
      const words = (fixtureFile(fixture, 'expected-error.txt') ?? '').trimEnd()
      const own = err.replaceAll(cwd, '').replaceAll(cwd.slice(1), '')
      expect({ code, own: own.slice(0, words.length) }).toEqual({ code: 1, own: words })
    } else expect({ code, out }).toEqual({ code: 0, out: expected })
  },
)
