const SCALE = 'the real server tells who owns the replicas in the Scale that is reviewed'
const TOKEN = 'the real server shows fields of a TokenRequest that are not set yet'

/**
 * Steps whose answer or review differs from the real server's, and why; the key is `case $ number`.
 * The test fails when one of these becomes equal: then its line goes.
 */
export const KNOWN: Readonly<Record<string, string>> = {
  'reviews $ 17': SCALE,
  'reviews $ 18': SCALE,
  'reviews $ 31': TOKEN,
}
