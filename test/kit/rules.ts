/** The rules of the house as pure functions over (path, text); see CONTRIBUTING.md for the reasons. */

/**
 * Floors of the rooms. Adapters hang beside them; `compose` and `main` may import every room. Open
 * rooms are entered file by file, so that a command loads only its own part.
 */
export const ROOMS: Readonly<
  Record<string, { level: number; adapter?: true; open?: true; top?: number }>
> = {
  base: { level: 0 },
  object: { level: 1 },
  cel: { level: 1 },
  schema: { level: 1 },
  api: { level: 2 },
  build: { level: 3, top: 1 },
  decrypt: { level: 3 },
  substitute: { level: 3 },
  health: { level: 3 },
  plan: { level: 3 },
  reconcile: { level: 4 },
  cli: { level: 5, open: true },
  cluster: { level: 3, adapter: true, top: 2 },
  source: { level: 3, adapter: true, top: 2 },
  keys: { level: 3, adapter: true, top: 2 },
  telemetry: { level: 3, adapter: true, top: 2 },
  files: { level: 3, adapter: true, top: 2 },
  apiserver: { level: 3, adapter: true, top: 1 },
  compose: { level: 6, open: true },
  main: { level: 7 },
}

/** The one room that may import each npm package. */
export const OWNERS: Readonly<Record<string, string>> = {
  'fast-json-patch': 'object',
  zod: 'api',
  ssh2: 'source',
  re2js: 'base',
  '@kubernetes/client-node': 'cluster',
  pino: 'telemetry',
  'age-encryption': 'decrypt',
  openpgp: 'decrypt',
}

/** Calls that have one home; elsewhere the port is used. */
const BANNED: readonly { pattern: RegExp; use: string; homes: readonly string[] }[] = [
  {
    pattern: /\bDate\.now\(|\bnew Date\(\)/,
    use: 'the Clock port',
    homes: ['src/compose/', 'src/main.ts'],
  },
  { pattern: /\bMath\.random\(/, use: 'the Random port', homes: ['src/compose/', 'src/main.ts'] },
  {
    pattern: /\bset(Timeout|Interval)\(|node:timers/,
    use: 'the Clock port',
    homes: ['src/compose/', 'src/main.ts'],
  },
  {
    pattern: /\bprocess\.(env|argv|exit|stdout|stderr|stdin)\b/,
    use: 'what main.ts hands in',
    homes: ['src/compose/', 'src/main.ts'],
  },
  { pattern: /\bconsole\./, use: 'the Log port, or io in a command', homes: [] },
  { pattern: /\bvi\.mock\(/, use: 'a port handed in', homes: [] },
  { pattern: /\blocaleCompare\(/, use: 'compareText', homes: [] },
]

const PURE_ROOMS = [
  'base',
  'object',
  'cel',
  'schema',
  'api',
  'build',
  'substitute',
  'health',
  'plan',
]

/** The room of a path under `src/`. */
export function roomOf(path: string): string {
  return path === 'src/main.ts' ? 'main' : (path.split('/')[1] ?? '')
}

/** What a source file imports. */
export function importsOf(text: string): string[] {
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s*['"]([^'"]+)['"]|(?:^|\n)import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g,
  )
  return [...found].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
}

/** Violations of the import rule in one file of `src/`. */
export function importViolations(path: string, text: string): string[] {
  const room = roomOf(path)
  const here = ROOMS[room]
  if (here === undefined) return [`${path}: room ${room} is not in the table of rooms`]
  return importsOf(text).flatMap((target) => {
    if (target.startsWith('.')) return relativeViolation(path, room, target)
    if (target.startsWith('node:')) return nodeViolation(path, room, target)
    const name = target.startsWith('@')
      ? target.split('/').slice(0, 2).join('/')
      : (target.split('/')[0] ?? '')
    const owner = OWNERS[name]
    if (owner === undefined) return [`${path}: ${name} has no owning room`]
    return owner === room ? [] : [`${path}: ${name} belongs to ${owner}/`]
  })
}

function relativeViolation(path: string, room: string, target: string): string[] {
  const resolved = new URL(target, `file:///${path}`).pathname.slice(1)
  if (!resolved.startsWith('src/')) return [`${path}: ${target} leaves src/`]
  const other = roomOf(resolved)
  if (other === room) return []
  const here = ROOMS[room]
  const there = ROOMS[other]
  if (here === undefined || there === undefined) return [`${path}: unknown room ${other}`]
  if (!there.open && !/^src\/[^/]+\/index\.ts$/.test(resolved))
    return [`${path}: enter ${other}/ through its index.ts, not ${target}`]
  if (room === 'main' || room === 'compose') return []
  if (there.adapter) return [`${path}: adapters are imported by compose/ alone, not ${other}/`]
  if (there.level >= here.level) return [`${path}: ${other}/ is not below ${room}/`]
  if (here.top !== undefined && there.level > here.top)
    return [`${path}: ${room}/ stops at level ${here.top}, ${other}/ is above`]
  return []
}

function nodeViolation(path: string, room: string, target: string): string[] {
  const allowed = ['node:crypto', 'node:buffer', 'node:path/posix']
  if (!PURE_ROOMS.includes(room) || allowed.includes(target)) return []
  return [`${path}: ${room}/ does no I/O, so not ${target}`]
}

/** Banned calls in one file of `src/` or `test/`. Lines that are comments do not count. */
export function bannedCalls(path: string, text: string): string[] {
  return text.split('\n').flatMap((line, i) => {
    if (/^\s*(\*|\/\/|\/\*)/.test(line)) return []
    return BANNED.filter(
      (ban) => ban.pattern.test(line) && !ban.homes.some((home) => path.startsWith(home)),
    ).map((ban) => `${path}:${i + 1}: ${ban.pattern.source} is banned, use ${ban.use}`)
  })
}

/** Lines over 120 columns and words that the project does not say. */
export function wordViolations(path: string, text: string): string[] {
  return text.split('\n').flatMap((line, i) => {
    const found = []
    if (/\b(it|test|describe)\.only\(/.test(line)) found.push('a narrowed test')
    if (/resolved": "http/.test(line)) found.push('a registry address')
    return found.map((what) => `${path}:${i + 1}: ${what}`)
  })
}
