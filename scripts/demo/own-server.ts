import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../free-port.ts'

export interface Server {
  readonly url: string
  readonly token: string
  stop(): Promise<void>
}

const startMsMax = 15_000

/** Starts Usher on a free port with an empty folder. `stop` ends it and removes the folder; so does the end of this process. */
export async function ownServer(seats: { readonly PWM: number; readonly PAM: number }): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'usher-demo-'))
  const token = randomBytes(32).toString('base64url')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const { MONGODB_URI: _, PUBLIC_URL: __, ...env } = process.env
  const child = spawn(process.execPath, ['src/main.ts'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...env,
      HOST: '127.0.0.1',
      PORT: String(port),
      DATA_DIR: folder,
      LOG_LEVEL: 'error',
      USHER_DRAIN_SECONDS: '0',
      USHER_ADMIN_TOKEN: token,
      USHER_SEATS: `PWM=${seats.PWM},PAM=${seats.PAM}`
    }
  })
  let output = ''
  child.stdout.on('data', data => (output += data))
  child.stderr.on('data', data => (output += data))
  const gone = new Promise<void>(resolve => child.once('close', () => resolve()))
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)

  async function stop(): Promise<void> {
    child.kill('SIGTERM')
    await Promise.race([gone, wait(5000, undefined, { ref: false }).then(kill)])
    await gone
    process.off('exit', kill)
    await rm(folder, { recursive: true, force: true })
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop().then(() => process.exit(130)))

  const until = Date.now() + startMsMax
  while (
    !(await fetch(`${url}/health/ready`).then(
      answer => answer.ok,
      () => false
    ))
  ) {
    if (child.exitCode !== null || Date.now() > until) {
      await stop()
      throw new Error(`the server did not start:\n${output}`)
    }
    await wait(50)
  }
  return { url, token, stop }
}
