/** The words of Go for what is wrong with a JSON text, where they are easily found. */
export function goJsonError(text: string, own: string): string {
  const start = text.trimStart()
  if (start === '') return 'EOF'
  const literal = ['true', 'false', 'null'].find((each) => each[0] === start[0])
  const at = Array.from(literal ?? '').findIndex((letter, i) => letter !== start[i])
  const [found, wanted] = [start[at], literal?.[at]]
  if (found !== undefined && wanted !== undefined)
    return `invalid character '${found}' in literal ${literal} (expecting '${wanted}')`
  if (!/^[[{"\d-]|^(?:true|false|null)/.test(start))
    return `invalid character '${start[0]}' looking for beginning of value`
  const key = /^\{\s*([^\s"}])/.exec(start)?.[1]
  if (key !== undefined)
    return `invalid character '${key}' looking for beginning of object key string`
  return own
}
