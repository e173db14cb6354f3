/** Pieces that sessions are put together from. */
import { WEB } from '../kubectl-files.ts'

/** Commands of kubectl, without its name; `@` in front as in a scenario. */
export function typed(...lines: readonly string[]): string[] {
  return lines.map((line) =>
    line.startsWith('@') ? `@kubectl ${line.slice(1)}` : `kubectl ${line}`,
  )
}

/** A Deployment with one container of its own name. */
export function deployment(name: string, replicas = 0): string {
  return WEB.replaceAll('web', name).replace('replicas: 0', `replicas: ${replicas}`)
}

/** A ConfigMap. */
export function configMap(name: string, data = 'a: "1"', labels = 'app: x'): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, labels: {${labels}}}\ndata: {${data}}\n`
}

/** Several documents of one file. */
export function documents(...texts: readonly string[]): string {
  return texts.join('---\n')
}

/** An object as JSON, its managers in an order that no clock has a say in. */
export const OWNERS =
  '-o json --show-managed-fields | jq -S ".metadata.managedFields |= sort_by(.manager, .operation, .subresource)"'

/** Who owns parts of an object, without the parts. */
export const MANAGERS =
  '-o json --show-managed-fields | jq -c ".metadata.managedFields[] | [.manager, .operation, .subresource]" | sort'
