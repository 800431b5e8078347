/** What a SCIM request asks for, by its method and URL alone (RFC 7644 3.2). Pure. */
import type { Operation } from './entry.ts'

export interface Asked {
  readonly operation: Operation
  /** Without the query. */
  readonly path: string
  readonly type: string | undefined
  readonly id: string | undefined
}

const discovery = new Set(['serviceproviderconfig', 'resourcetypes', 'schemas'])

const changing: Readonly<Record<string, Operation>> = { PUT: 'replace', PATCH: 'patch', DELETE: 'delete' }

/** @param url below the root of the service. */
export function askedOf(method: string, url: string): Asked {
  const [path = ''] = url.split(/[?#]/, 1)
  const [first = '', second, ...more] = path.split('/').filter(part => part !== '')
  const asked = { path, type: typeOf(first), id: second === '.search' ? undefined : second }
  if (more.length > 0) return { ...asked, operation: 'other' }
  return { ...asked, operation: operationOf(method, first.toLowerCase(), second) }
}

function operationOf(method: string, first: string, second: string | undefined): Operation {
  if (discovery.has(first)) return 'discover'
  if (method === 'GET') return second === undefined && first !== 'me' ? 'list' : 'read'
  if (method !== 'POST') return changing[method] ?? 'other'
  if (first === 'bulk') return 'bulk'
  if (first === '.search' || second === '.search') return 'search'
  return second === undefined ? 'create' : 'other'
}

/** `Users` → `User`: endpoints are called after what is at them (RFC 7644 3.2). */
function typeOf(first: string): string | undefined {
  if (first.toLowerCase() === 'me') return 'User'
  return /^[a-z]\w*s$/i.test(first) && !discovery.has(first.toLowerCase()) ? first.slice(0, -1) : undefined
}

/** Whether it may change something. */
export function writes(operation: Operation): boolean {
  return ['create', 'replace', 'patch', 'delete', 'bulk', 'other'].includes(operation)
}
