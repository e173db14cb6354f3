/** One file to encrypt. In `args` and `config`, `{one}` stands for a recipient. */
export interface SopsCase {
  readonly name: string
  readonly plain: string | Uint8Array
  /** Arguments of `sops -e`; `--age {one}` when absent. */
  readonly args?: readonly string[]
  /** A `.sops.yaml` instead of arguments. */
  readonly config?: string
  readonly type?: 'binary' | 'dotenv' | 'json' | 'ini' | 'yaml'
  readonly ssh?: 'ed25519' | 'rsa'
}

const SECRET = `# about the secret
apiVersion: v1
kind: Secret
metadata:
  name: database # inline
  namespace: team
type: Opaque
stringData:
  # the user
  user: admin
  password: "s3cr3t: #1"
  number: "5"
  yes: "yes"
`

const SHAPES = `# head
first: 1
text: plain text
quoted: 'it''s: "x" # no'
lead: ' lead'
trail: 'trail '
colon: "a: b"
hash: "a # b"
dash: "- a"
empty: ""
nothing: null
tilde: ~
bool: true
boolText: "true"
intText: "17"
floatText: "1.5"
nullText: "null"
oldBool: "off"
octal: 0o17
octalText: "017"
hex: 0x1F
float: 2.50
exponent: 1e3
big: 12345678901234567
negative: -7
date: 2020-01-02
time: 2020-01-02T03:04:05Z
dateText: "2020-01-02"
base60: "1:20"
unicode: "é ü 日本 🙂"
escapes: "tab\\there"
control: "bell\\u0007"
multi: |
  line one
  line two
noend: |-
  a
  b
keep: |+
  a

folded: >
  folded text
  in two lines
leading: |2
    four spaces
  two
trailingSpace: "a \\nb"
blankLines: "a\\n\\n\\nb\\n"
onlyNewline: "\\n"
list:
  - one
  # about two
  - "two\\nlines"
  - a: 1
    b: |
      nested
      text
    c: # inline on nothing
      - deep
  - - inner
    - "in\\nner"
  - []
  - {}
  - null
  - 3
map:
  # inside
  nested:
    deeper: value # behind
    "key: odd": x
    "5": five
    multi: "x\\ny"
  empty: {}
flow: {a: 1, b: [x, "y z"]}
anchor: &a
  k: v
alias: *a
# foot
`

const JSON_FILE = `{"z": {"1": "one", "a": [1, 2.5, "x<y&z>", true, null, {"k": "v"}]},
 "big": 9007199254740993, "huge": 1e21, "small": 1e-7, "tiny": 0.000001, "neg": -0.5,
 "empty": "", "part_unencrypted": {"plain": 1, "f": 1.5}, "obj": {}, "arr": [], "u": "é\\u2028\\n\\t\\"",
 "2": "two", "1": "one", "b": "b"}`

const ENV = `# comment
A=1
B=two words
C="quoted"
D=line1\\nline2
EMPTY=
LONG=a=b=c
UNI=ü
`

const INI = `; top comment
top = level

[section one]
; about key
key = value
longer_key_name=  spaced value
empty =
multi = """line1
line2"""
back = \`a#b\`
eq = a=b
padded = "  x "

[other]
# hash comment
n = 5
b = true
`

const GROUPS = `creation_rules:
  - shamir_threshold: 2
    key_groups:
      - age: ["{one}"]
      - age: ["{two}"]
      - pgp: ["{pgp}"]
`

const bytes = Uint8Array.from({ length: 600 }, (_, i) => (i * 37) % 256)
const only = (...args: readonly string[]): readonly string[] => ['--age', '{one}', ...args]

