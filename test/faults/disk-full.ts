/** R7: the disk of the embedded store fills up under load, and has room again later. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sqliteBackend } from './backend.ts'
import type { Client, Reply } from './client.ts'
import { few, type Outcome, together } from './row.ts'
import { openSite, type Site } from './site.ts'
import { smallDisk } from './small-disk.ts'

/** A round writes about a megabyte that stays. */
const diskMb = (rounds: number) => 16 + 4 * rounds
const calmMs = 400
const fullMs = 1500

/** @returns undefined where nobody may mount a disk here. */
export async function fillDisk(rounds: number): Promise<Outcome | undefined> {
  const disk = smallDisk(diskMb(rounds))
  if (disk === undefined) return undefined
  const shifts = []
  const faults: string[] = []
  let backMs = 0
  try {
    const site = await openSite(await sqliteBackend(join(disk.path, 'data')))
    try {
      for (let round = 0; round < rounds && faults.length === 0; round++) {
        const shift = site.work()
        await sleep(calmMs)
        disk.fill()
        await sleep(fullMs)
        faults.push(...(await whileFull(site)))
        disk.empty()
        backMs = Math.max(backMs, await readyAgain(site))
        await sleep(calmMs)
        const figures = await shift.stop()
        shifts.push(figures)
        if (figures.rude > 0) faults.push(`${figures.rude} refusals without Retry-After`)
        if (figures.unanswered > 0) faults.push(`${figures.unanswered} requests without an answer`)
        faults.push(...(await site.look()))
      }
    } finally {
      faults.push(...(await site.close()))
    }
  } finally {
    disk.remove()
  }
  return {
    row: 'R7',
    what: 'disk full under load, SQLite',
    rounds: shifts.length,
    faults: few(faults),
    figures: { ...together(shifts), 'back ms': Math.round(backMs) },
    goals: {}
  }
}

/** Changes are refused, reads go on, and readiness says why. */
async function whileFull(site: Site): Promise<readonly string[]> {
  const [callers] = site.callers()
  if (callers === undefined) return ['no server']
  const title = 'x'.repeat(4000)
  const write = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'x', active: false, title }
  const refused = await callers.scim.send('POST', '/scim/v2/Users', write)
  const [list, seats, ready] = [
    await callers.scim.get('/scim/v2/Users?count=5'),
    await callers.admin.get('/api/v1/seats'),
    await untilRed(callers.admin)
  ]
  const say = (what: string, { status, text }: Reply) => `on the full disk ${what}: ${status} ${text}`
  return [
    ...(refused.status === 503 ? [] : [say('a create', refused)]),
    ...(list.status === 200 && seats.status === 200 ? [] : [say('a list', list), say('the seats', seats)]),
    ...(ready.status === 503 && /disk/.test(ready.text) ? [] : [say('readiness', ready)])
  ]
}

/** Where a disk is as good as full, what is very small can be written at times, and then all is well for a moment. */
async function untilRed(client: Client): Promise<Reply> {
  const end = performance.now() + 5000
  for (;;) {
    const ready = await client.get('/health/ready')
    if (ready.status !== 200 || performance.now() > end) return ready
    await sleep(50)
  }
}

/** @returns how long it took, in milliseconds. */
async function readyAgain(site: Site): Promise<number> {
  const from = performance.now()
  const [callers] = site.callers()
  while ((await callers?.admin.get('/health/ready'))?.status !== 200) {
    if (performance.now() - from > 30_000) throw new Error('not ready 30 s after there was room again')
    await sleep(20)
  }
  return performance.now() - from
}
