/** Sends the requests of a case through a server, as the connector of a profile, and compares the answers. */
import type { InjectOptions } from 'fastify'
import type { Test } from 'tap'
import { createConnector } from '../../src/admin/accounts.ts'
import { isObject, type Json } from '../../src/base/json.ts'
import { profiles } from '../../src/scim/rewrites/profiles.ts'
import { settings, usage } from '../seats/support.ts'
import { day, groupUrn, type TestServer, userUrn } from '../support/app.ts'
import { recount } from '../support/recount.ts'
import type { Answer, Case, Step } from './cases.ts'
import { differences, filledIn, type Kept } from './expectation.ts'

/** A token for each profile. */
export type Tokens = ReadonlyMap<string, string>

export async function connect({ context }: TestServer): Promise<Tokens> {
  const tokens = new Map<string, string>()
  for (const profile of Object.keys(profiles)) {
    tokens.set(profile, (await createConnector(context, `replay ${profile}`, profile)).token)
  }
  return tokens
}

async function connectWith(server: TestServer, profile: string, settings: Json): Promise<string> {
  const { status, body, text } = await server.api('POST', '/connectors', { name: 'of one case', profile, settings })
  if (status !== 201) throw new Error(`connector: ${status} ${text}`)
  return String(body.token)
}

/** Plays one case from its first request to its last, and leaves an empty organization behind. */
export async function replay(t: Test, server: TestServer, tokens: Tokens, one: Case, profile: string): Promise<void> {
  const token = one.settings === undefined ? tokens.get(profile) : await connectWith(server, profile, one.settings)
  if (token === undefined) throw new Error(`there is no profile ${profile}`)
  const kept: Kept = new Map([['token', token]])
  const { organization = {} } = one
  try {
    if (Object.keys(organization).length > 0) await settings(server, organization)
    await prepare(server, one, kept)
    for (const [i, step] of one.steps.entries()) {
      const name = `${i + 1}. ${step.why ?? step.request ?? 'step'}`
      if (step.days !== undefined) server.clock.advance(step.days * day)
      if (step.seats !== undefined) t.equal(await usage(server), step.seats, name)
      if (step.request !== undefined) t.same(await exchange(server, token, step, profile, kept), [], name)
    }
    if (one.steps.some(({ seats }) => seats !== undefined)) await recount(t, server)
  } finally {
    const before = Object.fromEntries(Object.entries(organization).map(([name, set]) => [name, !set]))
    if (Object.keys(before).length > 0) await settings(server, before)
    await empty(server)
  }
}

async function prepare(server: TestServer, { given = {} }: Case, kept: Kept): Promise<void> {
  const { users = {}, groups = {} } = given
  for (const [schema, path, resources] of [
    [userUrn, '/Users', users],
    [groupUrn, '/Groups', groups]
  ] as const) {
    for (const [name, resource] of Object.entries(resources)) {
      const body = { schemas: [schema], ...filledIn(resource, kept) }
      const { status, body: created, text } = await server.scim('POST', path, body)
      if (status !== 201) throw new Error(`given ${name}: ${status} ${text}`)
      kept.set(name, String(created.id))
    }
  }
}

/** @returns what is not as expected. */
async function exchange(server: TestServer, token: string, step: Step, profile: string, kept: Kept): Promise<string[]> {
  const as = step.anonymous === true ? undefined : token
  const { status, headers, body, text } = await server.request<Json | undefined>(requestOf(step, kept), as)
  const expected: Answer | undefined = step.answer ?? step.answers?.[profile]
  if (expected === undefined) throw new Error(`no answer of ${profile} to ${step.request}`)
  const wrong = expected.body === undefined ? [] : differences(body, expected.body, kept)
  for (const [name, value] of Object.entries(expected.headers ?? {})) {
    const wanted = filledIn(value, kept)
    if (headers[name] !== wanted) wrong.push(`${name}: expected ${wanted}, found ${headers[name]}`)
  }
  const wanted = expected.status ?? 200
  if (status !== wanted) wrong.unshift(`status: expected ${wanted}, found ${status} ${text}`)
  return [...wrong, ...unfit(status, String(headers['content-type']), body)]
}

function requestOf({ request = '', headers = {}, body }: Step, kept: Kept): InjectOptions {
  const [method, path = ''] = filledIn(request, kept).split(/ (.*)/s)
  const filled = body === undefined ? undefined : filledIn(body, kept)
  return {
    method: method as NonNullable<InjectOptions['method']>,
    url: `/scim/v2${path}`,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/scim+json; charset=utf-8' }),
      ...filledIn(headers, kept)
    },
    ...(filled === undefined ? {} : { payload: typeof filled === 'string' ? filled : JSON.stringify(filled) })
  }
}

/** What strict clients end at, whatever was asked. */
function unfit(status: number, contentType: string, body: Json | undefined): string[] {
  if (status === 204) return body === undefined ? [] : ['204 with a body']
  const wrong = contentType === 'application/scim+json; charset=utf-8' ? [] : [`content-type: ${contentType}`]
  if (!isObject(body) || !Array.isArray(body.schemas)) return [...wrong, 'the body has no schemas']
  if (status >= 400 && body.status !== String(status)) wrong.push(`status in the body: ${JSON.stringify(body.status)}`)
  if (status === 409 && body.scimType !== 'uniqueness') wrong.push('a 409 that is not uniqueness')
  if (hasNull(body)) wrong.push('null in the body')
  return wrong
}

function hasNull(value: Json): boolean {
  if (value === null) return true
  return typeof value === 'object' && Object.values(value).some(hasNull)
}

/** Deletes all but the user `admin`, whom nobody can delete. */
async function empty(server: TestServer): Promise<void> {
  for (const [path, name] of [
    ['/Groups', 'displayName'],
    ['/Users', 'userName']
  ] as const) {
    const { body } = await server.scim<{ Resources: { id: string }[] }>('GET', `${path}?count=1000&attributes=${name}`)
    for (const { id, ...rest } of body.Resources) {
      if ((rest as Record<string, unknown>)[name] === 'admin') continue
      const { status, text } = await server.scim('DELETE', `${path}/${id}`)
      if (status !== 204) throw new Error(`delete ${path}/${id}: ${status} ${text}`)
    }
  }
}
