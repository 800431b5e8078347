/**
 * Hardening row S3: passwords, tokens and connection strings with a canary in them go through a whole run of the real process, with
 * all logs on and every kind of error. Nothing that is logged, answered or stored holds one of them afterwards.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { MongoClient } from 'mongodb'
import t, { type Test } from 'tap'
import { hashToken } from '../../src/admin/tokens.ts'
import { newUser, patch, userUrn } from '../support/app.ts'
import { mongoOrSkip } from '../support/mongo.ts'
import { bulk } from './hostile/row.ts'

const canary = (kind: string) => `canary${kind}${randomBytes(18).toString('hex')}`

interface Process {
  readonly child: ChildProcess
  readonly address: string
  /** Everything it wrote so far. */
  output(): string
  stop(): Promise<void>
}

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

function run(env: Readonly<Record<string, string>>, args: readonly string[] = []) {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env.PATH ?? '', PORT: '0', LOG_LEVEL: 'trace', USHER_DRAIN_SECONDS: '0', ...env }
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', data => (output += data))
  return { child, output: () => output }
}

/** What a process writes that ends by itself. */
async function outputOf(env: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<string> {
  const { child, output } = run(env, args)
  await once(child, 'close')
  return output()
}

async function start(t: Test, env: Readonly<Record<string, string>>): Promise<Process> {
  const { child, output } = run(env)
  t.teardown(() => void child.kill('SIGKILL'))
  const closed = once(child, 'close')
  while (!/listens on (\S+)/.test(output())) {
    const ended = await Promise.race([once(child.stdout, 'data').then(() => false), closed.then(() => true)])
    if (ended) throw new Error(`the server did not start: ${output()}`)
  }
  const [, address = ''] = /listens on (\S+)/.exec(output()) ?? []
  const stop = async () => {
    child.kill('SIGTERM')
    await closed
  }
  return { child, address, output, stop }
}

/**
 * All that a client and an operator do, right and wrong, with secrets in every place where one could be.
 *
 * @param stray stands where nothing says that it is a secret. @returns the answers.
 */
async function wholeRun(address: string, scimToken: string, adminToken: string, password: string, stray: string) {
  const answers: string[] = []
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const own = path.startsWith('/scim') ? scimToken : adminToken
    const response = await fetch(`${address}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${own}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) })
    })
    const text = `${response.status} ${JSON.stringify([...response.headers])} ${await response.text()}`
    answers.push(text)
    return text
  }
  const idIn = (text: string) => /"id":"([0-9a-f-]{36})"/.exec(text)?.[1] ?? ''

  const made = await call('POST', '/scim/v2/Users', newUser('ada', { password, unknown: password }), {
    'idempotency-key': password
  })
  const ada = idIn(made)
  const group = idIn(await call('POST', '/scim/v2/Groups', { displayName: 'eng', members: [{ value: ada }] }))
  const secretBodies: readonly unknown[] = [
    newUser('ada', { password }),
    newUser('bob', { password: [password] }),
    newUser('bob', { password: { value: password } }),
    newUser('bob', { password: `${password}\0` }),
    newUser('bob', { password: password.repeat(200) }),
    newUser('', { password }),
    { schemas: [stray], userName: 'bob' },
    `{"password":"${password}"`,
    `{"password":"${password}","__proto__":{"password":"${password}"}}`,
    [stray],
    stray
  ]
  for (const body of secretBodies) {
    await call('POST', '/scim/v2/Users', body)
    await call('PUT', `/scim/v2/Users/${ada}`, body)
    await call('PATCH', `/scim/v2/Users/${ada}`, body)
    await call('POST', '/scim/v2/Bulk', bulk({ method: 'POST', path: '/Users', bulkId: 'a', data: body }))
    await call('POST', '/api/v1/users', body)
    await call('PATCH', `/api/v1/users/${ada}`, body)
    await call('POST', '/scim/v2/Schemas', body)
  }
  await call('PUT', `/scim/v2/Users/${ada}`, newUser('ada', { password }))
  for (const operation of [
    { op: 'replace', path: 'password', value: password },
    { op: 'add', path: `${userUrn}:password`, value: password },
    { op: 'Replace', value: { password } },
    { op: 'replace', value: { [`${userUrn}:password`]: password, title: 'Boss' } },
    { op: 'replace', path: 'password', value: [password] },
    { op: 'replace', path: 'password', value: { value: password } },
    { op: 'replace', path: 'password.value', value: password },
    { op: 'remove', path: 'password', value: password },
    { op: 'replace', path: 'active', value: stray },
    { op: 'replace', path: 'emails', value: { password } },
    { op: password, path: 'password', value: password }
  ]) {
    await call('PATCH', `/scim/v2/Users/${ada}`, patch(operation))
    await call('PATCH', `/scim/v2/Groups/${group}`, patch(operation))
  }
  await call(
    'POST',
    '/api/v1/users',
    { userName: 'carl', password, license: { type: 'PWM' } },
    { 'idempotency-key': password }
  )
  await call('POST', '/api/v1/users', { userName: 'carl', password, license: { type: password } })
  await call('POST', '/api/v1/users/import', `userName,password\ndora,${password}\n`, { 'content-type': 'text/csv' })
  await call('POST', '/api/v1/users/import', `"${password}`, { 'content-type': 'text/csv' })
  await call('PATCH', '/api/v1/organization', { password })
  await call('POST', '/api/v1/connectors', { name: 'x', token: password })

  for (const query of [`access_token=${password}`, `attributes=password,${stray}`, `password=${password}`]) {
    await call('GET', `/scim/v2/Users?${query}`)
    await call('GET', `/api/v1/users?${query}`)
    await call('GET', `/health/live?${query}`)
  }
  for (const path of [
    `/scim/v2/${stray}`,
    `/api/v1/${stray}`,
    `/scim/v2/Users/${stray}`,
    `/api/v1/users/${stray}/x`,
    `/${stray}`,
    `/scim/v2/%zz${stray}`
  ]) {
    await call('GET', path)
    await call('DELETE', path, undefined, { authorization: `Bearer ${stray}` })
  }
  for (const headers of [
    { authorization: `Bearer ${password}` },
    { authorization: `Basic ${password}` },
    { authorization: password },
    { cookie: `session=${password}` },
    { 'x-api-key': password, 'if-match': password },
    { 'content-type': stray },
    { 'x-forwarded-for': password }
  ]) {
    await call('POST', '/scim/v2/Users', newUser('eve', { password }), headers as Record<string, string>)
    await call('GET', '/api/v1/users', undefined, headers as Record<string, string>)
  }
  const connected = await call('POST', '/api/v1/connectors', { name: 'a new one', profile: 'entra' })
  answers.pop()
  const [, newToken = ''] = /"token":"([^"]+)"/.exec(connected) ?? []
  await call('POST', '/scim/v2/Users', newUser('fred', { password }), { authorization: `Bearer ${newToken}` })
  await call('GET', '/api/v1/users', undefined, { authorization: `Bearer ${newToken}` })
  for (const path of [
    '/scim/v2/Users',
    '/scim/v2/Groups',
    '/api/v1/users',
    '/api/v1/audit?limit=1000',
    '/api/v1/connectors',
    '/api/v1/me',
    '/api/v1/seats/refusals',
    '/api/v1/organization',
    '/openapi.json'
  ]) {
    await call('GET', path)
  }
  await call('DELETE', `/api/v1/connectors/${idIn(connected)}`)
  await call('DELETE', `/scim/v2/Users/${ada}`)
  return { answers, newToken }
}

interface Place {
  readonly env: Readonly<Record<string, string>>
  /** Secrets of the place itself. */
  readonly secrets: readonly string[]
  /** Everything that is stored, as text. */
  stored(): Promise<string>
  /** The same but for the provisioning log, which keeps requests as they were sent, but for what they call a secret. */
  storedBeside(): Promise<string>
}

async function wholeTest(t: Test, { env, secrets, stored, storedBeside }: Place): Promise<void> {
  const [password, stray] = [canary('Password'), canary('Stray')]
  const [adminToken, secondToken] = [canary('Admin'), canary('Second')]
  const first = await start(t, { ...env, USHER_ADMIN_TOKEN: adminToken, USHER_SEATS: 'PWM=9,PAM=2' })
  const [, scimToken = ''] = /connector's token +(\S+)/.exec(first.output()) ?? []
  t.match(scimToken, /^usher_scim_/, 'the token of the first connector is shown')
  const { answers, newToken } = await wholeRun(first.address, scimToken, adminToken, password, stray)
  t.match(newToken, /^usher_scim_/)
  t.ok(
    answers.some(text => text.startsWith('201')) && answers.some(text => text.startsWith('4')),
    'some were done, some refused'
  )
  t.strictSame(
    answers.filter(text => text.startsWith('5')),
    [],
    'none failed'
  )
  await first.stop()
  const again = await start(t, { ...env, USHER_ADMIN_TOKEN: secondToken })
  const me = await fetch(`${again.address}/api/v1/me`, { headers: { authorization: `Bearer ${secondToken}` } })
  t.equal(me.status, 200, 'the token of the environment is the new one')
  await again.stop()

  const kept = await stored()
  t.match(kept, hashToken(secondToken), 'what is stored was really looked at')
  const lines = `${first.output()}\n${again.output()}`.split('\n')
  const log = lines.filter(line => line.startsWith('{'))
  t.ok(log.length > 100, `${log.length} lines of log`)
  t.match(kept, stray, 'the provisioning log keeps what nobody calls a secret')
  const beside = await storedBeside()
  for (const secret of [password, stray, adminToken, secondToken, newToken, scimToken, ...secrets]) {
    t.equal(log.filter(line => line.includes(secret)).length, 0, 'the log does not know it')
    t.strictSame(
      answers.filter(text => text.includes(secret)),
      [],
      'no answer repeats it'
    )
    t.notOk((secret === stray ? beside : kept).includes(secret), 'it is stored nowhere')
    const shown = lines.filter(line => line.includes(secret) && !line.startsWith('{')).length
    t.equal(shown > 0, secret === scimToken, 'but for the one token that the first start shows, nothing is printed')
  }
}

t.test('S3 canary secrets are in no log, no answer and no file (sqlite)', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'usher-secrets-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const stored = async () => {
    const files = await readdir(folder)
    return (await Promise.all(files.map(name => readFile(join(folder, name), 'latin1')))).join('\n')
  }
  const storedBeside = async () => {
    const [file = ''] = (await readdir(folder)).filter(name => name.endsWith('.db'))
    const db = new DatabaseSync(join(folder, file), { readOnly: true })
    const tables = db
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .all()
      .map(({ name }) => String(name))
    const rows = tables
      .filter(name => !name.startsWith('provisioningLog'))
      .map(name => db.prepare(`SELECT * FROM "${name}"`).all())
    db.close()
    return JSON.stringify(rows, (_, value) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value
    )
  }
  await wholeTest(t, { env: { DATA_DIR: folder }, secrets: [], stored, storedBeside })
})

