/**
 * Writes what a real kube-apiserver answers to the expressions of test/fixtures/cel/kubernetes beside
 * them. A kube-controller-manager has to run beside it, for the types of policies.
 * Usage: tsx e2e/kube/record-expressions.ts https://127.0.0.1:6443 TOKEN [FOLDER…]
 */
import { writeFileSync } from 'node:fs'
import { answersFile, expressionFolders, expressionsOf } from '../../test/kit/expression-cases.ts'
import { playExpressions } from './expressions.ts'
import { realTransport } from './real-server.ts'

const [url = '', token = '', ...only] = process.argv.slice(2)
const transport = realTransport(url, token)

async function record(folder: string): Promise<void> {
  const said = await playExpressions(
    transport,
    { folder, expressions: expressionsOf(folder) },
    (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  )
  writeFileSync(answersFile(folder), `${JSON.stringify(said, null, 1)}\n`)
  process.stdout.write(`${folder}: ${Object.keys(said).length}\n`)
}

const left = expressionFolders().filter((each) => only.length === 0 || only.includes(each))
const work = async (): Promise<void> => {
  for (let folder = left.shift(); folder !== undefined; folder = left.shift()) await record(folder)
}
await Promise.all([work(), work(), work(), work()])
