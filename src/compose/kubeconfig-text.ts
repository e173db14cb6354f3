/**
 * A kubeconfig for a server that takes requests without a token. There is no TLS, and so nothing to
 * verify; without saying so, client libraries (client-node) refuse to speak plain HTTP.
 */
export function kubeconfigText(serverUrl: string): string {
  return `apiVersion: v1
kind: Config
current-context: tidegate
clusters:
  - name: tidegate
    cluster:
      server: ${serverUrl}
      insecure-skip-tls-verify: true
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
