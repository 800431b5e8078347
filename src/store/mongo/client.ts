/** The connection to MongoDB: its settings, and what is refused at start. */
import { MongoClient, type MongoClientOptions, MongoServerSelectionError } from 'mongodb'

/** How long an answer may take, all tries together: half the time of an IdP that gives up after 10 s, and an election. */
export const answerMsMax = 4000
/** A scan that takes longer is ended by the server. Shorter than the silence below, or that would end it first. */
export const scanMsMax = 3000
/** Silence on a connection after which it is given up. */
const silenceMsMax = 3500
const databaseDefault = 'usher'
/** What the database shows as the owner of our connections and transactions. */
export const appName = 'usher'

/**
 * A frozen primary would hold every request for as long as it is frozen unless *both* `connectTimeoutMS` (which the
 * monitors use) and `socketTimeoutMS` are set: measured 4 s instead of 12. `timeoutMS` has no effect in this driver.
 */
const settings: MongoClientOptions = {
  appName,
  w: 'majority',
  journal: true,
  readConcernLevel: 'majority',
  readPreference: 'primary',
  retryReads: true,
  retryWrites: true,
  connectTimeoutMS: 2000,
  socketTimeoutMS: silenceMsMax,
  serverSelectionTimeoutMS: answerMsMax,
  waitQueueTimeoutMS: answerMsMax,
  heartbeatFrequencyMS: 2000,
  ignoreUndefined: true
}

/**
 * Connects, and makes sure that there are transactions.
 *
 * @throws Error in words for an operator when the address is wrong, nobody answers there, or the server is standalone.
 */
export async function connect(uri: string, options: { readonly patient?: boolean } = {}): Promise<MongoClient> {
  const client = clientOf(uri, options.patient === true ? { ...settings, socketTimeoutMS: 0 } : settings)
  try {
    await client.connect()
    const hello = await client.db('admin').command({ hello: 1 })
    if (hello.setName === undefined && hello.msg !== 'isdbgrid') throw new Error(standalone(uri))
    return client
  } catch (error) {
    await client.close()
    throw error instanceof MongoServerSelectionError ? new Error(unreachable(uri, error), { cause: error }) : error
  }
}

function clientOf(uri: string, options: MongoClientOptions): MongoClient {
  try {
    return new MongoClient(uri, options)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`The MongoDB address ${withoutPassword(uri)} cannot be used: ${why}`)
  }
}

/** The database that the address names, or our own name for it. */
export function databaseOf(uri: string): string {
  return /^mongodb(?:\+srv)?:\/\/[^/?]+\/([^/?]+)/.exec(uri)?.[1] ?? databaseDefault
}

export function withoutPassword(uri: string): string {
  return uri.replace(/^(mongodb(?:\+srv)?:\/\/[^:@/]*):[^/]*@/, '$1:***@')
}

const makeSet = `To make a replica set of one server:
  1. start it with a name for the set:  mongod --replSet rs0 --bind_ip localhost …   (or "replication: { replSetName: rs0 }" in mongod.conf)
  2. once, in that server's shell:      mongosh --eval 'rs.initiate()'`

function standalone(uri: string): string {
  return `MongoDB at ${withoutPassword(uri)} is a standalone server, which has no transactions. Usher needs a replica set.\n${makeSet}`
}

function unreachable(uri: string, error: MongoServerSelectionError): string {
  const servers = [...(error.reason?.servers?.values() ?? [])]
  const where = `MongoDB at ${withoutPassword(uri)}`
  if (servers.some(server => server.type === 'RSGhost')) {
    return `${where} was started as part of a replica set that was never made.\n${makeSet}`
  }
  const why = servers.map(server => `${server.address}: ${server.error?.message ?? server.type}`)
  return `${where} has no primary that answers (${why.join('; ') || error.message}).`
}
