import { type Shape, shape, text } from '../load/shape.ts'

/** Shape of a field spec in files. */
export const fieldSpecShape: Shape = shape(
  { group: text, version: text, kind: text, path: text, create: 'bool' },
  'FieldSpec',
  { group: 'Gvk', version: 'Gvk', kind: 'Gvk' },
)
