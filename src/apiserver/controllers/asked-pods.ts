import { messageOf } from '../../base/index.ts'
import type { KubeObject } from '../../object/index.ts'
import { hasWebhooks } from '../admission/index.ts'
import { creating } from '../admitted.ts'
import type { Core } from '../core.ts'
import type { Write } from '../write.ts'

/** That webhooks are asked about a pod: the controller looks again when they have answered. */
export class AskedWebhooks extends Error {
  /** Never rejects. */
  readonly answered: Promise<void>

  constructor(answered: Promise<void>) {
    super('webhooks are asked about a pod')
    this.answered = answered
  }
}

/** What is asked, and what was refused since its controller looked last. */
interface Asked {
  readonly waiting: Map<string, Promise<void>>
  readonly refused: Map<string, unknown>
}

/** Refusals kept for controllers that never look again. */
const REFUSED_MAX = 1000

const all = new WeakMap<Core, Asked>()

/**
 * Creates a pod with the consent of webhooks, where there are any.
 * @throws AskedWebhooks while they are asked; the pod is made, and told to `made`, when they consent
 * @throws unknown what they refused it with, once
 */
export function askAbout(
  core: Core,
  write: Write,
  of: { readonly body: KubeObject; readonly made: (pod: KubeObject) => void },
): void {
  if (!hasWebhooks(core)) return
  const asked = all.get(core) ?? { waiting: new Map(), refused: new Map() }
  all.set(core, asked)
  // Pods whose names are yet to be drawn are alike: they are asked about one after another.
  const id = JSON.stringify(of.body)
  const refusal = asked.refused.get(id)
  if (asked.refused.delete(id)) throw refusal
  const waiting = asked.waiting.get(id) ?? ask(core, asked, { ...of, write, id })
  throw new AskedWebhooks(waiting)
}

function ask(
  core: Core,
  { waiting, refused }: Asked,
  of: {
    readonly write: Write
    readonly body: KubeObject
    readonly made: (pod: KubeObject) => void
    readonly id: string
  },
): Promise<void> {
  const created = async (): Promise<KubeObject | undefined> => {
    try {
      return (await creating(core, of.write, of.body)).object
    } catch (error) {
      const [oldest] = refused.keys()
      if (refused.size >= REFUSED_MAX && oldest !== undefined) refused.delete(oldest)
      refused.set(of.id, error)
      return undefined
    } finally {
      waiting.delete(of.id)
    }
  }
  const answered = created()
    .then((pod) => {
      if (pod !== undefined) of.made(pod)
    })
    .catch((error: unknown) => core.log.error('controller failed', { error: messageOf(error) }))
  waiting.set(of.id, answered)
  return answered
}
