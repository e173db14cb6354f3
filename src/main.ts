/** The composition root: reads the command line, loads the part that it names, and exits. */
import { messageOf } from './base/index.ts'
import { EXIT, type Io } from './cli/io.ts'
import { processIo, programVersion } from './compose/system.ts'

type Run = (argv: readonly string[], io: Io) => Promise<number>

interface Command {
  readonly about: string
  readonly load: () => Promise<Run>
}

const COMMANDS: Readonly<Record<string, Command>> = {
  up: {
    about: 'run a fleet repository on an embedded cluster, live',
    load: async () => (await import('./compose/up.ts')).up,
  },
  controller: {
    about: 'reconcile a real cluster, as Flux does',
    load: async () => (await import('./compose/controller.ts')).controller,
  },
  cluster: {
    about: 'run the embedded Kubernetes API server alone',
    load: async () => (await import('./compose/cluster.ts')).cluster,
  },
  build: {
    about: 'print what a kustomization, or one of Flux, makes',
    load: async () => (await import('./compose/build.ts')).build,
  },
  push: {
    about: 'push a directory to a registry, as an artifact for an OCIRepository',
    load: async () => (await import('./compose/artifact.ts')).push,
  },
  pull: {
    about: 'pull such an artifact into a directory',
    load: async () => (await import('./compose/artifact.ts')).pull,
  },
  install: {
    about: 'put Tidegate on a cluster, or in the place of Flux',
    load: async () => (await import('./compose/operate.ts')).install,
  },
  uninstall: {
    about: 'remove Tidegate, and put Flux back where it was',
    load: async () => (await import('./compose/operate.ts')).uninstall,
  },
  check: {
    about: 'say whether an installation is well',
    load: async () => (await import('./compose/operate.ts')).check,
  },
  audit: {
    about: 'show what was written to the cluster and for whom, or verify that record',
    load: async () => (await import('./compose/audit.ts')).audit,
  },
  decrypt: {
    about: 'decrypt a file that sops encrypted, or check that files are unchanged',
    load: async () => (await import('./compose/decrypt.ts')).decrypt,
  },
}

async function main(argv: readonly string[]): Promise<number> {
  const io = processIo()
  const [name = 'help', ...rest] = argv
  if (name === '--version' || name === 'version') {
    io.out(`tidegate ${programVersion()}\n`)
    return EXIT.ok
  }
  if (name === 'help' || name === '--help' || name === '-h') {
    io.out(overview())
    return EXIT.ok
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command === undefined) {
    io.err(`tidegate: unknown command ${JSON.stringify(name)}\n\n${overview()}`)
    return EXIT.usage
  }
  try {
    const run = await command.load()
    return await run(rest, io)
  } catch (error) {
    io.err(`tidegate ${name}: ${failureText(error, io)}\n`)
    return isUsage(error) ? EXIT.usage : EXIT.failed
  }
}

function overview(): string {
  const rows = Object.entries(COMMANDS).map(([name, { about }]) => `  ${name.padEnd(12)}${about}`)
  return `Git says what should run; tidegate makes the cluster so, in order, and keeps it so.

Usage: tidegate COMMAND [options]

Commands:
${rows.join('\n')}

tidegate COMMAND --help says more. Begin with: tidegate up
`
}

function isUsage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'USAGE'
}

function failureText(error: unknown, io: Io): string {
  const bug = !(error instanceof Error) || error.name !== 'Fault'
  const hint = isUsage(error) ? ' (see --help)' : ''
  return bug && io.env['TIDEGATE_DEBUG'] !== undefined && error instanceof Error
    ? (error.stack ?? error.message)
    : `${messageOf(error)}${hint}`
}

/** Ends the process once all that was written is out: what reads a pipe may be slower than we are. */
function end(code: number): void {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)))
}

main(process.argv.slice(2)).then(end, (error: unknown) => {
  process.stderr.write(`tidegate: ${messageOf(error)}\n`)
  end(EXIT.failed)
})
