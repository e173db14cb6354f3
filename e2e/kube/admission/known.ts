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
  'reviews $ 32': 'the real server shows that access is not allowed before it has looked',
  'access-5 $ 23': 'a review with empty texts in it: the real server leaves them out',
}
