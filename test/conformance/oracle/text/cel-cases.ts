/** One expression for the oracle. `ready` is checked as readyExpr, `health` parsed only. */
export interface CelCase {
  readonly kind: 'ready' | 'health'
  readonly text: string
  readonly object: Readonly<Record<string, unknown>>
}

const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'web',
    generation: 4,
    labels: { app: 'web', tier: 'front' },
    annotations: { note: 'it\'s "quoted"', size: '10Mi' },
    creationTimestamp: '2026-01-02T03:04:05Z',
  },
  spec: { replicas: 3, paused: false, ratio: 0.5, whole: 2.0, list: [1, 2, 3], names: ['a', 'b'] },
  status: {
    observedGeneration: 4,
    replicas: 3,
    readyReplicas: 2,
    phase: 'Running',
    nothing: null,
    empty: [],
    since: '2026-01-02T03:04:05.123Z',
    conditions: [
      { type: 'Ready', status: 'True', reason: 'Ok', message: 'all well', observedGeneration: 4 },
      { type: 'Stalled', status: 'False', reason: 'No', message: '' },
    ],
  },
}

const DEPENDENCY = {
  self: { metadata: { name: 'app', namespace: 'team', labels: { ring: 'b' } }, spec: { wait: true } },
  dep: {
    metadata: { name: 'infra', generation: 2, labels: { ring: 'b', 'with.dot': 'x' } },
    status: {
      observedGeneration: 2,
      lastAppliedRevision: 'main@sha1:0123',
      conditions: [{ type: 'Ready', status: 'True', reason: 'ReconciliationSucceeded' }],
    },
  },
}

