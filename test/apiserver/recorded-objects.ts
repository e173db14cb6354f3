import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Json, JsonObject, KubeObject } from '../../src/object/index.ts'

/** What a real kube-apiserver answered for one object: test/conformance/oracle/objects.ts made it. */
export interface RecordedObject {
  readonly path: string
  /** When it answered. */
  readonly now: string
  readonly cells: readonly Json[]
  readonly conditions?: Json
  readonly object: JsonObject & KubeObject
  /** The protobuf body, in base64; absent for custom kinds. */
  readonly protobuf?: string
}

const file = join(import.meta.dirname, '../fixtures/kubectl/objects.recorded.json')

/** All recorded objects. */
export const recordedObjects: readonly RecordedObject[] = JSON.parse(
  readFileSync(file, 'utf8'),
) as RecordedObject[]
