import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { openMongo } from './src/store/mongo/open.ts'
import { tally } from './src/store/port.ts'
import { startReplicaSet } from './test/support/mongo.ts'
const set = await startReplicaSet({ members: 3, settings: JSON.parse(process.argv[2] ?? '{}') })
const store = await openMongo({ uri: set.uri, collections: [] })
const ask = () => store.commit([tally('t', 'k', 1)], { id: randomUUID() })
for (let i = 0; i < 5; i++) {
  for (let k = 0; k < 50; k++) await ask()
  const p = await set.primary()
  const f = performance.now(); p.freeze()
  const el = set.primary().then(() => performance.now() - f)
  let last: unknown
  for (;;) { const a = await ask().catch(e => e); if (a === 'committed') break; last = a; await sleep(50) }
  console.log(process.argv[2], 'elected', Math.round(await el), 'commit', Math.round(performance.now() - f))
  p.resume(); await sleep(3000)
}
await store.close(); await set.stop()
