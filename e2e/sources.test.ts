import { describe } from 'vitest'
import { compareWithRecordings } from '../test/conformance/source/suite.ts'

// Some four hundred scenarios beside those of test/conformance: what people seldom do.
describe('as source-controller, seldom', () => compareWithRecordings(/^more-/))
