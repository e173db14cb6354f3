import { condition, type Fields, type HealthCase, maybe } from './health-case.ts'

const READY = "status.conditions.filter(e, e.type == 'Ready').all(e, e.status == 'True')"

/** Objects under the user's own rules. */
export function expressionCases(): HealthCase[] {
  const widget = (status: Fields | undefined, metadata: Fields = {}): Fields => ({
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'x', namespace: 'ns', ...metadata },
    ...maybe({ status }),
  })
  const rule = (fields: Fields): Fields => ({
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    current: READY,
    ...fields,
  })
  const one = (why: string, object: Fields, ...exprs: readonly Fields[]): HealthCase => ({
    kind: 'kstatus',
    why,
    object,
    exprs,
  })
  const ready = widget({ conditions: [condition('Ready', 'True')] })
  const phase = (name: string): Fields => widget({ phase: name })
  const phases = rule({
    current: "status.phase == 'up'",
    inProgress: "status.phase == 'on the way'",
    failed: "status.phase == 'down'",
  })
  return [
    one('current holds', ready, rule({})),
    one('current does not hold', widget({ conditions: [condition('Ready', 'False')] }), rule({})),
    one('no status', widget(undefined), rule({})),
    one('no conditions', widget({}), rule({})),
    ...['up', 'on the way', 'down', 'elsewhere'].map((name) =>
      one(`phase ${name}`, phase(name), phases),
    ),
    one(
      'in progress before failed',
      phase('x'),
      rule({ inProgress: 'true', failed: 'true', current: 'true' }),
    ),
    one('failed before current', phase('x'), rule({ failed: 'true', current: 'true' })),
    one(
      'a generation not yet seen',
      widget({ observedGeneration: 1 }, { generation: 2 }),
      rule({ current: 'true' }),
    ),
    one(
      'a generation that is no number',
      widget({ observedGeneration: '1' }, { generation: 2 }),
      rule({ current: 'true' }),
    ),
    one('an expression that is no bool', phase('x'), rule({ current: 'status.phase' })),
    one('an unknown name', phase('x'), rule({ current: 'nope.x == 1' })),
    one(
      'a failing expression after one that holds not',
      phase('x'),
      rule({ inProgress: 'false', failed: 'status.no == 1', current: 'true' }),
    ),
    one('of the whole group', phase('x'), rule({ kind: '', current: "kind == 'Widget'" })),
    one(
      'the kind before the group',
      phase('x'),
      rule({ kind: '', current: 'false' }),
      rule({ current: 'true' }),
    ),
    one('another version', phase('x'), rule({ apiVersion: 'example.com/v2', current: 'true' })),
    one('twice the same kind', ready, rule({}), rule({})),
    one(
      'twice the same kind in two versions',
      ready,
      rule({}),
      rule({ apiVersion: 'example.com/v2' }),
    ),
    one('twice the group', ready, rule({ kind: '' }), rule({ kind: '' })),
    one(
      'twice a kind of the core group',
      ready,
      rule({ apiVersion: 'v1', kind: 'Pod' }),
      rule({ apiVersion: 'v1', kind: 'Pod' }),
    ),
    one('no current', ready, rule({ current: '' })),
    one('current that cannot be read', ready, rule({ current: 'a +' })),
    one('failed that cannot be read', ready, rule({ failed: 'a +' })),
    one('in progress that cannot be read', ready, rule({ inProgress: '(' })),
    one(
      'all three cannot be read',
      ready,
      rule({ current: 'a +', failed: 'b +', inProgress: 'c +' }),
    ),
    one(
      'the second entry cannot be read',
      ready,
      rule({}),
      rule({ kind: 'Other', current: 'x y' }),
    ),
  ]
}
