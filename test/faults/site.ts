/** One store, the server processes on it, and the clients that keep a ledger of what they were told. */

import { freePort } from '../../scripts/free-port.ts'
import type { Backend } from './backend.ts'
import { newClient } from './client.ts'
import { inspect } from './inspect.ts'
import { type Entry, Ledger } from './ledger.ts'
import { type Callers, makeGroups, newCrew, type Shift } from './load.ts'
import { observe } from './observe.ts'
import { adminKey, type ServerProcess, startServerProcess } from './server-process.ts'

export interface SiteOptions {
  /** As `USHER_SEATS`. Fewer than the users that the load wants, so that it meets refusals. */
  readonly seats?: string
  readonly servers?: number
  readonly settings?: Readonly<Record<string, string>>
  /** Before the script: `--import …` makes a broken build of it. */
  readonly nodeArgs?: readonly string[]
}

export interface Site {
  readonly ledger: Ledger
  readonly groups: ReadonlyMap<string, string>
  servers(): readonly ServerProcess[]
  callers(): readonly Callers[]
  /** Load on all servers. */
  work(): Shift
  /** Starts those servers again that are gone. */
  restart(): Promise<readonly ServerProcess[]>
  /** While nobody writes: compares what clients were told with what is there. */
  look(): Promise<readonly string[]>
  /** One more change of each, as often as it takes. @returns how long the slowest took, in milliseconds. */
  touch(entries: readonly Entry[]): Promise<number>
  /** Stops the servers, looks into the store once more without them, and removes it. */
  close(): Promise<readonly string[]>
}

const seatsByDefault = 'PWM=25,PAM=15'
const groupNames = ['Staff', 'Operations', 'Guests']

export async function openSite(backend: Backend, options: SiteOptions = {}): Promise<Site> {
  const { seats = seatsByDefault, settings = {}, nodeArgs = [] } = options
  const env = { USHER_SEATS: seats, USHER_DRAIN_SECONDS: '0', ...settings, ...backend.env }
  const ports = await Promise.all(Array.from({ length: options.servers ?? 1 }, freePort))
  const running = new Map<number, ServerProcess>()
  const start = async (port: number) => {
    running.set(port, await startServerProcess({ env, port, nodeArgs }))
  }
  // One after the other: the first makes the organisation and tells the token.
  for (const port of ports) await start(port)
  const token = [...running.values()].find(server => server.scimToken !== undefined)?.scimToken
  const callers = ports.map((port): Callers => {
    const url = `http://127.0.0.1:${port}`
    return { scim: newClient(url, token), admin: newClient(url, adminKey) }
  })
  const [first] = callers
  if (first === undefined) throw new Error('a site has a server')
  const groups = await makeGroups(first, groupNames)
  const ledger = new Ledger()
  const crew = newCrew(ledger, groups)
  let newest: string | undefined

  async function lookInside(): Promise<readonly string[]> {
    const store = await backend.open()
    try {
      return [...(await inspect(store)), ...backend.damage()]
    } finally {
      await store.close()
    }
  }

  return {
    ledger,
    groups,
    servers: () => [...running.values()],
    callers: () => callers,
    work: () => crew.start(callers),
    async restart() {
      const gone = ports.filter(port => !isAlive(running.get(port)?.pid))
      await Promise.all(gone.map(start))
      return gone.flatMap(port => running.get(port) ?? [])
    },
    async look() {
      const seen = await observe(first, groups, newest)
      newest = seen.newest
      return [...ledger.settle(seen), ...seen.faults, ...(await lookInside())]
    },
    touch: entries => crew.touch(first, entries),
    async close() {
      for (const { scim, admin } of callers) for (const client of [scim, admin]) client.close()
      await Promise.all([...running.values()].map(server => server.terminate()))
      const faults = await lookInside()
      await backend.remove()
      return faults
    }
  }
}

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
