import { readFileSync } from 'node:fs'
import { Fault, messageOf } from '../base/index.ts'
import { type JsonObject, stringAt } from '../object/index.ts'

/** Codes of faults in kubeconfigs. */
export type KubeconfigCode = 'KUBECONFIG'

/** A fault of a kubeconfig. */
export function kubeconfigFault(message: string, cause?: unknown): Fault<KubeconfigCode> {
  return new Fault({ code: 'KUBECONFIG', message, cause, retry: { kind: 'backoff' } })
}

/** A file's text. @throws Fault KUBECONFIG */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw kubeconfigFault(`kubeconfig: ${messageOf(error)}`, error)
  }
}

/** A PEM text given in place (`<field>-data`, base64) or as a file. */
export function pem(from: JsonObject, field: string, files: boolean): string | undefined {
  const data = stringAt(from, `${field}-data`)
  if (data !== undefined && data !== '') return Buffer.from(data, 'base64').toString('utf8')
  const path = stringAt(from, field)
  if (path === undefined || path === '') return undefined
  if (!files) throw kubeconfigFault(`kubeconfig: ${field}: files are not read, use ${field}-data`)
  return readText(path)
}
