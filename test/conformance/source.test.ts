import { describe } from 'vitest'
import { compareWithRecordings } from './source/suite.ts'

// More of them are played by e2e/sources.test.ts.
describe('as source-controller', () => compareWithRecordings(/^(?!more-)/))
