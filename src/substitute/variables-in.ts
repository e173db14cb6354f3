import { compareText } from '../base/index.ts'
import { isObject, type JsonObject, type KubeObject, stringAt } from '../object/index.ts'

/** The variables that a ConfigMap or a Secret gives, by key; what is no text counts as empty. */
export function variablesIn(object: KubeObject): Readonly<Record<string, string>> {
  const field = (object as unknown as JsonObject)['data']
  const data = isObject(field) ? field : {}
  return Object.fromEntries(
    Object.keys(data)
      .sort(compareText)
      .map((key) => {
        const value = stringAt(data, key) ?? ''
        return [key, object.kind === 'Secret' ? Buffer.from(value, 'base64').toString() : value]
      }),
  )
}
