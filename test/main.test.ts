/** The server as a process: what its store has to say stands in its log. */
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { adminKey, startServerProcess } from './faults/server-process.ts'
import { replicaSetOrSkip } from './support/mongo.ts'

/** Asks until it is so, or for half a minute. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<boolean> {
  const end = performance.now() + 30_000
  for (;;) {
    if (await isSo()) return true
    if (performance.now() > end) return false
    await sleep(50)
  }
}

t.test('a database that goes away and comes back is told once each', async t => {
  const mongo = await replicaSetOrSkip(t)
  if (mongo === undefined) return
  t.teardown(() => mongo.stop())
  const [member] = mongo.members
  const server = await startServerProcess({ env: { MONGODB_URI: mongo.uri, LOG_LEVEL: 'info' } })
  t.teardown(() => server.kill())
  const answers = async (status: number) => {
    const answer = await fetch(`${server.url}/api/v1/users`, { headers: { authorization: `Bearer ${adminKey}` } })
    await answer.arrayBuffer()
    return answer.status === status
  }
  const told = (message: string) => {
    const lines = server.output().split('\n')
    return lines.filter(line => line.startsWith('{') && line.includes(message)).map(line => JSON.parse(line))
  }
  const away = 'MongoDB does not answer; requests are refused'
  const back = 'MongoDB answers again'

  t.ok(await until(() => answers(200)))
  t.same([...told(away), ...told(back)], [])
  await member?.kill()
  t.ok(await until(() => answers(503)), 'away')
  t.ok(await answers(503), 'still away')
  t.ok(await until(() => told(away).length > 0), 'it is told')
  await member?.restart()
  t.ok(await until(() => answers(200)), 'back')
  t.ok(await until(() => told(back).length > 0), 'it is told')
  t.match(told(away), [{ level: 40, err: { type: String, message: String, stack: String } }])
  t.match(told(back), [{ level: 30 }])
  t.equal(told(away).length + told(back).length, 2, 'once each')
})
