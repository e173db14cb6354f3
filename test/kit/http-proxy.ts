import { createServer, request as httpRequest, type Server } from 'node:http'
import { connect } from 'node:net'

/** What a proxy asks for, and who hears of the requests. */
export interface HttpProxyOptions {
  /** `user:password`; absent: it serves everybody. */
  readonly user?: string
  readonly seen?: (request: string) => void
}

/** A proxy for plain requests and tunnels; it is to be listened on. */
export function httpProxy({ user, seen }: HttpProxyOptions = {}): Server {
  const wanted = user === undefined ? undefined : `Basic ${Buffer.from(user).toString('base64')}`
  const isKnown = (header: string | undefined): boolean => wanted === undefined || header === wanted
  const proxy = createServer((request, response) => {
    seen?.(`${request.method} ${request.url}`)
    if (!isKnown(request.headers['proxy-authorization'])) return response.writeHead(407).end()
    const onward = httpRequest(
      request.url ?? '',
      { method: request.method ?? 'GET', headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    onward.on('error', () => response.writeHead(502).end())
    return request.pipe(onward)
  })
  proxy.on('connect', (request, socket) => {
    seen?.(`CONNECT ${request.url}`)
    if (!isKnown(request.headers['proxy-authorization']))
      return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    const [name = '', port = ''] = (request.url ?? '').split(':')
    const onward = connect(Number(port), name, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.pipe(socket)
      socket.pipe(onward)
    })
    onward.on('error', () => socket.destroy())
    return socket.on('error', () => onward.destroy())
  })
  return proxy
}