const HEALTH: readonly string[] = [
  ...["status.phase == 'Running'", 'status.phase == "Failed"', 'status.replicas == 3', 'status.missing'],
  ...['status.missing == 1', 'foo', 'foo.bar == 1', 'foo == 1', 'status.phase', 'status.replicas', 'true'],
  ...['status.replicas == 3.0', 'status.replicas > 2.5', 'spec.ratio < 1', 'spec.whole == 2', '1 == 1.0'],
  ...['spec.replicas == status.replicas', 'status.replicas + 1 == 4', 'status.replicas * 2 == 6'],
  ...['status.replicas - status.readyReplicas == 1', 'status.replicas / 2 == 1', 'status.replicas % 2 == 1'],
  ...['status.replicas / 0 == 1', 'status.replicas % 0 == 1', '-status.replicas == -3', 'spec.ratio + 1 == 1.5'],
  ...['9223372036854775807 + 1 > 0', '1 / 2 == 0', '1.0 / 2.0 == 0.5', '7 % 3 == 1', '-7 / 2 == -3', '2u == 2'],
  ...["status.conditions.filter(e, e.type == 'Ready').all(e, e.status == 'True')"],
  ...["status.conditions.exists(e, e.type == 'Ready' && e.status == 'True')"],
  ...["status.conditions.exists_one(e, e.type == 'Ready')", "status.conditions.all(e, e.type != '')"],
  ...["status.conditions.map(e, e.type) == ['Ready', 'Stalled']", 'status.conditions.map(e, e.missing).size() == 2'],
  ...["status.conditions.map(e, e.type == 'Ready', e.reason) == ['Ok']", 'status.conditions[0].type == "Ready"'],
  ...['status.conditions[5].type == "x"', 'status.conditions[-1].type == "x"', 'size(status.conditions) == 2'],
  ...['status.conditions.size() == 2', 'size(status.empty) == 0', 'status.empty == []', 'status.empty.all(x, false)'],
  ...['has(status.phase)', 'has(status.missing)', 'has(status.nothing)', 'status.nothing == null', 'has(foo.bar)'],
  ...['has(status.missing.deeper)', '!has(status.missing) || status.missing == 1', 'has(status)', 'has(metadata.labels)'],
  ...["has(status.missing) && status.missing == 'x'", "status.missing == 1 || status.phase == 'Running'"],
  ...["status.phase == 'Running' || status.missing == 1", "status.missing == 1 && status.phase == 'x'", 'status.missing && true'],
  ...["status.?missing.orValue('x') == 'x'", 'status.?missing.hasValue()', 'status.?phase.hasValue()'],
  ...["status.?missing.?deeper.orValue('d') == 'd'", "status[?'phase'].orValue('') == 'Running'", 'optional.none().hasValue()'],
  ...["optional.of('a').value() == 'a'", "optional.ofNonZeroValue('').hasValue()", 'status.?missing.value() == 1'],
  ...["status.?phase.optMap(p, p + '!').value() == 'Running!'", "status.?missing.or(optional.of('z')).value() == 'z'"],
  ...["status.?phase.optFlatMap(p, optional.of(p)).value() == 'Running'", "[?status.?missing, 'a'] == ['a']", "{?'a': status.?missing} == {}"],
  ...["metadata.labels['app'] == 'web'", "metadata.labels['nope'] == 'web'", "'app' in metadata.labels", "'nope' in metadata.labels"],
  ...["metadata.labels.exists(k, k == 'tier')", "metadata.labels.all(k, metadata.labels[k] != '')", '3 in spec.list', '3.0 in spec.list'],
  ...["metadata.labels.map(k, k).size() == 2", "'a' in spec.names", "spec.names == ['a', 'b']", 'spec.list == [1, 2, 3]', 'spec.list == [1.0, 2.0, 3.0]'],
  ...["status.phase.startsWith('Run')", "status.phase.endsWith('ing')", "status.phase.contains('nni')", "status.phase.matches('^R.*g$')"],
  ...["status.phase.matches('(?i)running')", "status.phase.matches('(?=R)')", "matches(status.phase, 'unn')", "status.phase.matches('[')"],
  ...["status.phase.size() == 7", "'Ärger'.size() == 5", "status.phase + '!' == 'Running!'", "status.phase < 'S'", "status.phase == 1"],
  ...["status.phase + 1 == 'x'", "status.replicas == '3'", "status.replicas + '1' == ''", 'status.replicas && true', '!status.phase', '-status.phase == 1'],
  ...["status.phase.lowerAscii() == 'running'", "'ÄB'.lowerAscii() == 'Äb'", "'äb'.upperAscii() == 'äB'", "' a '.trim() == 'a'", "'abcabc'.replace('b', 'x') == 'axcaxc'"],
  ...["'abcabc'.replace('b', 'x', 1) == 'axcabc'", "'a,b,c'.split(',') == ['a', 'b', 'c']", "'a,b,c'.split(',', 2) == ['a', 'b,c']", "['a', 'b'].join('-') == 'a-b'"],
  ...["'abc'.charAt(1) == 'b'", "'abc'.charAt(9) == 'b'", "'abcb'.indexOf('b') == 1", "'abcb'.indexOf('b', 2) == 3", "'abcb'.lastIndexOf('b') == 3", "'abc'.substring(1) == 'bc'"],
  ...["'abc'.substring(1, 2) == 'b'", "'abc'.substring(2, 1) == 'b'", "'abc'.substring(9) == ''", "'abc'.reverse() == 'cba'", "strings.quote('a\"b') == '\"a\\\\\"b\"'", "'%d-%s'.format([1, 'a']) == '1-a'"],
  ...["'%.2f'.format([1.5]) == '1.50'", "'%s'.format([[1, 'a']]) == '[1, a]'", "'%x'.format([255]) == 'ff'", "'%b'.format([5]) == '101'", "'%e'.format([1000.0]) == '1.000000e+03'", "'%s %s'.format(['a']) == ''"],
  ...["sets.contains([1, 2, 3], [2])", "sets.contains(spec.list, [2.0])", 'sets.equivalent([1, 2], [2, 1, 1])', 'sets.intersects([1], [2])', 'sets.intersects(spec.list, [3, 9])'],
  ...["base64.encode(b'hello') == 'aGVsbG8='", "base64.decode('aGVsbG8=') == b'hello'", "string(base64.decode('aGVsbG8')) == 'hello'", "base64.decode('!!') == b''"],
  ...["timestamp(metadata.creationTimestamp) < timestamp('2026-01-03T00:00:00Z')", "timestamp(status.since).getMilliseconds() == 123", "timestamp('x') == timestamp('y')"],
  ...["timestamp(status.since) - timestamp(metadata.creationTimestamp) == duration('123ms')", "duration('1h30m').getMinutes() == 90", "duration('x') == duration('1s')"],
  ...["timestamp(metadata.creationTimestamp).getFullYear() == 2026", "timestamp(metadata.creationTimestamp).getHours() == 3", "timestamp(metadata.creationTimestamp).getDayOfWeek() == 5"],
  ...["timestamp(metadata.creationTimestamp).getHours('America/New_York') == 22", "timestamp(metadata.creationTimestamp).getHours('+02:00') == 5", "string(timestamp(metadata.creationTimestamp)) == '2026-01-02T03:04:05Z'"],
  ...["string(duration('90s')) == '90s'", "timestamp(0) == timestamp('1970-01-01T00:00:00Z')", "duration('1h') > duration('59m')", "timestamp(status.since) + duration('1s') > timestamp(status.since)"],
  ...["int('5') == 5", "int('x') == 5", "int(2.9) == 2", "int(spec.ratio) == 0", "double('1.5') == 1.5", "double(3) == 3.0", "uint(3) == 3u", "uint(-1) == 3u", "string(3) == '3'", "string(1.5) == '1.5'"],
  ...["string(true) == 'true'", "bool('true')", "bool('yes')", "string(b'a') == 'a'", "bytes('a') == b'a'", "type(1) == int", "type('a') == string", "type(status.replicas) == int", "type(spec.ratio) == double"],
  ...['type(status) == map', 'type(spec.list) == list', 'type(null) == null_type', 'type(true) == bool', 'dyn(1) == 1', "dyn('a') == 1", 'status.replicas > 2 ? true : false', "status.phase ? true : false"],
  ...["true ? 1 : 'a'", "[1, 'a'].size() == 2", "[1, 2.0].size() == 2", "{'a': 1, 'b': 'x'}.size() == 2", "{'a': 1}['a'] == 1", "{'a': 1}.a == 1", "{'a': 1}.b == 1", "{1: 'a'}[1] == 'a'", "'a' in {'a': 1}"],
  ...["[1, 2] + [3] == [1, 2, 3]", "[[1], [2]] == [[1], [2]]", "{'a': [1]} == {'a': [1]}", "'a' == 'a'", 'null == null', 'true == 1', "1 in {1: 'a'}", 'size({}) == 0', "size('abc') == 3", "1 < 'a'", "'a' < 'b'", 'true > false'],
  ...['1 +', 'a b', '(1', '[1, 2', "'abc", '1 == ', '== 1', 'status.', 'status..x', 'foo(', 'foo()', "status.phase.foo()", 'size()', 'size(1)', 'size(1, 2)', '&& true', 'true &&', 'true & false', 'a = 1', '1 2', '"\\q"'],
  ...['@', '#', 'status.phase == `x`', 'if', 'status.if == 1', 'in', 'true in', '0x1F == 31', '1e3 == 1000.0', '.5 == 0.5', '5. == 5.0', "r'\\d' == '\\\\d'", "'''a\nb''' == 'a\\nb'", "'\\u00e4' == 'ä'", "b'\\xff' == b'\\377'"],
  ...['// comment\ntrue', 'true // comment', 'status\n.phase == "Running"', '!true', '!!true', '--1 == 1', '-(1) == -1', '1 == 1 == true', '1 < 2 < 3', '1 + 2 * 3 == 7', '(1 + 2) * 3 == 9', 'true || false && false', '', ' '],
  ...["cel.bind(x, status.phase, x == 'Running')", "has(status['phase'])", 'has(1)', 'all(x, true)', 'spec.list.all(1, true)', 'spec.list.all(x)', 'spec.list.foo(x, true)', 'status.all(k, k != "")', '1.all(x, true)', "'abc'.all(x, true)"],
  ...["google.protobuf.Duration{seconds: 1} == duration('1s')", 'spec.list.exists(x, x / 0 == 1)', 'spec.list.exists(x, x == 1 || x / 0 == 1)', 'spec.list.all(x, x > 0 && x / 0 == 1)', 'spec.list.filter(x, x > 1).map(x, x * 2) == [4, 6]'],
  ...['metadata.generation == status.observedGeneration', "metadata.annotations['note'] == 'it\\'s \"quoted\"'", 'apiVersion == "apps/v1" && kind == "Deployment"', 'spec.paused', '!spec.paused', 'spec.replicas', "data['x'] == 'y'", 'data.x == "y"'],
]

