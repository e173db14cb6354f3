/** A kubeconfig for a server that takes requests without a token. */
export function kubeconfigText(serverUrl: string): string {
  return `apiVersion: v1
kind: Config
current-context: tidegate
clusters:
  - name: tidegate
    cluster:
      server: ${serverUrl}
contexts:
  - name: tidegate
    context:
      cluster: tidegate
      user: tidegate
users:
  - name: tidegate
    user: {}
`
}
