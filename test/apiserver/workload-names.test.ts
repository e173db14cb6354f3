import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { revisionHash } from '../../src/apiserver/controllers/revisions.ts'
import { templateHash } from '../../src/apiserver/controllers/template-hash.ts'
import type { Json, KubeObject } from '../../src/object/index.ts'

interface Named {
  readonly kind: string
  readonly owner: string
  /** Of its ReplicaSet or ControllerRevision. */
  readonly name: string
  readonly template: Json
}

const file = join(import.meta.dirname, '../fixtures/workload-names/names.recorded.json')
const named = JSON.parse(readFileSync(file, 'utf8')) as readonly Named[]

test.each(named.map((each) => [`${each.kind} ${each.owner}`, each] as const))(
  'what the controllers call the children of %s',
  (_, { kind, owner, name, template }) => {
    const object = { kind, spec: { template } } as unknown as KubeObject
    const hash = kind === 'Deployment' ? templateHash(template) : revisionHash(object)
    expect(`${owner}-${hash}`).toBe(name)
  },
)
