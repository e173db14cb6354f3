/**
 * Writes the object literals of mutating policies (`Object.spec{replicas: 3}`, `JSONPatch{op: "add"}`)
 * as maps, which the expression engine knows: types give way, names of fields become texts.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/
 */
export function withPlainMaps(expression: string): string {
  const tokens = tokensOf(expression)
  /** For each open bracket: whether it is a literal whose fields have bare names. */
  const open: boolean[] = []
  const out: string[] = []
  for (const [i, token] of tokens.entries()) {
    if (LITERAL.test(token)) {
      open.push(true)
      out.push('{')
    } else if (/^[{[(]$/.test(token)) {
      open.push(false)
      out.push(token)
    } else if (/^[}\])]$/.test(token)) {
      open.pop()
      out.push(token)
    } else if (open.at(-1) === true && isField(tokens, i)) out.push(JSON.stringify(token))
    else out.push(token)
  }
  return out.join('')
}

const LITERAL = /^(?:Object(?:\.\w+)*|JSONPatch)\s*\{$/

function isField(tokens: readonly string[], at: number): boolean {
  if (!/^[A-Za-z_]\w*$/.test(tokens[at] ?? '')) return false
  const around = (step: number): string => {
    let i = at + step
    while (/^\s+$/.test(tokens[i] ?? '')) i += step
    return tokens[i] ?? ''
  }
  const before = around(-1)
  return around(1) === ':' && (before === ',' || before.endsWith('{'))
}

const TOKEN =
  /\/\/[^\n]*|r?"""[\s\S]*?"""|r?'''[\s\S]*?'''|r"[^"\n]*"|r'[^'\n]*'|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|(?:Object(?:\.\w+)*|JSONPatch)\s*\{|[A-Za-z_]\w*|\s+|[\s\S]/g

function tokensOf(expression: string): string[] {
  return expression.match(TOKEN) ?? []
}
