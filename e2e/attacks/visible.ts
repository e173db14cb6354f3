import type { World } from './world.ts'

const KINDS = [
  ['kustomize.toolkit.fluxcd.io', 'Kustomization'],
  ['source.toolkit.fluxcd.io', 'GitRepository'],
  ['source.toolkit.fluxcd.io', 'OCIRepository'],
  ['source.toolkit.fluxcd.io', 'Bucket'],
  ['', 'Event'],
] as const

/** What the attacker, and whoever may read statuses and events, sees in its namespace: what was told. */
export async function visibleTo({ mallory }: World): Promise<string> {
  const lists = await Promise.all(
    KINDS.map(([group, kind]) => mallory.list({ group, kind }, { namespace: 'tenant-a' })),
  )
  return lists
    .flatMap(({ items }) => items)
    .map((item) =>
      JSON.stringify(
        item.kind === 'Event' || item['message'] !== undefined
          ? item
          : { name: item.metadata.name, status: item['status'] },
      ),
    )
    .join('\n')
}
