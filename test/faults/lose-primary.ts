/** R3, R4, R5, R7: the primary of the replica set goes, in several ways, while the server works on it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type ReplicaSet, startReplicaSet } from '../support/mongo.ts'
import { mongoBackend } from './backend.ts'
import type { Figures, Shift } from './load.ts'
import { few, type Outcome, together } from './row.ts'
import { openSite, type SiteOptions } from './site.ts'
import { smallDisk } from './small-disk.ts'

export type Harm = 'steps down' | 'is killed' | 'is killed and a crowd comes' | 'freezes'

/** Of load, before the harm and after it is over. */
const calmMs = 500
const frozenMs = 12_000
/** Who come while there is no primary: more than may wait, so that some are sent away. */
const crowdSize = 1500

interface Row {
  readonly row: string
  readonly goals: Readonly<Record<string, number>>
  hurt(set: ReplicaSet, shift: Shift): Promise<void>
}

const rows: Readonly<Record<Harm, Row>> = {
  'steps down': { row: 'R3', goals: { '5xx': 0, 'gap ms': 2000 }, hurt: set => set.stepDown() },
  'is killed': { row: 'R4', goals: { 'gap ms': 3000, 'longest ms': 5000 }, hurt: killPrimary },
  'is killed and a crowd comes': {
    row: 'R4',
    goals: { 'longest ms': 5000 },
    hurt: async (set, shift) => void (await Promise.all([killPrimary(set), shift.crowd(crowdSize)]))
  },
  freezes: {
    row: 'R5',
    goals: { 'gap ms': 5000 },
    async hurt(set) {
      const primary = await set.primary()
      primary.freeze()
      await sleep(frozenMs)
      primary.resume()
    }
  }
}

async function killPrimary(set: ReplicaSet): Promise<void> {
  const primary = await set.primary()
  await primary.kill()
  await set.primary()
  await sleep(calmMs)
  await primary.restart()
}

/** On a set with `electionTimeoutMillis` 2000; it is whole again at the end. */
export async function losePrimary(harm: Harm, set: ReplicaSet, rounds: number): Promise<Outcome> {
  const { row, goals, hurt } = rows[harm]
  const { shifts, faults } = await harmed(set, rounds, hurt)
  return {
    row,
    what: `the primary ${harm} under load`,
    rounds: shifts.length,
    faults: few([...faults, ...rude(shifts)]),
    figures: together(shifts),
    goals
  }
}

/** Room for what a member keeps at rest and some minutes of load. */
const diskMb = 400

/**
 * The disk of the primary fills up: MongoDB ends itself then, and another one takes over. With room again it comes back.
 *
 * @returns undefined where nobody may mount a disk here.
 */
export async function fillPrimary(rounds: number): Promise<Outcome | undefined> {
  const disks = [smallDisk(diskMb), smallDisk(diskMb), smallDisk(diskMb)].filter(disk => disk !== undefined)
  if (disks.length < 3) return undefined
  const settings = { electionTimeoutMillis: 2000 }
  try {
    const set = await startReplicaSet({ members: 3, settings, folders: disks.map(({ path }) => path) })
    const hurt = async () => {
      const primary = await set.primary()
      const disk = disks.find(({ path }) => primary.folder.startsWith(path))
      disk?.fill()
      await primary.ended()
      await set.primary()
      await sleep(calmMs)
      disk?.empty()
      await primary.restart()
    }
    try {
      const { shifts, faults } = await harmed(set, rounds, hurt)
      return {
        row: 'R7',
        what: 'the disk of the primary fills up under load',
        rounds: shifts.length,
        faults: few([...faults, ...rude(shifts)]),
        figures: together(shifts),
        goals: { 'gap ms': 4000 }
      }
    } finally {
      await set.stop()
    }
  } finally {
    for (const disk of disks) disk.remove()
  }
}

/**
 * All members are killed at once. Not a row of the table: it shows what a majority in memory is worth, and on a build
 * that acknowledges what one member has, that the ledger finds the loss.
 */
export async function loseAll(set: ReplicaSet, rounds: number, options: HarmOptions = {}): Promise<Outcome> {
  const hurt = async () => {
    await Promise.all(set.members.map(member => member.kill()))
    await Promise.all(set.members.map(member => member.restart()))
    await set.primary()
  }
  const { shifts, faults } = await harmed(set, rounds, hurt, options)
  const what = 'kill -9 of all members under load'
  return { row: 'all', what, rounds: shifts.length, faults, figures: together(shifts), goals: {} }
}

interface HarmOptions extends SiteOptions {
  /** The fault that is waited for; any, if not given. */
  readonly stopAt?: RegExp
}

async function harmed(set: ReplicaSet, rounds: number, hurt: Row['hurt'], options: HarmOptions = {}) {
  const { stopAt = /./ } = options
  const site = await openSite(mongoBackend(set.uri, { ownSet: true }), options)
  const shifts: Figures[] = []
  const faults: string[] = []
  try {
    for (let round = 0; round < rounds && !faults.some(fault => stopAt.test(fault)); round++) {
      const shift = site.work()
      await sleep(calmMs)
      await hurt(set, shift)
      await set.primary()
      await sleep(calmMs)
      shifts.push(await shift.stop())
      await writable(site.callers()[0]?.scim)
      faults.push(...(await site.look()))
    }
  } finally {
    faults.push(...(await site.close()))
  }
  return { shifts, faults }
}

/** The server may have to find out that the database is there again. */
async function writable(client: { get(path: string): Promise<{ status: number }> } | undefined): Promise<void> {
  const end = performance.now() + 30_000
  while (performance.now() < end && (await client?.get('/health/ready'))?.status !== 200) await sleep(50)
}

/** Whoever is sent away is told when to come again, and no request is left without an answer. */
function rude(shifts: readonly Figures[]): string[] {
  return shifts.flatMap(({ rude: impolite, unanswered }) => [
    ...(impolite === 0 ? [] : [`${impolite} refusals without Retry-After`]),
    ...(unanswered === 0 ? [] : [`${unanswered} requests without an answer`])
  ])
}
