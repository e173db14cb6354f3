const SCALE_QUIRK =
  'on the real server a patch of a part that changes nothing takes ownership from another manager'

/**
 * Commands whose answer differs from the real server's, and why; the key is `scenario $ command`.
 * A test fails when one of these becomes equal: then its line goes.
 */
export const KNOWN: Readonly<Record<string, string>> = {
  'changing $ kubectl patch deployment web --subresource=scale --type=merge -p \'{"spec":{"replicas":0}}\'':
    SCALE_QUIRK,
  'changing $ kubectl patch deployment web --subresource=status --type=merge -p \'{"status":{"nonsense":1}}\'':
    SCALE_QUIRK,
  'asking $ kubectl get componentstatuses -o name | sort':
    'deprecated; there are no components to ask',
}
