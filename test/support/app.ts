/** A whole server on a real store, with a clock that only the test moves. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import type { Test } from 'tap'
import { createAdministrator } from '../../src/admin/accounts.ts'
import { activate, defaultTenant } from '../../src/admin/activate.ts'
import { buildApp, makeEnv } from '../../src/app.ts'
import { type Context, type Env, systemActor } from '../../src/audit/context.ts'
import type { Clock } from '../../src/base/clock.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { collections } from '../../src/collections.ts'
import { type Config, readConfig } from '../../src/config.ts'
import { openMongo } from '../../src/store/mongo/open.ts'
import type { Store } from '../../src/store/port.ts'
import { openSqlite } from '../../src/store/sqlite/open.ts'
import { mongoOrSkip } from './mongo.ts'
import { patchUrn, userUrn } from './urns.ts'

export { enterpriseUrn, groupUrn, licenseUrn, patchUrn, userUrn } from './urns.ts'

/** Starts at a fixed moment and moves when told. */
export interface TestClock extends Clock {
  advance(ms: number): void
  set(ms: number): void
}

export const day = 24 * 60 * 60 * 1000

export function testClock(start = Date.parse('2026-11-21T09:00:00Z')): TestClock {
  let now = start
  return {
    now: () => now,
    advance: ms => {
      now += ms
    },
    set: ms => {
      now = ms
    }
  }
}

export interface Answer<B = JsonObject> {
  readonly status: number
  readonly body: B
  readonly headers: LightMyRequestResponse['headers']
  readonly text: string
}

/** What a test talks to: requests go through the same server that listens in production. */
export interface TestServer {
  readonly app: FastifyInstance
  readonly store: Store
  readonly env: Env
  readonly clock: TestClock
  readonly context: Context
  readonly adminKey: string
  readonly scimToken: string
  /** As the identity provider. `path` below `/scim/v2`. */
  scim<B = JsonObject>(
    method: Method,
    path: string,
    body?: unknown,
    headers?: Record<string, string>
  ): Promise<Answer<B>>
  /** As the administrator. `path` below `/api/v1`. */
  api<B = JsonObject>(
    method: Method,
    path: string,
    body?: unknown,
    headers?: Record<string, string>
  ): Promise<Answer<B>>
  /** Any request, with a token or without. */
  request<B = JsonObject>(options: InjectOptions, token?: string): Promise<Answer<B>>
  /** The API key of a new administrator of this role. */
  keyOf(role: string | null): Promise<string>
  /** A second server process's worth of server on the same database. */
  another(): Promise<TestServer>
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface ServerOptions {
  /** As `USHER_SEATS`. */
  readonly seats?: string
  readonly settings?: Record<string, string>
}

/** Runs `test` on SQLite and on MongoDB, each on a store of its own. */
export function onBothStores(
  t: Test,
  title: string,
  test: (t: Test, server: TestServer) => Promise<unknown>,
  options: ServerOptions = {}
): void {
  t.test(`${title} (sqlite)`, async t => {
    await test(t, await startServer(t, await sqliteStore(t), options))
  })
  t.test(`${title} (mongodb)`, async t => {
    const opened = await mongoStore(t)
    if (opened !== undefined) await test(t, await startServer(t, opened, options))
  })
}

/** A store, and a way to open the same database once more. */
export interface OpenedStore {
  readonly store: Store
  readonly reopen: () => Promise<Store>
}

export async function sqliteStore(t: Test): Promise<OpenedStore> {
  const folder = await mkdtemp(join(tmpdir(), 'usher-test-'))
  const open = () => openSqlite({ file: join(folder, 'usher.db'), collections })
  const store = await open()
  const others: Store[] = []
  t.teardown(async () => {
    for (const other of [...others, store]) await other.close()
    await rm(folder, { recursive: true, force: true })
  })
  return { store, reopen: async () => tracked(others, await open()) }
}

/** @returns undefined where there is no mongod; the test is skipped then, loudly. */
export async function mongoStore(t: Test): Promise<OpenedStore | undefined> {
  const mongo = await mongoOrSkip(t)
  if (mongo === undefined) return undefined
  const open = () => openMongo({ ...mongo, collections })
  const store = await open()
  const others: Store[] = []
  t.teardown(async () => {
    for (const other of [...others, store]) await other.close()
  })
  return { store, reopen: async () => tracked(others, await open()) }
}

function tracked(others: Store[], store: Store): Store {
  others.push(store)
  return store
}

export async function startServer(t: Test, opened: OpenedStore, options: ServerOptions = {}): Promise<TestServer> {
  const config = readConfig({
    USHER_SEATS: options.seats ?? 'PWM=3,PAM=2',
    LOG_LEVEL: 'silent',
    // There is one server, and nobody writes while a stream is made.
    USHER_EVENT_SETTLE_SECONDS: '0',
    ...options.settings
  })
  const clock = testClock()
  const env = makeEnv({ store: opened.store, clock })
  const secrets = await activate(env, { seats: config.seats })
  if (secrets === undefined) throw new Error('the store was not empty')
  return serve(t, opened, { config, clock, ...secrets })
}

interface Given {
  readonly config: Config
  readonly clock: TestClock
  readonly adminKey: string
  readonly scimToken: string
}

async function serve(t: Test, opened: OpenedStore, given: Given): Promise<TestServer> {
  const { store } = opened
  const { config, clock, adminKey, scimToken } = given
  const app = await buildApp({ config, store, clock })
  t.teardown(() => app.close())
  const env = makeEnv({ store, clock })
  const context: Context = { ...env, tenant: defaultTenant, actor: systemActor }

  async function request<B>(options: InjectOptions, token?: string): Promise<Answer<B>> {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const response = await app.inject({ ...options, headers: { ...authorization, ...options.headers } })
    return { status: response.statusCode, body: parsed(response) as B, headers: response.headers, text: response.body }
  }
  const as = (root: string, token: string, type: string) =>
    function call<B>(method: Method, path: string, body?: unknown, headers: Record<string, string> = {}) {
      const payload = body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }
      const contentType = body === undefined ? {} : { 'content-type': type }
      return request<B>({ method, url: `${root}${path}`, ...payload, headers: { ...contentType, ...headers } }, token)
    }
  return {
    app,
    store,
    env,
    clock,
    context,
    adminKey,
    scimToken,
    request,
    scim: as('/scim/v2', scimToken, 'application/scim+json'),
    api: as('/api/v1', adminKey, 'application/json'),
    keyOf: async role => (await createAdministrator(context, `a ${role}`, role)).token,
    another: async () => serve(t, { ...opened, store: await opened.reopen() }, given)
  }
}

function parsed(response: LightMyRequestResponse): Json | undefined {
  try {
    return response.json() as Json
  } catch {
    return undefined
  }
}

/** A SCIM user as an identity provider creates it. */
export function newUser(userName: string, more: JsonObject = {}): JsonObject {
  return { schemas: [userUrn], userName, ...more }
}

export function patch(...operations: readonly JsonObject[]): JsonObject {
  return { schemas: [patchUrn], Operations: operations }
}

/** Creates a user over SCIM and answers its id. */
export async function provision(server: TestServer, userName: string, more: JsonObject = {}): Promise<string> {
  const { status, body, text } = await server.scim('POST', '/Users', newUser(userName, more))
  if (status !== 201) throw new Error(`create ${userName}: ${status} ${text}`)
  return String(body.id)
}