t.test('S3 canary secrets are in no log, no answer and no document (mongodb)', async t => {
  const mongo = await mongoOrSkip(t)
  if (mongo === undefined) return
  const [user, password] = [`usher-${randomBytes(4).toString('hex')}`, canary('Mongo')]
  const client = new MongoClient(mongo.uri)
  await client.db('admin').command({ createUser: user, pwd: password, roles: ['root'] })
  t.teardown(async () => {
    await client.db('admin').command({ dropUser: user })
    await client.close()
  })
  const uri = mongo.uri.replace('//', `//${user}:${password}@`).replace('/?', `/${mongo.database}?authSource=admin&`)
  const storedIn = async (isMeant: (collection: string) => boolean) => {
    const db = client.db(mongo.database)
    const names = (await db.listCollections().toArray()).map(({ name }) => name).filter(isMeant)
    return JSON.stringify(await Promise.all(names.map(name => db.collection(name).find().toArray())))
  }
  const stored = () => storedIn(() => true)
  const storedBeside = () => storedIn(name => name !== 'provisioningLog')
  await wholeTest(t, { env: { MONGODB_URI: uri }, secrets: [password], stored, storedBeside })

  const wrong = canary('Wrong')
  const refused = await outputOf({ MONGODB_URI: uri.replace(password, wrong) })
  t.match(refused, /^usher: /m, 'a wrong password ends the start')
  for (const secret of [wrong, password]) t.notOk(refused.includes(secret), 'and is not told')
})

