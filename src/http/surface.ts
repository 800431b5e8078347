import type { FastifyRequest } from 'fastify'

/** What SCIM answers are (RFC 7644 8.1). */
export const scimMediaType = 'application/scim+json; charset=utf-8'

/** The interface a request came in by: it decides the form of errors, never who may do what. */
export type Surface = 'scim' | 'api' | 'open'

/** By the route's pattern, or where no route stands behind the URL, by its text as a person reads it. */
export function surfaceOf(request: FastifyRequest): Surface {
  return surfaceAt(request.routeOptions.url ?? `/${segmentsOf(request.url).join('/')}`)
}

export function surfaceAt(path: string): Surface {
  if (isBelow(path, '/scim')) return 'scim'
  return isBelow(path, '/api') ? 'api' : 'open'
}

const isBelow = (path: string, root: string) => path === root || path.startsWith(`${root}/`)

/** The path of a URL in its parts, unescaped where that is possible, without empty ones. */
export function segmentsOf(url: string): readonly string[] {
  const [path = ''] = url.split(/[?#]/, 1)
  return path.split('/').flatMap(part => (part === '' ? [] : [unescaped(part)]))
}

function unescaped(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
