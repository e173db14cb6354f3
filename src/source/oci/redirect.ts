import { isPrivateAddress } from '../private-address.ts'
import { shownUrl } from './refusal.ts'

/** How many redirects are followed. */
export const REDIRECTS_MAX = 20
const NEAR = /^(?:localhost|127\.[\d.]+|\[::1\])$/

/** Where a registry sends us, or what is wrong with that place. */
export function redirected(
  from: URL,
  { location, method }: { readonly location: string; readonly method: string },
): URL | string {
  const verb = `${method[0]}${method.slice(1).toLowerCase()}`
  if (!URL.canParse(location, from.href))
    return `${verb} "${shownUrl(from)}": failed to parse Location header ${JSON.stringify(location)}`
  const to = new URL(location, from)
  const what = `${verb} "${shownUrl(to)}"`
  if (!to.protocol.startsWith('http'))
    return `${what}: unsupported protocol scheme "${to.protocol.slice(0, -1)}"`
  if (from.protocol === 'https:' && to.protocol !== 'https:')
    return `${what}: refusing the redirect from ${from.protocol}//${from.host} to plain HTTP`
  const isNear = NEAR.test(from.hostname) && NEAR.test(to.hostname)
  if (to.hostname !== from.hostname && !isNear && isPrivateAddress(to.hostname))
    return `${what}: SSRF protection: redirect from "${from.hostname}" to private/link-local host "${to.hostname}" denied`
  return to
}