t.test('S3 settings that are wrong, and those that are shown, tell no secret', async t => {
  const secret = canary('Setting')
  const rows: Array<[Record<string, string>, string[]]> = [
    [{ USHER_ADMIN_TOKEN: `${secret} with a blank` }, []],
    [{ USHER_ADMIN_TOKEN: secret.slice(0, 31) }, []],
    [{ MONGODB_URI: `postgres://usher:${secret}@db/usher` }, []],
    [{ MONGODB_URI: `mongodb://usher:${secret}@127.0.0.1:1/x?serverSelectionTimeoutMS=200` }, []],
    [{ MONGODB_URI: `mongodb://usher:${secret}@/x` }, []],
    [{ MONGODB_URI: `mongodb://usher:${secret}@a:b/x` }, []],
    [{ PUBLIC_URL: `https://usher:${secret}@example.com` }, []],
    [
      {
        USHER_ADMIN_TOKEN: secret,
        MONGODB_URI: `mongodb://usher:${secret}@db/x?tlsCertificateKeyFilePassword=${secret}`
      },
      ['config']
    ]
  ]
  for (const [env, args] of rows) {
    const output = await outputOf(env, args)
    t.not(output, '', Object.keys(env).join())
    t.notOk(output.includes(secret.slice(0, 31)), output.replaceAll(secret.slice(0, 31), '***').slice(0, 300))
  }
})
