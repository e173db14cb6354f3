import { mapOf, simple, type Type } from './type.ts'

const WRAPPERS: Readonly<Record<string, Type>> = {
  'google.protobuf.BoolValue': simple('bool'),
  'google.protobuf.BytesValue': simple('bytes'),
  'google.protobuf.DoubleValue': simple('double'),
  'google.protobuf.FloatValue': simple('double'),
  'google.protobuf.Int32Value': simple('int'),
  'google.protobuf.Int64Value': simple('int'),
  'google.protobuf.StringValue': simple('string'),
  'google.protobuf.UInt32Value': simple('uint'),
  'google.protobuf.UInt64Value': simple('uint'),
  'google.protobuf.Struct': mapOf(simple('string'), simple('dyn')),
}

/** What a message that wraps a plain value becomes, by its name. */
export function wrapper(name: string): Type | undefined {
  return Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name] : undefined
}

/** Messages that Flux's expressions may write out beside those. */
export function fluxMessage(name: string): Type | undefined {
  if (name === 'google.protobuf.Duration') return simple('duration')
  if (name === 'google.protobuf.Timestamp') return simple('timestamp')
  return wrapper(name)
}