const READY: readonly string[] = [
  ...['dep.metadata.labels.ring', "dep.metadata.labels.ring == 'b'", 'dep.metadata.labels.ring == self.metadata.labels.ring', 'true', '1 == 1', "'a'", '1', 'dep', 'dep.metadata'],
  ...["dep.status.conditions.filter(e, e.type == 'Ready').all(e, e.status == 'True')", "dep.status.conditions.exists(e, e.type == 'Ready')", 'dep.metadata.generation == dep.status.observedGeneration'],
  ...['foo', 'foo.bar', 'foo == 1', 'dep.missing', 'dep.missing == 1', 'dep.status.missing == 1', 'has(dep.status.missing)', '!has(dep.status.missing)', "has(dep.status.missing) ? dep.status.missing == 'x' : true", 'dep.?missing.hasValue()'],
  ...["dep.?status.?missing.orValue('x') == 'x'", 'dep.?missing.orValue(true)', 'dep.missing ? true : false', 'self.spec.wait', 'self.spec.wait == true', 'self.spec.wait && true', '!self.spec.wait', "dep.metadata.labels['with.dot'] == 'x'", "dep.metadata.labels['no'] == 'x'"],
  ...["1 == 'a'", '1 == 1.0', "1 + 'a' == 2", "dep.metadata.name + 1 == 'x'", "dep.metadata.name.startsWith('in')", 'dep.metadata.name.startsWith(1)', 'dep.metadata.name.foo()', 'foo(dep)', "'a'.foo()", "'a'.startsWith(1)", 'size(dep) == 2', 'size(1) == 2', 'dep.size() == 2'],
  ...['dep.status.lastAppliedRevision.contains("sha1")', "dep.status.lastAppliedRevision.matches('^main@')", "dep.status.lastAppliedRevision.matches('[')", "'a'.matches('[')", "[1, 'a'].size() == 2", "{'a': 1, 'b': 'x'}.size() == 2", 'true ? 1 : "a"', "true ? true : 'a'", '1 +', 'dep.', '(dep', ''],
  ...['dep.status.conditions[0].status == "True"', 'dep.status.conditions[9].status == "True"', 'dep.status.conditions.map(c, c.type)', "dep.status.conditions.map(c, c.type) == ['Ready']", 'dep.status.conditions.all(c, c.status)', 'dep.status.conditions.exists_one(c, c.type == "Ready")', 'self == dep', 'self != dep', "'ring' in dep.metadata.labels", "dep.metadata.generation > 1.5", 'dep.metadata.generation + 1 == 3', 'dep.metadata.generation + 1.0 == 3.0', "timestamp('2026-01-01T00:00:00Z') < timestamp('2027-01-01T00:00:00Z')", 'type(dep.metadata.generation) == int', 'type(dep.metadata.generation) == double', 'null', 'dep.status == null', 'dep[1]', 'dep["metadata"].name == "infra"', 'self.metadata.name in ["app"]', 'self.metadata.name in "app"', '1 in [1]', '-dep.metadata.name == 1', "!'a'", 'true && 1', '1 ? true : false', 'dep.metadata.labels.all(k, k != "")', 'dep.metadata.labels.exists(k, v, v == "b")', 'int(dep.metadata.name) == 1', 'duration("1h") > 1', 'cel.bind(x, 1, x == 1)', "sets.contains(['a'], ['a'])", "'%s'.format(['a']) == 'a'", "optional.of(1).value() == 1", '5', '"true"', 'dyn(true)', 'bool("true")'],
]

/** All expressions. */
export function celCases(): CelCase[] {
  return [
    ...HEALTH.map((text) => ({ kind: 'health' as const, text, object: DEPLOYMENT })),
    ...READY.map((text) => ({ kind: 'ready' as const, text, object: DEPENDENCY })),
  ]
}
