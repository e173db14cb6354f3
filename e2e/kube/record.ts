/**
 * Writes what a real kube-apiserver answers to the cases of test/fixtures/apiserver beside them.
 * Usage: tsx e2e/kube/record.ts https://127.0.0.1:6443 TOKEN [CASE…]
 */
import { writeFileSync } from 'node:fs'
import { contractCases, expectedFile, playCase } from '../../test/kit/cluster-contract.ts'
import { realTransport } from './real-server.ts'

const [url = '', token = '', ...only] = process.argv.slice(2)
const transport = realTransport(url, token)

for (const each of contractCases()) {
  if (only.length > 0 && !only.includes(each.name)) continue
  const answers = await playCase(
    transport,
    each,
    () => new Promise((resolve) => setTimeout(resolve, 50)),
  )
  writeFileSync(expectedFile(each.name), `${JSON.stringify(answers, null, 1)}\n`)
  process.stdout.write(`${each.name}: ${answers.map((answer) => answer.status).join(' ')}\n`)
}
