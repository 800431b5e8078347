/** Servers in processes of their own, on loopback. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../scripts/free-port.ts'
import type { Reading } from './probe.ts'

export interface Server {
  readonly port: number
  /** From the spawn until it first answered, in ms. */
  readonly startMs: number
  /** What it used since it was asked last. */
  read(): Promise<Reading>
  /** SIGTERM, as an operator does it. */
  stop(): Promise<void>
}

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))

export interface ServerOptions {
  readonly env: Readonly<Record<string, string>>
  readonly nodeArgs?: readonly string[]
}

/** Our server as `npm start` runs it, in its default settings. What it logs is written, and read by nobody. */
export const startOurs = (options: ServerOptions): Promise<Server> => start(here('../src/main.ts'), options)

export const startBare = (options: ServerOptions): Promise<Server> => start(here('./bare.ts'), options)

async function start(file: string, { env, nodeArgs = [] }: ServerOptions): Promise<Server> {
  const port = await freePort()
  const began = performance.now()
  const child = spawn(process.execPath, [...nodeArgs, '--import', here('./probe.ts'), file], {
    env: {
      PATH: process.env.PATH,
      HOST: '127.0.0.1',
      PORT: String(port),
      USHER_DRAIN_SECONDS: '0',
      USHER_SCIM_REQUESTS_PER_MINUTE: '0',
      ...env
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc']
  })
  try {
    await answers(child, port)
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  const startMs = performance.now() - began
  return {
    port,
    startMs,
    async read() {
      const answer = once(child, 'message')
      child.send('read')
      return (await answer)[0] as Reading
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
    }
  }
}

async function answers(child: ChildProcess, port: number): Promise<void> {
  const end = performance.now() + 60_000
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    const live = await fetch(`http://127.0.0.1:${port}/health/live`).catch(() => undefined)
    await live?.text()
    if (live?.status === 200) return
    if (performance.now() > end) throw new Error('the server did not start in time')
    await sleep(5)
  }
}
