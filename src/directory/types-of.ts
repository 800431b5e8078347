/**
 * What an organisation's users, groups and other resources are: our schemas, its settings, and what it defined itself. The
 * one place that everybody asks who reads, answers, filters or describes a resource.
 *
 * Read at most once a second; what is changed through this process is known here at once.
 */
import type { Env } from '../audit/context.ts'
import { kept } from '../base/kept.ts'
import { policyOf } from '../licensing/policy.ts'
import { type Additions, type TypeOptions, type Types, typesFor } from '../scim/schemas.ts'
import { additionsIn, catalogueId, catalogues } from './schemas/catalogue.ts'

/** How old the common case may see it. */
const maxAgeMs = 1000

const additions = kept(read, maxAgeMs)

/**
 * The same object until something changes.
 *
 * @param options instead of the organisation's settings.
 */
export async function typesOf(env: Env, tenant: string, options?: TypeOptions): Promise<Types> {
  const [{ organisation }, added] = await Promise.all([policyOf(env, tenant), additions.of(env, tenant)])
  const { allowLicenseTypeFromIdp, allowRolesAndEntitlementsFromIdp } = organisation.doc.settings
  const settings = { licenseFromIdp: allowLicenseTypeFromIdp, assignmentsFromIdp: allowRolesAndEntitlementsFromIdp }
  return typesFor(options ?? settings, added)
}

/** To be called after a change of the catalogue, and by who meets a trace of one. */
export function forgetTypes(env: Env, tenant: string): void {
  additions.forget(env, tenant)
}

interface Read {
  readonly version: number
  readonly additions: Additions
}

/** What was read last, so that what did not change is not compiled again. */
const lastRead = new WeakMap<object, Map<string, Read>>()

async function read({ store }: Env, tenant: string): Promise<Additions> {
  const found = await store.get(catalogues, tenant, catalogueId)
  if (found === undefined) return additionsIn(undefined)
  const known = lastRead.get(store) ?? new Map<string, Read>()
  lastRead.set(store, known)
  const before = known.get(tenant)
  if (before?.version === found.version) return before.additions
  const made = additionsIn(found.doc)
  known.set(tenant, { version: found.version, additions: made })
  return made
}
