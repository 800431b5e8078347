/** Conditions of a request on what it reads or changes (RFC 9110 13, RFC 7644 3.14). */
import type { FastifyRequest } from 'fastify'
import type { Precondition } from '../audit/precondition.ts'

/** What the client expects to change (`If-Match`), or undefined where it does not say. */
export function ifMatch(request: FastifyRequest): ((tag: string) => boolean) | undefined {
  const text = request.headers['if-match']
  return text === undefined ? undefined : tag => includes(text, tag)
}

/** Whether the client has this version already (`If-None-Match`). */
export function isKnown(request: FastifyRequest, tag: string): boolean {
  const text = request.headers['if-none-match']
  return text !== undefined && includes(text, tag)
}

function includes(header: string, tag: string): boolean {
  const known = header.split(',').map(part => part.trim())
  return known.includes('*') || known.some(part => opaque(part) === opaque(tag))
}

// Compared weakly: `W/"3"` and `"3"` are the same (RFC 9110 8.8.3.2). Some clients drop the quotes too.
const opaque = (tag: string) => tag.replace(/^W\//, '').replace(/^"|"$/g, '')

/** The entity tag of what the admin API shows. */
export const versionTag = (version: number) => `"${version}"`

/** `If-Match` for what has a version of its own as its tag. */
export function expectsVersion(request: FastifyRequest): Precondition {
  const expects = ifMatch(request)
  return expects === undefined ? {} : { expects: version => expects(versionTag(version)) }
}
