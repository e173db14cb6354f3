import type { KubeObject } from '../../object/index.ts'
import type { Column, Kind } from '../kind.ts'
import { age, type Cells, count, nameOf } from './read.ts'

const COLUMNS: readonly Column[] = [
  {
    name: 'Name',
    type: 'string',
    format: '',
    priority: 0,
    description:
      'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
  },
  {
    name: 'Desired',
    type: 'integer',
    format: '',
    priority: 0,
    description: 'replicas is the desired number of instances for the scaled object.',
  },
  {
    name: 'Available',
    type: 'integer',
    format: '',
    priority: 0,
    description: 'replicas is the actual number of observed instances of the scaled object.',
  },
  {
    name: 'Age',
    type: 'string',
    format: '',
    priority: 0,
    description:
      'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
  },
]

const CUSTOM: Readonly<Record<string, Partial<Column>>> = {
  Name: { format: 'name' },
  Desired: { description: 'Number of desired replicas' },
  Available: { description: 'Number of actual replicas' },
  Age: { type: 'date' },
}

/** Of a custom kind the columns say the same in other words. */
const CUSTOM_COLUMNS: readonly Column[] = COLUMNS.map((column) => ({
  ...column,
  ...CUSTOM[column.name],
}))

/** The kind whose table an object is shown in: that of its resource, except for a Scale. */
export function shownAs(kind: Kind, object: KubeObject): Kind {
  if (object.kind !== 'Scale' || object.apiVersion !== 'autoscaling/v1') return kind
  const { custom: _, ...rest } = kind
  const columns = kind.custom === undefined ? COLUMNS : CUSTOM_COLUMNS
  return { ...rest, group: 'autoscaling', plural: 'scales', columns }
}

/** Cells of a Scale. */
export const scaleCells: Cells = (o, now) => [
  nameOf(o),
  count(o, 'spec', 'replicas'),
  count(o, 'status', 'replicas'),
  age(o, now),
]
