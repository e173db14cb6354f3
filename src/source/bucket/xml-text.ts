const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  amp: '&',
}

/** The text of the first element of a name; `''` where there is none. Nothing may be nested in it. */
export function xmlText(xml: string, name: string): string {
  const raw = new RegExp(`<${name}(?: [^>]*)?>([^<]*)</${name}>`).exec(xml)?.[1] ?? ''
  return raw.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{1,8}));/gi, (whole, dec, hex, named) => {
    if (dec !== undefined) return char(Number(dec), whole)
    if (hex !== undefined) return char(Number.parseInt(hex, 16), whole)
    return ENTITIES[named] ?? whole
  })
}

function char(code: number, whole: string): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : whole
}

/** The insides of all elements of a name. */
export function xmlParts(xml: string, name: string): readonly string[] {
  const parts = xml.matchAll(new RegExp(`<${name}(?: [^>]*)?>([\\s\\S]*?)</${name}>`, 'g'))
  return [...parts].map(([, inner = '']) => inner)
}
