/** How clients believe the server, and the server them. */
export interface Credentials {
  /** Certificate of the authority, as PEM. */
  readonly authority: string
  /** Certificate and key of the user, as PEM. */
  readonly admin: { readonly certificate: string; readonly key: string }
}

/**
 * A kubeconfig. Without credentials it is for a server that takes requests without any: there is no
 * TLS, and so nothing to verify; without saying so, client libraries (client-node) refuse to speak
 * plain HTTP.
 */
export function kubeconfigText(serverUrl: string, credentials?: Credentials): string {
  const trust =
    credentials === undefined
      ? 'insecure-skip-tls-verify: true'
      : `certificate-authority-data: ${base64(credentials.authority)}`
  const user =
    credentials === undefined
      ? '    user: {}\n'
      : `    user:
      client-certificate-data: ${base64(credentials.admin.certificate)}
      client-key-data: ${base64(credentials.admin.key)}
`
  return `apiVersion: v1
kind: Config
current-context: tidegate
clusters:
  - name: tidegate
    cluster:
      server: ${serverUrl}
      ${trust}
contexts:
  - name: tidegate
    context:
      cluster: tidegate
      user: tidegate
users:
  - name: tidegate
${user}`
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
