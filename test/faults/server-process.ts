/** The server as it runs in production: a process of its own, started by `node src/main.ts`, that can be killed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../scripts/free-port.ts'
import { newClient } from './client.ts'

export interface ServerSettings {
  /** What tells it of its store, seats and the rest. */
  readonly env: Readonly<Record<string, string>>
  /** The same again after a kill, so that clients find it. Absent: any free one. */
  readonly port?: number
  /** Before the script: `--import …` makes a broken build of it. */
  readonly nodeArgs?: readonly string[]
}

export interface ServerProcess {
  readonly url: string
  readonly port: number
  readonly pid: number
  /** From the start of the process until readiness was green. */
  readonly readyMs: number
  /** SCIM token, where this was the first start on its store. */
  readonly scimToken: string | undefined
  /** The end of what it wrote, for whoever must understand a failure. */
  output(): string
  /** SIGKILL. Resolves when the process is gone. */
  kill(): Promise<void>
  /** SIGTERM. Resolves with the exit code when the process is gone. */
  terminate(): Promise<number>
}

/** The administrator's key of every server in these tests. */
export const adminKey = 'the-administrators-key-of-the-fault-tests'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
/** A start takes half a second. On a machine that is busy with other tests it may take many. */
const startMsMax = 30_000
/** Of its output, in characters: kept, and shown in an error. */
const outputMax = 1_000_000
const shownMax = 20_000

// The process must not outlive us, whatever ends us: when the input of this shell ends it kills the server.
const keep = `
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
echo $server
( while read -r line; do :; done; kill -9 $server ) <&3 >/dev/null 2>&1 &
reader=$!
wait $server
code=$?
kill $reader
exit $code
`

/** Starts a server and waits until it is ready. @throws Error with its output when it ends or is not ready in time. */
export async function startServerProcess(settings: ServerSettings): Promise<ServerProcess> {
  const port = settings.port ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  const from = performance.now()
  const keeper = spawnKept(settings, port)
  const gone = once(keeper, 'close').then(([code]) => Number(code))
  let text = ''
  const take = (chunk: string) => {
    text = (text + chunk).slice(-outputMax)
  }
  keeper.stderr?.setEncoding('utf8').on('data', take)
  const lines = createInterface({ input: keeper.stdout ?? process.stdin })
  const [pid] = (await once(lines, 'line')).map(Number)
  if (pid === undefined) throw new Error('the server has no process')
  let scimToken: string | undefined
  const { promise: welcomed, resolve: welcome } = Promise.withResolvers<void>()
  lines.on('line', line => {
    take(`${line}\n`)
    if (line.startsWith('Usher listens on')) welcome()
    scimToken ??= /SCIM connector's token +(\S+)/.exec(line)?.[1]
  })
  const end = (signal: NodeJS.Signals) => {
    try {
      process.kill(pid, signal)
    } catch {
      // It is gone already, which is what was asked for.
    }
    return gone
  }
  try {
    await whenReady(url, gone)
    // The secrets of a first start come in the same piece of output.
    await welcomed
  } catch (error) {
    await end('SIGKILL')
    throw new Error(
      `the server did not start: ${error instanceof Error ? error.message : error}\n${text.slice(-shownMax)}`
    )
  }
  return {
    url,
    port,
    pid,
    readyMs: performance.now() - from,
    get scimToken() {
      return scimToken
    },
    output: () => text,
    kill: async () => void (await end('SIGKILL')),
    terminate: () => end('SIGTERM')
  }
}

function spawnKept({ env, nodeArgs = [] }: ServerSettings, port: number): ChildProcess {
  return spawn('sh', ['-c', keep, 'sh', process.execPath, ...nodeArgs, main], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      // Where the test run has one: a start takes half as long with it.
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      HOST: '127.0.0.1',
      PORT: String(port),
      LOG_LEVEL: 'warn',
      USHER_ADMIN_TOKEN: adminKey,
      USHER_SCIM_REQUESTS_PER_MINUTE: '0',
      ...env
    }
  })
}

async function whenReady(url: string, gone: Promise<number>): Promise<void> {
  const client = newClient(url)
  const end = performance.now() + startMsMax
  let code: number | undefined
  gone.then(exit => {
    code = exit
  })
  try {
    while ((await client.get('/health/ready')).status !== 200) {
      if (code !== undefined) throw new Error(`it ended with ${code}`)
      if (performance.now() > end) throw new Error(`it was not ready after ${startMsMax} ms`)
      await sleep(5)
    }
  } finally {
    client.close()
  }
}
