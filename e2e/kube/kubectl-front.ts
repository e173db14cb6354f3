import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'node:tls'

/** TLS in front of a server that speaks none, with a certificate of its own. */
export async function serveSecurely(
  url: string,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const port = Number(new URL(url).port)
  const open = new Set<Socket>()
  const front = createServer(certificate(), (client) => {
    const server = connect(port, '127.0.0.1')
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      open.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        open.delete(from)
        to.destroy()
      })
      from.pipe(to)
    }
  })
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', () => resolve()))
  return {
    url: `https://127.0.0.1:${(front.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        front.close(() => resolve())
        for (const each of open) each.destroy()
      }),
  }
}

function certificate(): { readonly key: Buffer; readonly cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-front-'))
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const made = ['-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert]
    const said = ['-subj', '/CN=127.0.0.1', '-days', '2']
    execFileSync('openssl', ['req', '-x509', ...made, ...said], { stdio: 'ignore' })
    return { key: readFileSync(key), cert: readFileSync(cert) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
