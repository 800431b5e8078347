/**
 * The full numbers of hardening rows F1 and F2: `node test/fuzz/run.ts [runs]`, a million by default. What fails prints its
 * seed, and `process.exitCode` is 1 then.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const runs = Number(process.argv[2] ?? 1_000_000)
if (!Number.isInteger(runs) || runs < 1) throw new Error('how many runs? A whole number.')

// A history of changes is several requests to each store, each of them durable: fewer of them.
const files: readonly (readonly [file: string, runs: number])[] = [
  ['../property/filters.test.ts', runs],
  ['../property/patches.test.ts', Math.ceil(runs / 50)],
  ['./http.test.ts', Math.ceil(runs / 2)]
]

for (const [file, count] of files) {
  const started = performance.now()
  const env = { ...process.env, USHER_RUNS: String(count), TAP_TIMEOUT: '0' }
  const child = spawn(process.execPath, [fileURLToPath(new URL(file, import.meta.url))], { env, stdio: 'inherit' })
  const [code] = await once(child, 'exit')
  const seconds = Math.round((performance.now() - started) / 1000)
  process.stdout.write(`${code === 0 ? 'ok' : 'FAILED'} ${file} ${count} runs in ${seconds} s\n`)
  if (code !== 0) process.exitCode = 1
}
