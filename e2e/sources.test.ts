import { describe } from 'vitest'
import { RECORDED_OCI, startRegistrySystem } from '../test/conformance/source/registry-system.ts'
import { compareWithRecordings } from '../test/conformance/source/suite.ts'

// Some four hundred scenarios beside those of test/conformance: what people seldom do.
describe('as source-controller, seldom', () => compareWithRecordings(/^more-/))

// Registries of all manners, and whatever can be pushed to them.
describe('as source-controller, with registries', () =>
  compareWithRecordings(/./, { from: RECORDED_OCI, start: startRegistrySystem }))
