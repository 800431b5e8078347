/** What a company's identity provider and its administrator do, as plain HTTP requests. */
import { isObject, type Json, type JsonObject } from '../../src/base/json.ts'
import type { Server } from './own-server.ts'

const licenseUrn = 'urn:ietf:params:scim:schemas:extension:license:2.0:User'
const types = ['PWM', 'PAM'] as const
export type LicenseType = (typeof types)[number]

export interface Figures {
  readonly purchased: number
  readonly inUse: number
  readonly free: number
}

interface UserAnswer {
  readonly status: number
  readonly user: { readonly id: string; readonly license: string; readonly state: string }
  /** The sentence of a refusal. */
  readonly detail: string
}

export type Company = ReturnType<typeof openCompany>

/** @param domain makes the names of this company its own: nobody else's users are touched. */
export function openCompany({ url, token }: Pick<Server, 'url' | 'token'>, domain: string) {
  const ids = new Map<string, string>()
  const groupIds: string[] = []
  const userName = (name: string) => `${name}@${domain}`
  const idOf = (name: string) => ids.get(name) ?? ''

  async function call(method: string, path: string, body?: JsonObject): Promise<{ status: number; body: JsonObject }> {
    const type = path.startsWith('/scim') ? 'application/scim+json' : 'application/json'
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': type }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
    const text = await response.text()
    const parsed: Json = text === '' ? {} : JSON.parse(text)
    if (response.status >= 500 || response.status === 401)
      throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return { status: response.status, body: isObject(parsed) ? parsed : {} }
  }

  async function user(method: string, path: string, body: JsonObject): Promise<UserAnswer> {
    const answer = await call(method, path, body)
    const license = answer.body[licenseUrn]
    const { licenseType, licenseState } = isObject(license) ? license : {}
    return {
      status: answer.status,
      user: {
        id: String(answer.body.id ?? ''),
        license: String(licenseType ?? '-'),
        state: String(licenseState ?? '-')
      },
      detail: String(answer.body.detail ?? '')
    }
  }

  async function hire(name: string): Promise<UserAnswer> {
    const answer = await user('POST', '/scim/v2/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: userName(name),
      displayName: name.charAt(0).toUpperCase() + name.slice(1),
      emails: [{ value: userName(name), type: 'work', primary: true }],
      active: true
    })
    if (answer.status === 201) ids.set(name, answer.user.id)
    return answer
  }

  return {
    hire,

    /** Hires people without a story, until `count` are seated. */
    async crowd(count: number): Promise<number> {
      for (let i = 1; i <= count; i++) {
        const { status, detail } = await hire(`guest-${i}`)
        if (status !== 201) throw new Error(`guest ${i} was answered ${status}: ${detail}`)
      }
      return count
    },

    async group(name: string, members: readonly string[]): Promise<number> {
      const { status, body } = await call('POST', '/scim/v2/Groups', {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
        displayName: `${name} of ${domain}`,
        members: members.map(member => ({ value: idOf(member) }))
      })
      if (status === 201) groupIds.push(String(body.id))
      return status
    },

    deactivate(name: string): Promise<UserAnswer> {
      return user('PATCH', `/scim/v2/Users/${idOf(name)}`, {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'replace', path: 'active', value: false }]
      })
    },

    async remove(name: string): Promise<number> {
      const { status } = await call('DELETE', `/scim/v2/Users/${idOf(name)}`)
      if (status === 204) ids.delete(name)
      return status
    },

    license(name: string, type: LicenseType): Promise<UserAnswer> {
      return user('PUT', `/api/v1/users/${idOf(name)}/license`, { type })
    },

    /** Per type, all taken at one moment. */
    async seats(): Promise<Readonly<Record<LicenseType, Figures>>> {
      const { body } = await call('GET', '/api/v1/seats')
      const figures = (type: LicenseType): Figures => {
        const found = listed(body).find(item => item.type === type) ?? {}
        return { purchased: Number(found.purchased), inUse: Number(found.inUse), free: Number(found.free) }
      }
      return { PWM: figures('PWM'), PAM: figures('PAM') }
    },

    /** Names of this company whom provisioning could not seat so far. */
    async waiting(): Promise<string[]> {
      const { body } = await call('GET', `/api/v1/seats/refusals?filter=${encodeURIComponent('open eq true')}`)
      return listed(body)
        .filter(item => String(item.userName).endsWith(`@${domain}`))
        .map(item => String(item.userName).replace(`@${domain}`, ''))
    },

    /** The newest events, newest last. */
    async audit(count: number): Promise<Array<{ at: string; action: string; target: string }>> {
      const { body } = await call('GET', `/api/v1/audit?limit=${count}`)
      return [...listed(body)].reverse().map(item => ({
        at: String(item.at),
        action: String(item.action),
        target: String(isObject(item.target) ? (item.target.name ?? item.target.id) : '').replace(`@${domain}`, '')
      }))
    },

    /** Takes away everybody and everything that this company brought. */
    async cleanUp(): Promise<void> {
      for (const id of groupIds) await call('DELETE', `/scim/v2/Groups/${id}`)
      for (const id of ids.values()) await call('DELETE', `/scim/v2/Users/${id}`)
    }
  }
}

/** The objects of a list: `items` of a page, `seats` of the seat figures. */
function listed({ items, seats }: JsonObject): readonly JsonObject[] {
  const list = items ?? seats
  return Array.isArray(list) ? list.filter(isObject) : []
}