/** All files. */
export const FILES: readonly SopsCase[] = [
  { name: 'secret.yaml', plain: SECRET },
  {
    name: 'secret-data.yaml',
    plain: SECRET,
    args: only('--encrypted-regex', '^(data|stringData)$'),
  },
  {
    name: 'encrypted-suffix.yaml',
    plain: 'a_secret: 1\nb: 2\nc:\n  d_secret:\n    e: x\n',
    args: only('--encrypted-suffix', '_secret'),
  },
  {
    name: 'unencrypted-suffix.yaml',
    plain: 'a_plain: 1\nb: 2\nc:\n  d_plain:\n    e: x\n  f: g\n',
    args: only('--unencrypted-suffix', '_plain'),
  },
  {
    name: 'unencrypted-regex.yaml',
    plain: SECRET,
    args: only('--unencrypted-regex', '^(apiVersion|metadata|kind|type)$'),
  },
  {
    name: 'encrypted-comment.yaml',
    plain: 'a: 1\n# sops:enc\nb: 2\nc:\n  # sops:enc\n  d: x\n  e: y\n',
    args: only('--encrypted-comment-regex', 'sops:enc'),
  },
  {
    name: 'unencrypted-comment.yaml',
    plain: 'a: 1\n# sops:plain\nb: 2\nc: 3\n',
    args: only('--unencrypted-comment-regex', 'sops:plain'),
  },
  {
    name: 'mac-only-encrypted.yaml',
    plain: SECRET,
    args: only('--encrypted-regex', '^stringData$', '--mac-only-encrypted'),
  },
  { name: 'shapes.yaml', plain: SHAPES },
  {
    name: 'shapes-partial.yaml',
    plain: SHAPES,
    args: only('--encrypted-regex', '^(list|text|multi|nested|big|float)$'),
  },
  { name: 'documents.yaml', plain: `${SECRET}---\nsecond: doc\n# last\n---\nthird:\n- x\n` },
  {
    name: 'indented.yaml',
    plain: 'a:\n    - x\n    - y: |\n        deep\n        text\n      z: 1\nb:\n- k: "v\\nw"\n',
  },
  {
    name: 'comments.yaml',
    plain:
      '# one\n\n# two\na: 1 # inline a\n# before b\nb:\n  # in b\n  c: 2\n  # after c\nd: # inline d\n  - 1 # inline 1\n  # before 2\n  - 2\n  # after 2\ne: 5\n# end\n',
  },
  {
    name: 'merge.yaml',
    plain:
      'base: &base\n  inner: x\n  number: 0x1F\nother:\n  <<: *base\n  more: y\nlist:\n  - <<: *base\nbig: 99999999999999999999999999\nsmall: 4.9e-324\nzone: 2024-01-02T03:04:05.123456789-07:00\n',
  },
  {
    name: 'items.yaml',
    plain:
      'a:\n  - p: x # behind\n    q: y\n  - p: x # two\n  - - n: 1 # three\n  - v # four\n  - r: # five\n      s: 1 # six\n',
  },
  { name: 'values.json', plain: JSON_FILE },
  { name: 'values-partial.json', plain: JSON_FILE, args: only('--encrypted-regex', '^(z|b)$') },
  { name: 'settings.env', plain: ENV },
  { name: 'settings-partial.env', plain: ENV, args: only('--encrypted-regex', '^[AB]$') },
  { name: 'settings.ini', plain: INI },
  { name: 'settings-partial.ini', plain: INI, args: only('--encrypted-regex', '^(key|n)$') },
  { name: 'bytes.bin', plain: bytes, type: 'binary' },
  { name: 'text.bin', plain: 'line one\nline two', type: 'binary' },
  { name: 'post-quantum.yaml', plain: SECRET, args: ['--age', '{pq}'] },
  { name: 'ssh-ed25519.yaml', plain: SECRET, args: ['--age', '{ed25519}'] },
  { name: 'ssh-rsa.yaml', plain: SECRET, args: ['--age', '{rsa}'], ssh: 'rsa' },
  { name: 'pgp.yaml', plain: SECRET, args: ['--pgp', '{pgp}'] },
  { name: 'several.yaml', plain: SECRET, args: ['--age', '{two},{one}', '--pgp', '{pgp}'] },
  { name: 'groups.yaml', plain: SECRET, config: GROUPS },
  { name: 'groups.env', plain: ENV, config: GROUPS },
]
