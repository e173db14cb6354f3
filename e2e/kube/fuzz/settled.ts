import { isArray, isObject, type Json, type Transport, valueAt } from '../../../src/object/index.ts'

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
/** Looks at a definition until it is settled; after that the comparison has to tell. */
const MOST_LOOKS = 100

/**
 * A server that answers writes of definitions when their status is what it will stay: the real one
 * writes it after the answer.
 */
export function settling(server: Transport, pause: () => Promise<void>): Transport {
  const wait = async (name: string): Promise<void> => {
    let before = ''
    for (let i = 0; i < MOST_LOOKS; i += 1) {
      const response = await server.request({ method: 'GET', path: `${DEFINITIONS}/${name}` })
      const body = JSON.parse(await response.text()) as Json
      if (response.status !== 200) return
      const version = String(valueAt(body, 'metadata', 'resourceVersion'))
      if (isSettled(body) && version === before) return
      before = version
      await pause()
    }
  }
  return {
    ...server,
    request: async (request) => {
      const response = await server.request(request)
      const isWrite = request.method !== 'GET' && !request.path.includes('dryRun')
      if (!isWrite || !request.path.startsWith(DEFINITIONS) || response.status >= 300)
        return response
      const text = await response.text()
      const name = valueAt(JSON.parse(text) as Json, 'metadata', 'name')
      if (typeof name === 'string') await wait(name)
      return { ...response, text: () => Promise.resolve(text) }
    },
  }
}

/** Whether the controllers of definitions have said what they say of one. */
function isSettled(definition: Json): boolean {
  const conditions = valueAt(definition, 'status', 'conditions')
  if (!isArray(conditions)) return false
  const is = (type: string, status: string): boolean =>
    conditions.some((each) => isObject(each) && each['type'] === type && each['status'] === status)
  if (typeof valueAt(definition, 'metadata', 'deletionTimestamp') === 'string') return false
  if (is('NamesAccepted', 'False')) return true
  return is('NamesAccepted', 'True') && is('Established', 'True')
}
