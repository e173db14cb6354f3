/** Bundles src/main.ts into dist/tidegate.mjs and chunks that a command loads only when it needs them. */
import { readdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { build } from 'esbuild'

const { metafile } = await build({
  metafile: true,
  entryPoints: {
    tidegate: 'src/main.ts',
    apiserver: 'src/compose/api-server.ts',
    'lease-worker': 'src/compose/lease-worker.ts',
    'build-thread': 'src/compose/build-thread.ts',
  },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunk-[hash]',
  bundle: true,
  // ssh2 does without its native parts.
  external: ['*.node', 'cpu-features'],
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  sourcemap: 'linked',
  logLevel: 'warning',
  banner: {
    js: [
      '#!/usr/bin/env node',
      // CommonJS packages inside an ESM bundle ask for Node's own modules with require.
      "import { createRequire as __createRequire } from 'node:module'",
      'const require = __createRequire(import.meta.url)',
      // ssh2's wasm glue asks where it lies, and then does not look.
      "const __dirname = ''",
    ].join('\n'),
  },
})

// What an earlier build left goes last, so that a program that is running finds its chunks till then.
const written = new Set(Object.keys(metafile.outputs).map((path) => basename(path)))
for (const entry of readdirSync('dist', { withFileTypes: true }))
  if (entry.isFile() && !written.has(entry.name)) rmSync(join('dist', entry.name))
