/** A MongoDB of one member on a folder that stays. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import { freePort } from '../scripts/free-port.ts'
import { mongod } from '../test/support/mongo.ts'

export interface Mongod {
  readonly uri: string
  close(): Promise<void>
}

/** The server ends in good order when its keeper's input ends: when we end it, or are no more. */
const keeper = `
exec 3<&0
"$@" >/dev/null 2>&1 </dev/null 3<&- &
server=$!
( while read -r line; do :; done; kill $server ) <&3 &
reader=$!
wait $server
kill $reader 2>/dev/null
`

/** A set remembers its members' addresses, so the port stays with the folder. */
async function portOf(folder: string): Promise<number> {
  const file = join(folder, 'port')
  const known = Number(await readFile(file, 'utf8').catch(() => ''))
  if (known > 0) return known
  const port = await freePort()
  await writeFile(file, String(port))
  return port
}

export async function startMongod(folder: string): Promise<Mongod> {
  const data = join(folder, 'data')
  await mkdir(data, { recursive: true })
  const port = await portOf(folder)
  const child = spawn(
    'sh',
    [
      ...['-c', keeper, 'keeper', await mongod()],
      ...['--dbpath', data, '--port', String(port), '--bind_ip', '127.0.0.1', '--nounixsocket', '--quiet'],
      ...['--replSet', 'rs0', '--oplogSize', '1024', '--wiredTigerCacheSizeGB', '2'],
      ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
      // Nobody else is in the set who could be waited for.
      ...['--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=100']
    ],
    { stdio: ['pipe', 'ignore', 'inherit'] }
  )
  const close = async () => {
    if (child.exitCode !== null) return
    const gone = once(child, 'exit')
    child.stdin.end()
    await gone
  }
  try {
    await becomePrimary(child, port)
  } catch (error) {
    await close()
    throw error
  }
  return { uri: `mongodb://127.0.0.1:${port}/?replicaSet=rs0`, close }
}

async function becomePrimary(child: ChildProcess, port: number): Promise<void> {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    serverSelectionTimeoutMS: 60_000
  })
  const admin = client.db('admin')
  try {
    for (let tries = 0; tries < 600; tries++) {
      if (child.exitCode !== null) throw new Error(`mongod ended with ${child.exitCode}`)
      const hello = await admin.command({ hello: 1 })
      if (hello.isWritablePrimary === true) return
      if (hello.setName === undefined && hello.info !== undefined) {
        await admin.command({ replSetInitiate: { _id: 'rs0', members: [{ _id: 0, host: `127.0.0.1:${port}` }] } })
      }
      await sleep(100)
    }
    throw new Error('mongod did not become primary in time')
  } finally {
    await client.close()
  }
}
