/** A client that knows of a resource type what the documents tell, and makes resources of it. */
import { isObject, type Json, type JsonObject } from '../../src/base/json.ts'
import { type Answer, type Method, patch, provision, type TestServer } from '../support/app.ts'
import { type Described, type DescribedType, isWritable } from './documents.ts'
import { exampleOf, leastOf, placed, shownOf } from './examples.ts'

export interface Bench {
  readonly type: DescribedType
  send<B = JsonObject>(
    method: Method,
    path: string,
    body?: unknown,
    headers?: Record<string, string>
  ): Promise<Answer<B>>
  /** Below the endpoint of the type. */
  at(id: string): string
  /** A resource in which every attribute that can be written has a value. */
  full(n: number): JsonObject
  /** @throws Error where it is refused. */
  create(body: JsonObject): Promise<JsonObject>
  read(id: string, query?: string): Promise<JsonObject>
  /** One operation at the attribute; at that of every element where there are several. */
  change(id: string, op: 'replace' | 'remove', of: Described, value?: Json): Promise<Answer>
  /** Whether clients may make resources of this type at all. */
  readonly isOpen: boolean
}

export async function benchOf(server: TestServer, token: string, type: DescribedType): Promise<Bench> {
  const { endpoint, name } = type.definition
  const send = <B = JsonObject>(method: Method, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    server.scim<B>(method, path, body, { ...headers, authorization: `Bearer ${token}` })
  const at = (id: string) => `${endpoint}/${id}`
  const somebody = await provision(server, `somebody for ${name} ${server.env.makeId()}`)
  const given: Readonly<Record<string, Json>> = { 'Group members': [{ value: somebody }] }
  const { status } = await send('POST', endpoint, {})
  return {
    type,
    send,
    at,
    isOpen: status === 400,
    full(n) {
      const writable = type.attributes.filter(one => one.parent === undefined && isWritable(one))
      return writable.reduce<JsonObject>(
        (body, one) => placed(body, one, given[`${name} ${one.path}`] ?? exampleOf(one.attribute, n)),
        { ...leastOf(type, n), schemas: [type.core.id, ...type.extensions.map(({ id }) => id)] }
      )
    },
    async create(body) {
      const answer = await send('POST', endpoint, body)
      if (answer.status !== 201)
        throw new Error(`POST ${endpoint} ${JSON.stringify(body)}: ${answer.status} ${answer.text}`)
      return withoutOurs(answer.body)
    },
    async read(id, query = '') {
      const answer = await send('GET', `${at(id)}${query}`)
      if (answer.status !== 200) throw new Error(`GET ${at(id)}${query}: ${answer.status} ${answer.text}`)
      return withoutOurs(answer.body)
    },
    async change(id, op, of, value) {
      const answer = await send(
        'PATCH',
        at(id),
        patch({ op, path: placeOf(of), ...(value === undefined ? {} : { value }) })
      )
      return answer.status === 200 ? { ...answer, body: withoutOurs(answer.body) } : answer
    }
  }
}

/** Lists in which elements of the service's own stand behind those of the client, and what their `type` is. */
const shared: Readonly<Record<string, string>> = { roles: 'VaultRole', entitlements: 'License' }

/** The resource without what the service adds of its own to lists that clients write. */
function withoutOurs(resource: JsonObject): JsonObject {
  const entries = Object.entries(resource).flatMap(([name, value]): [string, Json][] => {
    if (shared[name] === undefined || !Array.isArray(value)) return [[name, value]]
    const own = value.filter(element => !isObject(element) || element.type !== shared[name])
    return own.length === 0 ? [] : [[name, own]]
  })
  return Object.fromEntries(entries)
}

function placeOf({ attribute, parent, path }: Described): string {
  if (parent?.multiValued !== true) return path
  const list = path.slice(0, -attribute.name.length - 1)
  const [first] = parent.subAttributes ?? []
  const ours = shared[parent.name]
  const others = ours === undefined ? '' : ` and not (type eq "${ours}")`
  return `${list}[${first?.name} pr${others}].${attribute.name}`
}

/** A sentence for what is shown of the attribute and what should be; undefined where the two agree. */
export function otherThan(wanted: readonly Json[], resource: JsonObject, of: Described): string | undefined {
  const shown = JSON.stringify(shownOf(resource, of))
  return shown === JSON.stringify(wanted) ? undefined : `${of.path} shows ${shown}, not ${JSON.stringify(wanted)}`
}
