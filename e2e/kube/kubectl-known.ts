/**
 * Commands whose answer differs from the real server's, and why; the key is `scenario $ command`.
 * A test fails when one of these becomes equal: then its line goes.
 */
export const KNOWN: Readonly<Record<string, string>> = {
  'asking $ kubectl get componentstatuses -o name | sort':
    'deprecated; there are no components to ask',
}
