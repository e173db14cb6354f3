import { isObject, type Json } from '../../object/index.ts'
import { demandSchema } from '../config/open-api-check.ts'
import { fail, within } from '../fault.ts'
import { readConfigValue, readJson } from '../load/kustomization-file.ts'
import type { Loaded, Loader } from '../load/loader.ts'
import type { Definitions } from '../merge/definitions.ts'
import { BUILT_IN } from '../merge/schema.generated.ts'
import { readDefinitions, readScopes } from '../merge/schema.ts'

/** What begins with a brace must be JSON. */
function readSchema({ bytes, path }: Loaded): Json {
  const value = bytes[0] === 0x7b ? readJson(bytes, path) : readConfigValue(bytes, path)
  const definitions = isObject(value) ? value['definitions'] : undefined
  if (isObject(definitions)) for (const each of Object.values(definitions)) demandSchema(each)
  return value
}

const BUILT_IN_VERSION = 'v1.21.2'

/** The schema of one build: the first kustomization that names one decides, the outermost first. */
export class OpenApi {
  definitions: Definitions = BUILT_IN
  readonly scopes: Map<string, boolean> = new Map()
  private isSet = false

  /**
   * Takes the `openapi` field of a kustomization in.
   * @see sigs.k8s.io/kustomize/kyaml v0.21.1 openapi/openapi.go SetSchema
   */
  use(field: Readonly<Record<string, string>> | undefined, loader: Loader, isRoot: boolean): void {
    const path = field?.['path']
    const loaded = path === undefined ? undefined : loader.load(path)
    if (this.isSet && !isRoot) return
    const version = field?.['version']
    if (loaded !== undefined) {
      if (version !== undefined) fail('builtin version and custom schema provided, cannot use both')
      const value = within('invalid schema file', () => readSchema(loaded))
      if (!isObject(value)) fail('invalid schema file')
      this.definitions = readDefinitions(value)
      for (const [kind, scope] of readScopes(value)) this.scopes.set(kind, scope)
      this.isSet = true
      return
    }
    if (!version) return
    if (version !== BUILT_IN_VERSION) fail('the specified OpenAPI version is not built in')
    this.isSet = true
  }
}
