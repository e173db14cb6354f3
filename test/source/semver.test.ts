import { describe, expect, it } from 'vitest'
import { matchingTags, parseRange, parseVersion, satisfies } from '../../src/source/semver.ts'

const TAGS = [
  'v0.9.9',
  'v1.0.0',
  '1.1.0',
  'v1.1.1',
  'v1.2.0-beta.1',
  'v1.2',
  'v1.02.3',
  'v10.0.0',
  'x1.0.0',
]

// Expected by Masterminds/semver 3.5: what its Constraints.Check says of each version.
const RANGES: Readonly<Record<string, { reason: string; given: string; want: readonly string[] }>> =
  {
    star: { reason: 'prereleases are left out', given: '*', want: ['v10.0.0'] },
    caret: { reason: 'same major', given: '^1', want: ['v1.02.3'] },
    tilde: { reason: 'same minor', given: '~1.1', want: ['v1.1.1'] },
    hyphen: { reason: 'both ends count', given: '1.0.0 - 1.1.0', want: ['1.1.0'] },
    'or groups': { reason: 'one of them is enough', given: '<1.0.0 || =1.0.0', want: ['v1.0.0'] },
    comma: { reason: 'both must hold', given: '>=1.0.0, <1.1.1', want: ['1.1.0'] },
    'not equal': { reason: 'the next best', given: '!=10.0.0', want: ['v1.02.3'] },
    'not equal, partial': { reason: 'a whole major is out', given: '!=10', want: ['v1.02.3'] },
    'greater, partial': { reason: 'beyond the whole minor', given: '>1.1', want: ['v10.0.0'] },
    'less or equal, partial': { reason: 'the whole minor is in', given: '<=1.1', want: ['v1.1.1'] },
    prerelease: {
      reason: 'named by the range',
      given: '>=1.2.0-0 <1.2.0',
      want: ['v1.2.0-beta.1'],
    },
    nothing: { reason: 'no such version', given: '>99', want: [] },
  }

describe('ranges', () => {
  for (const [name, { reason, given, want }] of Object.entries(RANGES))
    it(`${name}: ${reason}`, () => {
      expect(matchingTags(TAGS, parseRange(given))).toEqual(want)
    })

  for (const broken of ['not a range', '=>> 1', '1.2.3.4.5 x'])
    it(`refuses ${JSON.stringify(broken)}`, () => {
      expect(() => parseRange(broken)).toThrow(
        `semver parse error: improper constraint: ${JSON.stringify(broken)}`,
      )
    })

  it('keeps versions that differ in build metadata alone', () => {
    expect(matchingTags(['1.0.0+b', '1.0.0+a', '0.9.0'], parseRange('*'))).toEqual([
      '1.0.0+a',
      '1.0.0+b',
    ])
  })

  it('caret on zero majors stays in the minor, on zero minors in the patch', () => {
    const inRange = (range: string, tag: string): boolean => {
      const version = parseVersion(tag)
      return version !== undefined && satisfies(version, parseRange(range))
    }
    expect(inRange('^0.2.3', '0.2.9')).toBe(true)
    expect(inRange('^0.2.3', '0.3.0')).toBe(false)
    expect(inRange('^0.0.3', '0.0.4')).toBe(false)
    expect(inRange('^0', '0.9.0')).toBe(true)
  })
})
