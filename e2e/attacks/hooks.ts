import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import { type Attack, configMap } from './attack.ts'
import type { World } from './world.ts'

const REQUESTED = 'reconcile.fluxcd.io/requestedAt'
const CALL_MS = 10_000

/** Calls a webhook; answers the status. */
async function call({ hooksUrl }: World, path: string): Promise<number> {
  const signal = AbortSignal.timeout(CALL_MS)
  const answer = await fetch(`${hooksUrl}${path}`, { method: 'POST', body: '{}', signal })
  return answer.status
}

/** What the victim has is asked for by nobody. */
async function untouched({ get }: World): Promise<void> {
  const victim = await get('GitRepository', 'tenant-b', 'victim')
  expect(victim?.metadata.annotations?.[REQUESTED] ?? 'now').toBe('now')
}

function hook(name: string, does: string, spec: string, more: Partial<Attack> = {}): Attack {
  return {
    name,
    does,
    spec: 'none',
    objects: () =>
      `apiVersion: notification.toolkit.fluxcd.io/v1\nkind: Receiver\nmetadata: {name: ${name}, namespace: tenant-a}\nspec: {type: generic, secretRef: {name: login-token}, ${spec}}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: login-token, namespace: tenant-a}\nstringData: {token: t}\n`,
    want: async ({ world }) => {
      const made = await world.get('Receiver', 'tenant-a', name)
      const { webhookPath } = (made?.['status'] ?? {}) as { webhookPath?: string }
      const status = webhookPath === undefined ? 0 : await call(world, webhookPath)
      expect(status).not.toBe(200)
      await untouched(world)
      expect(world.isRunning()).toBe(true)
    },
    ...more,
  }
}

const LOOPS = `req.metadata.name.matches('${'(a|a)*'.repeat(200)}b') && ${'[1,2,3,4,5,6,7,8,9].all(a, '.repeat(8)}true${')'.repeat(8)}`

/** Webhooks that wake what is not the attacker's, or that keep the controller busy. */
export const HOOKS: readonly Attack[] = [
  hook(
    'hook-foreign',
    "wakes another tenant's source by its own webhook",
    'resources: [{kind: GitRepository, name: victim, namespace: tenant-b}]',
  ),
  hook(
    'hook-all',
    "wakes all of another tenant's sources by labels",
    "resources: [{kind: GitRepository, name: '*', namespace: tenant-b, matchLabels: {}}]",
  ),
  hook(
    'hook-path',
    "wakes another tenant's source by a path in a name",
    'resources: [{kind: GitRepository, name: ../../tenant-b/gitrepositories/victim}]',
  ),
  hook(
    'hook-version',
    "wakes another tenant's source by a path in a version",
    'resources: [{kind: GitRepository, apiVersion: source.toolkit.fluxcd.io/v1/namespaces/tenant-b, name: victim}]',
  ),
  hook(
    'hook-secret',
    'proves calls with a token of another namespace',
    'secretRef: {name: ../../tenant-b/secrets/victim}, resources: [{kind: GitRepository, name: repo}]',
    {
      objects: () =>
        'apiVersion: notification.toolkit.fluxcd.io/v1\nkind: Receiver\nmetadata: {name: hook-secret, namespace: tenant-a}\nspec: {type: generic, secretRef: {name: ../../tenant-b/secrets/victim}, resources: [{kind: GitRepository, name: repo}]}\n',
    },
  ),
  hook(
    'hook-bomb',
    'keeps the controller busy with a filter of resources',
    `resources: [{kind: GitRepository, name: repo}], resourceFilter: "${LOOPS}"`,
  ),
  hook(
    'hook-issuer',
    'has the keys of an internal issuer fetched',
    'resources: [{kind: GitRepository, name: repo}]',
    {
      objects: ({ internal }) =>
        `apiVersion: notification.toolkit.fluxcd.io/v1\nkind: Receiver\nmetadata: {name: hook-issuer, namespace: tenant-a}\nspec: {type: generic-oidc, oidcProviders: [{issuerURL: "${internal.url}/hook-issuer", audience: a, validations: [{expression: "true", message: m}]}], resources: [{kind: GitRepository, name: repo}]}\n`,
    },
  ),
  {
    name: 'hook-guess',
    does: 'calls the webhook of another tenant by a path that it has computed from names',
    files: { 'a.yaml': configMap('hook-guess') },
    want: async ({ world }) => {
      for (const token of ['', 'token', 'victim']) {
        const digest = createHash('sha256').update(`${token}victimtenant-b`).digest('hex')
        expect(await call(world, `/hook/${digest}`)).toBe(404)
      }
      for (const path of ['/', '/hook/', '/hook/undefined', '/hook/../', '/hook/%2e%2e'])
        expect(await call(world, path)).toBe(404)
      await untouched(world)
    },
  },
]
