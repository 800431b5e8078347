/**
 * The full numbers of hardening rows F1, F2 and P1: `node test/fuzz/run.ts [runs]`, a million by default; `node test/fuzz/run.ts 10m`
 * sends requests for so many minutes, half of them to each store, and does nothing else. What fails prints its seed, and
 * `process.exitCode` is 1 then.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const asked = process.argv[2] ?? '1000000'
const [, amount, isMinutes] = /^(\d+)(m?)$/.exec(asked) ?? []
const runs = Number(amount)
if (!(runs >= 1)) throw new Error('how many runs, or minutes? 1000000, or 10m.')

interface Run {
  readonly file: string
  readonly env: Readonly<Record<string, string>>
}

const times = (file: string, count: number): Run => ({ file, env: { USHER_RUNS: String(count) } })
// A history of changes is several requests to each store, each of them durable: fewer of them.
const numbers: readonly Run[] = [
  times('../property/filters.test.ts', runs),
  times('../property/patches.test.ts', Math.ceil(runs / 50)),
  times('../property/own-filters.test.ts', Math.ceil(runs / 10)),
  times('../property/own-patches.test.ts', Math.ceil(runs / 400)),
  times('../property/history.test.ts', Math.ceil(runs / 1000)),
  times('./http.test.ts', Math.ceil(runs / 2))
]
const minutes: readonly Run[] = [{ file: './http.test.ts', env: { USHER_MINUTES: String(runs) } }]

for (const { file, env: given } of isMinutes === 'm' ? minutes : numbers) {
  const started = performance.now()
  const env = { ...process.env, ...given, TAP_TIMEOUT: '0' }
  const child = spawn(process.execPath, [fileURLToPath(new URL(file, import.meta.url))], { env, stdio: 'inherit' })
  const [code] = await once(child, 'exit')
  const seconds = Math.round((performance.now() - started) / 1000)
  process.stdout.write(`${code === 0 ? 'ok' : 'FAILED'} ${file} ${JSON.stringify(given)} in ${seconds} s\n`)
  if (code !== 0) process.exitCode = 1
}
