/** Where the seeded databases are: a folder that stays when `USHER_BENCH_DIR` names it, or one that goes. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { MongoClient } from 'mongodb'
import { bareGroups, bareUsers, openBare } from './bare.ts'
import { mongoTarget, sqliteTarget, type Target } from './bulk.ts'
import { type Mongod, startMongod } from './mongod.ts'
import { edgesOf } from './organisation.ts'
import { seed } from './seed.ts'

export type StoreName = 'sqlite' | 'mongodb'

export interface Seeded {
  /** Environment of our server. */
  readonly settings: Readonly<Record<string, string>>
  /** Environment of the bare one. */
  readonly bare: Readonly<Record<string, string>>
  /** Of the SCIM connector. */
  readonly token: string
}

export interface Place {
  readonly folder: string
  readonly stays: boolean
  /** Seeds it, or finds it seeded. */
  seeded(store: StoreName, users: number): Promise<Seeded>
  close(): Promise<void>
}

/** Raise it when what is seeded changes: older databases are then made anew. */
const edition = 3

/** As many users take a second to make: they are, every time, so that earlier runs leave nothing behind. */
const alwaysAnew = 10_000

export async function openPlace(given = process.env.USHER_BENCH_DIR): Promise<Place> {
  const folder = given === undefined ? await mkdtemp(join(tmpdir(), 'usher-bench-')) : resolve(given)
  await mkdir(folder, { recursive: true })
  let mongod: Promise<Mongod> | undefined

  async function targets(
    store: StoreName,
    name: string,
    anew: boolean
  ): Promise<{ ours: Target; bare: Seeded['bare'] }> {
    if (store === 'sqlite') {
      const data = join(folder, name)
      if (anew) await rm(data, { recursive: true, force: true })
      await mkdir(data, { recursive: true })
      return { ours: sqliteTarget(data), bare: { BARE_SQLITE: join(data, 'bare.db') } }
    }
    mongod ??= startMongod(join(folder, 'mongod'))
    const { uri } = await mongod
    const [ours, bare] = [name.replace('-', '_'), `bare_${name.replace('-', '_')}`]
    if (anew) {
      const client = await MongoClient.connect(uri)
      for (const database of [ours, bare]) await client.db(database).dropDatabase()
      await client.close()
    }
    return { ours: mongoTarget(uri, ours), bare: { BARE_MONGODB_URI: uri.replace('/?', `/${bare}?`) } }
  }

  return {
    folder,
    stays: given !== undefined,
    async seeded(store, users) {
      const name = `${store}-${users}`
      const note = join(folder, `${name}.json`)
      const known = users <= alwaysAnew ? undefined : await noteIn(note)
      await rm(note, { force: true })
      const { ours, bare } = await targets(store, name, known === undefined)
      const token = known ?? (await fill(ours, bare, users))
      await writeFile(note, JSON.stringify({ edition, token }))
      return { settings: ours.settings, bare, token }
    },
    async close() {
      await (await mongod)?.close()
      if (given === undefined) await rm(folder, { recursive: true, force: true })
    }
  }
}

async function fill(ours: Target, bare: Seeded['bare'], users: number): Promise<string> {
  const began = performance.now()
  const token = await seed(ours, users)
  const plain = await openBare(bare)
  await plain.fill(bareUsers(users))
  await plain.fill(bareGroups(users))
  await plain.addEdges(edgesOf(users))
  await plain.close()
  const seconds = (performance.now() - began) / 1000
  process.stderr.write(`${ours.store}: ${users} users seeded in ${seconds.toFixed(1)} s\n`)
  return token
}

/** @returns the token in the note of a finished seeding of this edition. */
async function noteIn(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const note = JSON.parse(text) as { readonly edition: number; readonly token: string }
  return note.edition === edition ? note.token : undefined
}
