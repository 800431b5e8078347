/**
 * A real MongoDB for tests: replica sets of one or three members on this machine, whose members can be killed, frozen
 * and started again. Nothing is left behind, also when the test is killed: each member's keeper ends with us.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Db, type Document, MongoClient } from 'mongodb'
import type { Test } from 'tap'
import { freePort } from '../../scripts/free-port.ts'

export interface Member {
  readonly port: number
  /** Of the running mongod. */
  readonly pid: number
  /** Its data. */
  readonly folder: string
  /** Resolves when the running mongod has ended, by whatever hand. */
  ended(): Promise<unknown>
  /** SIGKILL. Resolves when the process is gone. */
  kill(): Promise<void>
  /** SIGSTOP: it holds its connections and answers nothing. */
  freeze(): void
  resume(): void
  /** Starts it again, on its data. Resolves when it is a member of the set again. */
  restart(): Promise<void>
}

export interface ReplicaSet {
  readonly uri: string
  readonly members: readonly Member[]
  /** The member that is primary now; waits until there is one. */
  primary(): Promise<Member>
  /** Resolves when there is a primary with a majority behind it. */
  writable(): Promise<void>
  /** Makes the primary give up its place. */
  stepDown(): Promise<void>
  /** Ends the members and removes their data. */
  stop(): Promise<void>
}

export interface ReplicaSetOptions {
  readonly members?: 1 | 3
  /** Of the set's configuration. Default: those with which it recovers quickly. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Where the members keep their data, one each. Default: the system's folder for what is temporary. */
  readonly folders?: readonly string[]
}

/** The binary, as `scripts/mongod.sh` finds it. @throws Error when there is none. */
export async function mongod(): Promise<string> {
  const script = fileURLToPath(new URL('../../scripts/mongod.sh', import.meta.url))
  try {
    return (await promisify(execFile)('sh', [script], { timeout: 180_000 })).stdout.trim()
  } catch (error) {
    throw new Error(`There is no mongod for the tests. ${String(Object(error).stderr ?? error).trim()}`)
  }
}

export async function startReplicaSet(options: ReplicaSetOptions = {}): Promise<ReplicaSet> {
  const { members: count = 1, settings = quickSettings, folders = [] } = options
  const binary = await mongod()
  const members = await Promise.all(Array.from({ length: count }, (_, i) => startMember(binary, 'rs0', folders[i])))
  const hosts = members.map(member => `127.0.0.1:${member.port}`)
  const uri = `mongodb://${hosts.join(',')}/?replicaSet=rs0`
  const set: ReplicaSet = {
    uri,
    members,
    primary: () => primaryOf(members),
    async writable() {
      const note = { appendOplogNote: 1, data: {}, writeConcern: { w: 'majority', wtimeout: 200 } }
      await until(async () => admin((await primaryOf(members)).port, db => db.command(note)))
    },
    async stepDown() {
      const { port } = await primaryOf(members)
      // The members close their connections as they change, so that there may be no answer.
      await admin(port, db => db.command({ replSetStepDown: 3, secondaryCatchUpPeriodSecs: 2 })).catch(() => {})
    },
    async stop() {
      await Promise.all(members.map(member => member.stop()))
    }
  }
  try {
    const config = { _id: 'rs0', members: hosts.map((host, _id) => ({ _id, host })), settings }
    await admin(members[0]?.port ?? 0, db => db.command({ replSetInitiate: config }))
    await primaryOf(members)
    await Promise.all(members.map(member => until(() => isReady(member.port))))
    return set
  } catch (error) {
    await set.stop()
    throw error
  }
}

/** A server that is no member of a set. */
export async function startStandalone(): Promise<{ readonly uri: string; stop(): Promise<void> }> {
  const { port, stop } = await startMember(await mongod())
  return { uri: `mongodb://127.0.0.1:${port}/`, stop }
}

/** A server that is to be a member of a set that nobody has made. */
export async function startUninitiated(): Promise<{ readonly uri: string; stop(): Promise<void> }> {
  const { port, stop } = await startMember(await mongod(), 'rs0')
  return { uri: `mongodb://127.0.0.1:${port}/?replicaSet=rs0`, stop }
}

export interface TestDatabase {
  readonly uri: string
  /** A name that no other test file uses; the database is dropped at the end. */
  readonly database: string
}

/**
 * A database for this test file: on the server of the whole run (`USHER_TEST_MONGODB_URI`), or on one of its own.
 * Without a mongod the test is skipped, loudly; with `CI` set it fails.
 */
export async function mongoOrSkip(t: Test): Promise<TestDatabase | undefined> {
  const shared = process.env.USHER_TEST_MONGODB_URI
  const own = shared === undefined ? await replicaSetOrSkip(t) : undefined
  const uri = shared ?? own?.uri
  if (uri === undefined) return undefined
  const database = newDatabase()
  t.teardown(() => (own === undefined ? drop(uri, database) : own.stop()))
  return { uri, database }
}

