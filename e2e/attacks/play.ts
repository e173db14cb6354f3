import { pool } from '../../src/base/index.ts'
import { isApiFault, type KubeObject } from '../../src/object/index.ts'
import type { FileContent } from '../../src/source/index.ts'
import { type Attack, condition, type Seen } from './attack.ts'
import type { World } from './world.ts'

const STEP_MS = 300
const STORED_MS = 60_000
const PARALLEL = 12
/** Attacks that name namespaces themselves. */
const TARGETS = /^(write|account|owner|kubeconfig-self)/

/** All that attacks of one world share beside it. */
export interface Stage {
  readonly world: World
  /** A host that takes requests and never answers. */
  readonly hangUrl: string
}

/** Plays attacks, all at once, and answers what has become of each. */
export async function play(
  { world, hangUrl }: Stage,
  attacks: readonly Attack[],
  timeoutMs: number,
): Promise<ReadonlyMap<string, Seen>> {
  const fill = (text: string): string =>
    text
      .replaceAll('@internal@', world.internal.url)
      .replaceAll('@INTERNAL@', world.internal.url.replace('http', 'HTTP'))
      .replaceAll('@evil@', world.evil.url)
      .replaceAll('@hang@', hangUrl)
  commit(world, attacks, fill)
  await world.apply(world.mallory, repository(world))
  await stored(world)
  const refused = new Map<string, readonly string[]>()
  await pool(attacks, PARALLEL, async (attack) => {
    const own = fill(attack.objects?.(world) ?? '')
    const made = own === '' ? [] : await world.apply(world.mallory, own)
    const kustomization = attack.spec === 'none' ? '' : fill(kustomizationOf(attack))
    const rest = kustomization === '' ? [] : await world.apply(world.mallory, kustomization)
    if (attack.status !== undefined && rest.length === 0) await resume(world, attack.name)
    refused.set(attack.name, [...made, ...rest])
  })
  const waited = attacks.filter(({ isWait, spec }) => isWait !== true && spec !== 'none')
  await settle(
    world,
    waited.map(({ name }) => name),
    timeoutMs,
  )
  const seen = await Promise.all(
    attacks.map(async ({ name }): Promise<[string, Seen]> => {
      const object = await world.get('Kustomization', 'tenant-a', name)
      return [name, { world, name, object, refused: refused.get(name) ?? [] }]
    }),
  )
  await removeForged(world, attacks)
  return new Map(seen)
}

function commit(world: World, attacks: readonly Attack[], fill: (text: string) => string): void {
  const files: Record<string, FileContent> = { 'README.md': 'attacks' }
  for (const attack of attacks)
    for (const [path, content] of Object.entries(attack.files ?? {}))
      files[`${attack.name}/${path}`] = typeof content === 'string' ? fill(content) : content
  const { repository: own, git } = world
  own.setRef('refs/heads/main', own.commit({ files, message: 'Attacks' }))
  for (const [name, url] of [
    ['submodule', `${world.internal.url}/submodule.git`],
    ['submodule-file', 'file:///root/secrets.git'],
  ] as const) {
    const repo = git.repository(name)
    const modules = `[submodule "x"]\n  path = x\n  url = ${url}\n`
    const tree: Record<string, FileContent> = {
      '.gitmodules': modules,
      x: { submodule: '1'.repeat(40) },
    }
    repo.setRef('refs/heads/main', repo.commit({ files: tree, message: 'Submodule' }))
  }
}

function repository({ git }: World): string {
  return `apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: repo, namespace: tenant-a}\nspec: {interval: 1h, url: '${git.url}/plain/tenant.git', ref: {branch: main}}\n`
}

function kustomizationOf({ name, spec = '', path, status }: Attack): string {
  const own = spec.includes('sourceRef:') ? [] : ['sourceRef: {kind: GitRepository, name: repo}']
  const target =
    spec.includes('targetNamespace:') || TARGETS.test(name) ? [] : ['targetNamespace: tenant-a']
  const lines = ['interval: 1h', 'prune: true', `path: ${path ?? name}`, ...own, ...target]
  const all = [
    ...lines,
    ...(spec === '' ? [] : [spec]),
    ...(status === undefined ? [] : ['suspend: true']),
  ]
  const forged = status === undefined ? '' : `status:\n  ${status}\n`
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: ${name}, namespace: tenant-a}\nspec:\n  ${all.join('\n  ')}\n${forged}`
}

/** Waits for the files of the attacks, so that no other source of the attacker comes before them. */
async function stored(world: World): Promise<void> {
  for (let waitedMs = 0; waitedMs < STORED_MS; waitedMs += STEP_MS) {
    const source = await world.get('GitRepository', 'tenant-a', 'repo')
    if ((source?.['status'] as { artifact?: unknown } | undefined)?.artifact !== undefined) return
    await new Promise((resolve) => setTimeout(resolve, STEP_MS))
  }
}

/** What was suspended while its status was forged goes to work. */
async function resume(world: World, name: string): Promise<void> {
  const ref = {
    group: 'kustomize.toolkit.fluxcd.io',
    version: 'v1',
    kind: 'Kustomization',
    namespace: 'tenant-a',
    name,
  }
  await world.mallory.patch(ref, { type: 'merge', value: { spec: { suspend: false } } })
}

async function settle(world: World, names: readonly string[], timeoutMs: number): Promise<void> {
  const kind = { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization' }
  const endMs = Date.now() + timeoutMs
  for (;;) {
    const { items } = await world.admin.list(kind, { namespace: 'tenant-a' })
    const open = items.filter(
      (object) => names.includes(object.metadata.name ?? '') && !isSettled(object),
    )
    if (open.length === 0) return
    if (Date.now() > endMs) {
      const left = open.map(({ metadata }) => metadata.name).join(' ')
      process.stdout.write(`still at work: ${left}\n`)
      return
    }
    await new Promise((resolve) => setTimeout(resolve, STEP_MS))
  }
}

function isSettled(object: KubeObject): boolean {
  const ready = condition(object)
  if (ready === undefined || ready.status === 'Unknown') return false
  // The first answer may be that the source is not there yet.
  return !/artifact not found|GitRepository\S* "repo" not found/.test(ready.message)
}

/** Deletes the Kustomizations whose inventories were forged, and waits until they are gone. */
async function removeForged(world: World, attacks: readonly Attack[]): Promise<void> {
  const forged = attacks.filter(({ status }) => status !== undefined)
  for (const { name } of forged) {
    const ref = {
      group: 'kustomize.toolkit.fluxcd.io',
      version: 'v1',
      kind: 'Kustomization',
      namespace: 'tenant-a',
      name,
    }
    try {
      await world.mallory.delete(ref)
    } catch (error) {
      if (!isApiFault(error)) throw error
    }
  }
  for (let waited = 0; waited < 5000; waited += STEP_MS) {
    const left = await Promise.all(
      forged.map(({ name }) => world.get('Kustomization', 'tenant-a', name)),
    )
    if (left.every((object) => object === undefined)) return
    await new Promise((resolve) => setTimeout(resolve, STEP_MS))
  }
}
