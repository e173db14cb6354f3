import { type Attack, configMap } from './attack.ts'

const COUNT = 24
const nothing: Attack['want'] = () => undefined

function many(
  name: string,
  does: string,
  make: (i: number) => Omit<Attack, 'name' | 'does' | 'want' | 'isWait'>,
): Attack[] {
  return Array.from({ length: COUNT }, (_, i) => ({
    name: `${name}-${i}`,
    does: i === 0 ? `${does}, ${COUNT} times over` : '',
    isWait: true,
    want: nothing,
    ...make(i),
  }))
}

/** What takes a worker and does not give it back: all others must be served meanwhile. */
export const WAITS: readonly Attack[] = [
  ...many('wait-health', 'waits for health that never comes', (i) => ({
    files: {
      'a.yaml': `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: wait-health-${i}}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: tidegate.example.com/never}]}}}\n`,
    },
    spec: 'wait: true\n  timeout: 1h',
  })),
  ...many('wait-cluster', 'applies to a cluster that never answers', (i) => ({
    files: { 'a.yaml': configMap(`wait-cluster-${i}`) },
    objects: () =>
      `apiVersion: v1\nkind: Secret\nmetadata: {name: wait-cluster-${i}, namespace: tenant-a}\nstringData: {value: '{"current-context":"c","contexts":[{"name":"c","context":{"cluster":"c","user":"u"}}],"clusters":[{"name":"c","cluster":{"server":"@hang@/${i}"}}],"users":[{"name":"u","user":{"token":"x"}}]}'}\n`,
    spec: `kubeConfig: {secretRef: {name: wait-cluster-${i}}}\n  retryInterval: 1s`,
  })),
  ...many('wait-git', 'fetches from a Git host that never answers', (i) => ({
    spec: 'none',
    objects: ({ git }) =>
      `apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: wait-git-${i}, namespace: tenant-a}\nspec: {interval: 1s, timeout: 1h, url: '${git.url}/hang/x${i}.git'}\n`,
  })),
  ...many('wait-vault', 'decrypts by a Vault that never answers', (i) => ({
    files: {
      'a.yaml': `apiVersion: v1\nkind: Secret\nmetadata: {name: wait-vault-${i}}\nstringData: {a: "ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:str]"}\nsops:\n  lastmodified: "2026-01-01T00:00:00Z"\n  mac: "ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:str]"\n  hc_vault: [{vault_address: "@hang@", engine_path: transit, key_name: k${i}, enc: "vault:v1:x"}]\n`,
    },
    objects: () =>
      `apiVersion: v1\nkind: Secret\nmetadata: {name: wait-vault-${i}, namespace: tenant-a}\nstringData: {sops.vault-token: x}\n`,
    spec: `decryption: {provider: sops, secretRef: {name: wait-vault-${i}}}\n  retryInterval: 1s`,
  })),
  ...many('wait-force', 'recreates an object that a finalizer holds', (i) => ({
    files: {
      'a.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: wait-force-${i}, annotations: {kustomize.toolkit.fluxcd.io/force: enabled}}\nimmutable: true\ndata: {a: new}\n`,
    },
    objects: () =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: wait-force-${i}, namespace: tenant-a, finalizers: [example.com/never]}\nimmutable: true\ndata: {a: old}\n`,
  })),
]
