import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { REASONS } from '../../src/api/index.ts'

const root = join(import.meta.dirname, '../..')

/** Words of other vocabularies that are spelled like reasons. */
const NO_REASONS = [
  /^(Git|OCI|Oci)Repository$|^ExternalArtifact$/,
  /^(ClusterRole|ConfigMap|EndpointSlice|CustomResourceDefinition|DaemonSet|ReplicaSet|StatefulSet|ServiceAccount)$/,
  // Types of conditions that are no reasons themselves, and states of health.
  /^(ArtifactInStorage|ArtifactOutdated|SourceVerified|StorageOperationFailed|InProgress)$/,
  // Values of fields: spec.deletionPolicy, names in the answers of object stores.
  /^(WaitForTermination|MirrorPrune|LastModified|IsTruncated|NextContinuationToken)$/,
]

/** What looks like a reason in the code of the reconcilers. */
function reasonsInCode(): Set<string> {
  const texts = ['reconcile', 'source/artifact'].flatMap((folder) =>
    readdirSync(join(root, 'src', folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(root, 'src', folder, name), 'utf8')),
  )
  const words = texts
    .join('\n')
    .matchAll(/'([A-Z][a-z]+(?:[A-Z]+[a-z]+)+|Succeeded|Progressing|Failed)'/g)
  return new Set([...words].map(([, word = '']) => word))
}

test('every reason that the code gives is explained, and every explanation has its reason', () => {
  const found = reasonsInCode()
  const isOther = (word: string): boolean => NO_REASONS.some((pattern) => pattern.test(word))
  const missing = [...found].filter((word) => !isOther(word) && REASONS[word] === undefined)
  expect(missing, 'not in src/api/reasons.ts').toEqual([])
  const dead = Object.keys(REASONS).filter((reason) => !found.has(reason))
  expect(dead, 'given by nobody').toEqual([])
})

test('what is no success says what to do', () => {
  for (const [reason, { todo, means }] of Object.entries(REASONS)) {
    expect(means, reason).toMatch(/[.]$/)
    if (/Failed|Error|Invalid|Denied|Disabled|NotFound|Unavailable/.test(reason))
      expect(todo, reason).not.toBe('')
  }
})