/** A replica set that this test alone may hurt. The test stops it. */
export async function replicaSetOrSkip(t: Test, options: ReplicaSetOptions = {}): Promise<ReplicaSet | undefined> {
  try {
    await mongod()
  } catch (error) {
    if (process.env.CI) throw error
    const why = error instanceof Error ? error.message : String(error)
    process.stderr.write(`\n***** MongoDB tests are SKIPPED. ${why} *****\n\n`)
    t.plan(0, `no mongod: ${why}`)
    return undefined
  }
  return startReplicaSet(options)
}

export function newDatabase(): string {
  return `usher_test_${randomBytes(6).toString('hex')}`
}

/** Removes a database. */
export async function drop(uri: string, database: string): Promise<void> {
  const client = new MongoClient(uri)
  await client.db(database).dropDatabase()
  await client.close()
}

interface OwnMember extends Member {
  stop(): Promise<void>
}

async function startMember(binary: string, replSet?: string, within = tmpdir()): Promise<OwnMember> {
  const folder = await mkdtemp(join(within, 'usher-mongod-'))
  const port = await freePort()
  let running = await launch(binary, folder, port, replSet)
  return {
    port,
    get pid() {
      return running.pid
    },
    folder,
    ended: () => running.gone,
    async kill() {
      process.kill(running.pid, 'SIGKILL')
      await running.gone
    },
    freeze() {
      process.kill(running.pid, 'SIGSTOP')
    },
    resume() {
      process.kill(running.pid, 'SIGCONT')
    },
    async restart() {
      running = await launch(binary, folder, port, replSet)
      if (replSet !== undefined) await until(() => isReady(port))
    },
    async stop() {
      running.keeper.stdin?.end()
      await running.gone
      // Here still if the server was killed before.
      await rm(folder, { recursive: true, force: true })
    }
  }
}

// A secondary that copies from a frozen primary holds on to it, and until it lets go the new primary has no majority to
// write to: 8 to 20 s as MongoDB comes, 4 to 6 s mostly with these and the settings below.
const letGo = ['oplogNetworkTimeoutBufferSeconds=1', 'oplogFetcherSteadyStateMaxFetcherRestarts=0']
const quickSettings = { electionTimeoutMillis: 2000, heartbeatTimeoutSecs: 2, catchUpTimeoutMillis: 2000 }

interface Running {
  readonly keeper: ChildProcess
  readonly pid: number
  readonly gone: Promise<unknown>
}

// Keeps one server. When its input ends, because we end it or are no more, it kills the server and removes its folder; when
// the server ends by another hand it ends too.
const keep = `
exec 3<&0
"$@" >"$0/log" 2>&1 </dev/null 3<&- &
server=$!
echo $server
( while read -r line; do :; done; : >"$0/over"; kill -9 $server ) <&3 &
reader=$!
wait $server 2>/dev/null
if [ -e "$0/over" ]; then rm -rf "$0"; else kill $reader; fi
`

async function launch(binary: string, folder: string, port: number, replSet?: string): Promise<Running> {
  const args = [
    ...['--dbpath', folder, '--port', String(port), '--bind_ip', '127.0.0.1', '--nounixsocket', '--quiet'],
    ...['--wiredTigerCacheSizeGB', '0.25', '--setParameter', 'diagnosticDataCollectionEnabled=false'],
    ...(replSet === undefined
      ? []
      : ['--replSet', replSet, '--oplogSize', '64', ...letGo.flatMap(p => ['--setParameter', p])])
  ]
  const keeper = spawn('sh', ['-c', keep, folder, binary, ...args], {
    stdio: ['pipe', 'pipe', 'inherit']
  })
  const gone = once(keeper, 'exit')
  const [line] = await once(createInterface({ input: keeper.stdout }), 'line')
  const pid = Number(line)
  try {
    await until(() => admin(port, db => db.command({ ping: 1 })))
  } catch (error) {
    keeper.stdin.end()
    throw error
  }
  return { keeper, pid, gone }
}

async function primaryOf(members: readonly OwnMember[]): Promise<Member> {
  return until(async () => {
    for (const member of members) {
      const hello = await admin(member.port, db => db.command({ hello: 1 })).catch((): Document => ({}))
      if (hello.isWritablePrimary === true) return member
    }
    return undefined
  })
}

async function isReady(port: number): Promise<true | undefined> {
  const hello = await admin(port, db => db.command({ hello: 1 }))
  return hello.isWritablePrimary === true || hello.secondary === true ? true : undefined
}

/** One question to one member, whatever its state. */
async function admin<T>(port: number, ask: (db: Db) => Promise<T>): Promise<T> {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    serverSelectionTimeoutMS: 1000,
    connectTimeoutMS: 1000,
    socketTimeoutMS: 30_000
  })
  try {
    return await ask(client.db('admin'))
  } finally {
    await client.close()
  }
}

/** Asks again until there is an answer. @throws what it last failed with, after 30 s. */
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + 30_000
  for (;;) {
    let failure: unknown = new Error('MongoDB did not come up in time')
    try {
      const answer = await ask()
      if (answer !== undefined) return answer
    } catch (error) {
      failure = error
    }
    if (performance.now() > end) throw failure
    await sleep(50)
  }
}
