/** The files of cases: what providers send, literally, and the answers they need. */
import { readdirSync, readFileSync } from 'node:fs'
import Type, { type Static } from 'typebox'
import Value from 'typebox/value'
import type { Json } from '../../src/base/json.ts'

const exactly = { additionalProperties: false }
const json = Type.Unsafe<Json>({})
const headers = Type.Record(Type.String(), Type.String())
const answer = Type.Object(
  {
    /** 200 where it is left out. */
    status: Type.Optional(Type.Integer()),
    headers: Type.Optional(headers),
    /** As `differences` compares it. */
    body: Type.Optional(json)
  },
  exactly
)

const step = Type.Object(
  {
    /** What a step shows, where that is not plain. */
    why: Type.Optional(Type.String()),
    /** `PATCH /Users/{{ada}}`, below `/scim/v2`. */
    request: Type.Optional(Type.String()),
    headers: Type.Optional(headers),
    /** Without a token. */
    anonymous: Type.Optional(Type.Boolean()),
    /** A text is sent as it stands. */
    body: Type.Optional(json),
    answer: Type.Optional(answer),
    /** By profile, where the answers differ. */
    answers: Type.Optional(Type.Record(Type.String(), answer)),
    /** Instead of a request: the seats in use, `PWM 1/6 PAM 1/2`. */
    seats: Type.Optional(Type.String()),
    /** Instead of a request: so many days go by. */
    days: Type.Optional(Type.Integer())
  },
  exactly
)

const resources = Type.Record(Type.String(), Type.Unsafe<{ readonly [name: string]: Json }>({ type: 'object' }))
const oneCase = Type.Object(
  {
    title: Type.String(),
    /** Where the request was seen. */
    source: Type.Optional(Type.String()),
    /** Of the connectors it is sent through; default: the provider's and `generic`. */
    profiles: Type.Optional(Type.Array(Type.String())),
    /** Of its connector, as `PATCH /api/v1/connectors/{id}` takes them. */
    settings: Type.Optional(json),
    /** Settings of the organization while it is played, as `PATCH /api/v1/organization` takes them. */
    organization: Type.Optional(Type.Record(Type.String(), Type.Boolean())),
    /** Resources there are before it; `{{name}}` is the id. Users come before groups. */
    given: Type.Optional(Type.Object({ users: Type.Optional(resources), groups: Type.Optional(resources) }, exactly)),
    steps: Type.Array(step)
  },
  exactly
)

export type Answer = Static<typeof answer>
export type Step = Static<typeof step>
export interface Case extends Static<typeof oneCase> {
  readonly profiles: string[]
}

const providers = ['entra', 'okta', 'jumpcloud', 'onelogin', 'google', 'ping', 'sailpoint', 'every'] as const

/** All cases, in the order of folders and files. @throws where a file is not in the form of one. */
export function allCases(): readonly Case[] {
  return providers.flatMap(provider => {
    const folder = `${import.meta.dirname}/${provider}`
    const own = provider === 'every' ? ['generic', 'strict'] : [provider, 'generic']
    const files = readdirSync(folder).filter(name => name.endsWith('.json'))
    return files.sort().flatMap(name => casesIn(`${folder}/${name}`).map(found => ({ profiles: own, ...found })))
  })
}

function casesIn(file: string): readonly Static<typeof oneCase>[] {
  const cases: unknown = JSON.parse(readFileSync(file, 'utf8'))
  const [error] = Value.Errors(Type.Array(oneCase), cases)
  if (error !== undefined) throw new Error(`${file}${error.instancePath}: ${error.message}`)
  return cases as Static<typeof oneCase>[]
}

/** Whether somebody looks at what is stored behind each change: an answer alone proves nothing. */
export function isLookedAt({ steps }: Case): boolean {
  const methods = steps.map(({ request = '' }) => request.split(' ')[0])
  const lastChange = methods.findLastIndex(method => ['POST', 'PUT', 'PATCH', 'DELETE'].includes(method ?? ''))
  return lastChange < 0 || methods.includes('GET', lastChange)
}
