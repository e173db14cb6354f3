import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { KUSTOMIZE_GROUP, type Kustomization } from '../../../src/api/index.ts'
import type { Json, JsonObject } from '../../../src/object/index.ts'
import { Recorder } from './record.ts'
import { type Action, filesOf, type Scenario, type Step } from './scenario.ts'
import { applyText, GIT_REPOSITORY, type Stage, type StageServer, startStage } from './stage.ts'

const REQUESTED_AT = 'reconcile.fluxcd.io/requestedAt'
const KUSTOMIZATION = { group: KUSTOMIZE_GROUP, version: 'v1', kind: 'Kustomization' }
const TICK_MS = 250
const STABLE_S = 3
/** How long the real time is waited for between two looks at kubectl. */
const BESIDE_KUBECTL_MS = 5
const TRIED_WITHIN_MS = 15_000

/** What a step waits for beside quiet. */
interface Wanted {
  commit: string | undefined
  readonly handled: Map<string, string>
}

/** Plays a scenario on a server, which ends with it; answers what was seen after each step. */
export async function play(
  scenario: Scenario,
  server: StageServer,
): Promise<readonly JsonObject[]> {
  const stage = await startStage(server)
  const folder = mkdtempSync(join(tmpdir(), 'flux-scenario-'))
  try {
    return await new Player(scenario, stage, folder).play()
  } finally {
    await stage.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

class Player {
  readonly #scenario: Scenario
  readonly #stage: Stage
  readonly #folder: string
  readonly #recorder: Recorder
  readonly #commits: string[] = []
  #files: Record<string, string> = {}
  #wanted: Wanted = { commit: undefined, handled: new Map() }

  constructor(scenario: Scenario, stage: Stage, folder: string) {
    this.#scenario = scenario
    this.#stage = stage
    this.#folder = folder
    this.#recorder = new Recorder(scenario, stage, () => ({
      tempDir: stage.tempDir,
      commits: this.#commits,
      extra: scenario.mask,
    }))
  }

  async play(): Promise<readonly JsonObject[]> {
    const seen: JsonObject[] = []
    for (const [i, step] of this.#scenario.steps.entries()) {
      this.#wanted = { commit: undefined, handled: new Map() }
      if (i === 0) await this.#setUp()
      for (const action of step.do ?? []) await this.#act(action, i + 1)
      await this.#settle(step)
      seen.push(await this.#recorder.record(step))
    }
    return seen
  }

  async #setUp(): Promise<void> {
    const { name, namespaces, dir, source, before, kustomizations } = this.#scenario
    for (const each of [name, ...namespaces])
      await applyText(
        this.#stage.cluster,
        `{apiVersion: v1, kind: Namespace, metadata: {name: ${each}}}`,
        '',
      )
    writeFileSync(join(this.#folder, 'kubeconfig'), this.#stage.kubeconfig(name))
    this.#commit(filesOf(join(dir, 'repo')))
    if (source) {
      await applyText(
        this.#stage.cluster,
        `{apiVersion: source.toolkit.fluxcd.io/v1, kind: GitRepository, metadata: {name: repo}, spec: {interval: 1h, ref: {branch: main}, url: 'http://127.0.0.1:1/${name}.git'}}`,
        name,
      )
      await this.#sourceHasCommit()
    }
    for (const action of before) await this.#act(action, 0)
    for (const each of kustomizations) if (each.later !== true) await this.#create(each)
  }

  #commit(files: Record<string, string>): void {
    this.#files = files
    this.#commits.push(this.#stage.commit(this.#scenario.name, files))
  }

  async #create(each: Scenario['kustomizations'][number]): Promise<void> {
    const spec = {
      interval: '1h',
      prune: true,
      path: './',
      sourceRef: { kind: 'GitRepository', name: 'repo' },
      ...each.spec,
    }
    await this.#stage.cluster.create(
      {
        apiVersion: `${KUSTOMIZE_GROUP}/v1`,
        kind: 'Kustomization',
        metadata: { name: each.name, namespace: this.#scenario.name, ...each.metadata },
        spec: Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== null)),
      },
      { fieldManager: 'observe' },
    )
  }

  async #act(action: Action, step: number): Promise<void> {
    const [verb = '', argument] = Object.entries(action)[0] ?? []
    if (verb === 'commit') return this.#newCommit(argument as { files?: string; delete?: string[] })
    if (verb === 'patch') {
      for (const [name, patch] of Object.entries(argument as Record<string, JsonObject>))
        await this.#merge(KUSTOMIZATION, name, patch)
      return
    }
    if (verb === 'create') {
      for (const each of this.#scenario.kustomizations)
        if ((argument as string[]).includes(each.name)) await this.#create(each)
      return
    }
    if (verb === 'reconcile') {
      for (const name of argument as string[]) {
        await this.#merge(KUSTOMIZATION, name, request(`step-${step}`))
        this.#wanted.handled.set(name, `step-${step}`)
      }
      return
    }
    if (verb === 'objects')
      return applyText(this.#stage.cluster, String(argument), this.#scenario.name)
    if (verb === 'run') return this.#run(String(argument))
    if (verb === 'sleep') return this.#stage.clock.advance(Number(argument) * 1000)
    if (verb === 'await') return this.#await(argument as Record<string, string>)
    throw new Error(`unknown action ${verb}`)
  }

  async #newCommit(change: { files?: string; delete?: string[] }): Promise<void> {
    const isGone = (path: string): boolean =>
      (change.delete ?? []).some((gone) => path === gone || path.startsWith(`${gone}/`))
    const kept = Object.entries(this.#files).filter(([path]) => !isGone(path))
    const added = change.files === undefined ? {} : filesOf(join(this.#scenario.dir, change.files))
    this.#commit({ ...Object.fromEntries(kept), ...added })
    if (!this.#scenario.source) return
    await this.#merge(GIT_REPOSITORY, 'repo', request(`commit-${this.#commits.length}`))
    await this.#sourceHasCommit()
    this.#wanted.commit = this.#commits.at(-1)
  }

  async #merge(
    kind: { readonly group: string; readonly version: string; readonly kind: string },
    name: string,
    value: JsonObject,
  ): Promise<void> {
    const ref = { ...kind, namespace: this.#scenario.name, name }
    await this.#stage.cluster.patch(ref, { type: 'merge', value }, { fieldManager: 'observe' })
  }

  async #sourceHasCommit(): Promise<void> {
    for (let waited = 0; waited < 40_000; waited += TICK_MS) {
      const ref = { ...GIT_REPOSITORY, namespace: this.#scenario.name, name: 'repo' }
      const object = await this.#stage.cluster.get(ref)
      if (JSON.stringify(object['status'] ?? {}).includes(this.#commits.at(-1) ?? '')) return
      await this.#stage.clock.advance(TICK_MS)
    }
  }

  /** Runs a script with kubectl while the virtual time goes on. */
  async #run(script: string): Promise<void> {
    const child = spawn('bash', ['-ec', script], {
      cwd: this.#scenario.dir,
      env: {
        ...process.env,
        KUBECONFIG: join(this.#folder, 'kubeconfig'),
        GIT_URL: `http://127.0.0.1:1/${this.#scenario.name}.git`,
      },
      stdio: 'ignore',
    })
    let isOver = false
    child.once('exit', () => {
      isOver = true
    })
    // The virtual time goes on as the real one does, whatever the machine's speed: no faster, or a
    // retry would come before kubectl is done.
    for (let last = performance.now(); !isOver; ) {
      await delay(BESIDE_KUBECTL_MS)
      const now = performance.now()
      await this.#stage.clock.advance(now - last)
      last = now
    }
  }

  async #await(patterns: Record<string, string>): Promise<void> {
    for (let waited = 0; waited < this.#scenario.timeout * 1000; waited += TICK_MS) {
      const all = await this.#all()
      const isSeen = Object.entries(patterns).every(([name, pattern]) =>
        new RegExp(pattern).test(spaced(all.get(name)?.status as Json | undefined)),
      )
      if (isSeen) return
      await this.#stage.clock.advance(TICK_MS)
    }
  }

  async #all(): Promise<Map<string, Kustomization>> {
    const list = await this.#stage.cluster.list(KUSTOMIZATION, { namespace: this.#scenario.name })
    return new Map(list.items.map((item) => [item.metadata.name ?? '', item as Kustomization]))
  }

  async #settle(step: Step): Promise<void> {
    const { clock } = this.#stage
    const start = clock.now()
    let last = start
    let before = ''
    while (clock.now() - start < this.#scenario.timeout * 1000) {
      const all = await this.#all()
      const now = JSON.stringify([...all].map(([name, each]) => [name, each.status]))
      if (now !== before) {
        before = now
        last = clock.now()
      }
      const isOpen = [...all].some(([name, each]) =>
        this.#isOpen(name, each, step, clock.now() - start),
      )
      if (!isOpen && clock.now() - last >= (step.stable ?? STABLE_S) * 1000) return
      await clock.advance(TICK_MS)
    }
  }

  /** Says whether a Kustomization is between two states. */
  #isOpen(name: string, object: Kustomization, step: Step, waitedMs: number): boolean {
    if (object.metadata.deletionTimestamp !== undefined) return step.stuck !== true
    if (object.spec.suspend === true) return false
    const ready = object.status?.conditions?.find(({ type }) => type === 'Ready')
    if (ready === undefined || ready.status === 'Unknown') return true
    const handled = this.#wanted.handled.get(name)
    if (handled !== undefined && object.status?.lastHandledReconcileAt !== handled) return true
    if ((ready.observedGeneration ?? 0) < (object.metadata.generation ?? 0)) return true
    const { commit } = this.#wanted
    const isTried = object.status?.lastAttemptedRevision?.includes(commit ?? '') === true
    return commit !== undefined && !isTried && waitedMs < TRIED_WITHIN_MS && step.untried !== true
  }
}

function request(at: string): JsonObject {
  return { metadata: { annotations: { [REQUESTED_AT]: at } } }
}

/** JSON in one line with a space after each colon and comma, as Python writes it. */
function spaced(value: Json | undefined): string {
  return JSON.stringify(value ?? {}, null, 1).replaceAll(/\n\s*/g, ' ')
}
