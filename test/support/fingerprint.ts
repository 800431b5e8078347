/** All that is kept, as text: two equal fingerprints mean that nothing was changed between them. */
import { credentials, systemTenant } from '../../src/admin/collections.ts'
import { auditEvents } from '../../src/audit/events.ts'
import { keptAnswers } from '../../src/audit/operate.ts'
import { collections } from '../../src/collections.ts'
import { groups, groupsKey, membersKey, usersKey } from '../../src/directory/collections.ts'
import { heldKey, spilledKey } from '../../src/licensing/collections.ts'
import { notifications, watermarks } from '../../src/licensing/notifications.ts'
import { refusals } from '../../src/licensing/refusals.ts'
import { licenseTypes } from '../../src/licensing/types.ts'
import { provisioningLog } from '../../src/provisioning/entry.ts'
import type { AnyCollection, Collection, Doc, Store, Stored } from '../../src/store/port.ts'

const pageSize = 1000

/** Every document of a tenant in a collection, in order of id. */
export async function everyDocument<T extends Doc>(
  store: Store,
  collection: Collection<T>,
  tenant: string
): Promise<readonly Stored<T>[]> {
  const all: Stored<T>[] = []
  for (;;) {
    const last = all.at(-1)
    const after = last === undefined ? {} : { after: { id: last.doc.id } }
    const page = await store.find(collection, tenant, { limit: pageSize, ...after })
    all.push(...page)
    if (page.length < pageSize) return all
  }
}

// What only tells of requests, and the tokens, which stand beside.
const telling = [auditEvents, refusals, notifications, watermarks, keptAnswers, credentials].map(({ name }) => name)
// Every request stands in the provisioning log, some time after it was answered.
const lasting = collections.filter(({ name }) => name !== provisioningLog.name)
const state = lasting.filter(({ name }) => !telling.includes(name))

/** What requests are about. What only tells of requests (the audit log, refusals, notices, kept answers) is left out. */
export function fingerprint(store: Store, tenant: string): Promise<string> {
  return textOf(store, tenant, state)
}

/** What requests are about, and all that tells of them but the provisioning log. */
export function wholeFingerprint(store: Store, tenant: string): Promise<string> {
  return textOf(store, tenant, lasting)
}

async function textOf(store: Store, tenant: string, chosen: readonly AnyCollection[]): Promise<string> {
  const documents = await Promise.all(
    chosen.map(async of => [of.name, await everyDocument(store, of as unknown as Collection<Doc>, tenant)] as const)
  )
  const groupIds = documents.flatMap(([name, found]) => (name === groups.name ? found.map(({ doc }) => doc.id) : []))
  const keys = [...licenseTypes.map(heldKey), spilledKey, usersKey, groupsKey, ...groupIds.map(membersKey)]
  const tallies = await store.tallies(tenant, keys)
  const tokens = await everyDocument(store, credentials, systemTenant)
  return JSON.stringify({ documents, tallies, tokens: tokens.filter(({ doc }) => doc.tenant === tenant) }, null, 1)
}

/** Lines that differ, for the message of a failed comparison. */
export function difference(before: string, after: string): string {
  const [old, now] = [new Set(before.split('\n')), new Set(after.split('\n'))]
  const gone = [...old].filter(line => !now.has(line)).map(line => `-${line}`)
  return [...gone, ...[...now].filter(line => !old.has(line)).map(line => `+${line}`)].slice(0, 12).join('\n')
}
