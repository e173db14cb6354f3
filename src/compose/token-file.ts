import type { User } from '../apiserver/index.ts'
import { Fault } from '../base/index.ts'

/**
 * Reads tokens as kube-apiserver's `--token-auth-file` has them: a line each with token, user, uid and,
 * in quotes, groups.
 * @throws Fault TOKEN_FILE naming the line that is none
 */
export function readTokens(text: string, path: string): Readonly<Record<string, User>> {
  const tokens: Record<string, User> = {}
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const cells = [...line.matchAll(CELL)].map(([, quoted, plain]) => quoted ?? plain ?? '')
    const [token = '', name = '', uid = '', groups = ''] = cells.map((each) => each.trim())
    if (token === '' || name === '' || cells.length < 3)
      throw new Fault({
        code: 'TOKEN_FILE',
        message: `${path}:${i + 1}: a token needs three or four columns: token,user,uid,"group,group"`,
      })
    tokens[token] = {
      name,
      ...(uid === '' ? {} : { uid }),
      groups: groups.split(',').flatMap((group) => (group.trim() === '' ? [] : [group.trim()])),
    }
  }
  return tokens
}

const CELL = /(?:^|,)\s*(?:"([^"]*)"|([^,]*))/g
