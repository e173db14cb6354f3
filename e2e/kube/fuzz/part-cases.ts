import type { ContractCase, ContractStep } from '../../../test/kit/cluster-contract.ts'
import { placeOf, seeds } from './cases.ts'
import { odd } from './part-odd.ts'
import { approval, finalize, reviews, token, versions } from './part-others.ts'
import { binding, ephemeral, eviction, resize } from './part-pods.ts'
import type { Play } from './part-scene.ts'
import { migrates, names, options, preconditions, whole } from './part-writes.ts'
import { drawFrom } from './values.ts'

/**
 * A case of a number: what is asked beside plain writes: parts of objects, options, preconditions,
 * clients that move from one way of applying to the other, reviews, objects with every field.
 */
export function partCaseOf(number: number, only: readonly string[] = []): ContractCase {
  const draw = drawFrom(number * 5303 + 7)
  const plays: readonly Play[] = [
    options,
    preconditions,
    migrates,
    migrates,
    whole,
    whole,
    names,
    odd,
  ]
  const special: readonly [string, Play][] = [
    ['Pod', ephemeral],
    ['Pod', resize],
    ['Pod', binding],
    ['Pod', eviction],
    ['CertificateSigningRequest', approval],
    ['ServiceAccount', token],
    ['Namespace', finalize],
    ['HorizontalPodAutoscaler', versions],
    ['', reviews],
    ['', reviews],
  ] // prettier-ignore
  const isSpecial = draw.below(5) < 2
  const [kind, own] = draw.of(special)
  const wanted = isSpecial && kind !== '' ? [kind] : only
  const those = seeds.filter((each) => wanted.length === 0 || wanted.includes(String(each['kind'])))
  const seed = draw.of(those)
  const { list, one, dry } = placeOf(seed)
  const play = isSpecial ? own : dry ? whole : draw.of(plays)
  const steps = play({ draw, seed, list, one })
  const end: ContractStep[] =
    list.includes('{ns}') || dry || play === reviews ? [] : [{ method: 'DELETE', path: one }]
  const why = `${play === reviews ? 'Review' : String(seed['kind'])} ${play.name}`
  return {
    name: `p${number}`,
    why,
    steps: [...steps.map((step) => (dry && play !== reviews ? tried(step) : step)), ...end],
  }
}

function tried(step: ContractStep): ContractStep {
  if (step.path.includes('dryRun')) return step
  return { ...step, path: `${step.path}${step.path.includes('?') ? '&' : '?'}dryRun=All` }
}
