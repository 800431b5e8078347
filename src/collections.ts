/** Every kind of document there is: what the adapters make their tables, collections and indexes from. */
import { roles } from './access/roles.ts'
import {
  administrators,
  connectors,
  credentials,
  tokenUses,
  trustedIssuers,
  usedAssertions
} from './admin/collections.ts'
import { secrets } from './admin/secrets.ts'
import { suggestions } from './admin/suggestions.ts'
import { auditEvents } from './audit/events.ts'
import { keptAnswers } from './audit/operate.ts'
import { groups, memberships, users } from './directory/collections.ts'
import { resources } from './directory/resource-collection.ts'
import { catalogues, editions } from './directory/schemas/catalogue.ts'
import { uniqueValues } from './directory/schemas/custom.ts'
import { waitingMembers } from './directory/waiting.ts'
import { deliveries } from './events/deliveries.ts'
import { keyRings } from './events/keys.ts'
import { outbox } from './events/outbox.ts'
import { eventStreams } from './events/streams.ts'
import { pools, purchases, seats } from './licensing/collections.ts'
import { notifications, watermarks } from './licensing/notifications.ts'
import { organisations } from './licensing/organisation.ts'
import { refusals } from './licensing/refusals.ts'
import { asyncPlaces, asyncQueues, asyncRequests } from './provisioning/async-requests.ts'
import { provisioningLog } from './provisioning/entry.ts'
import type { AnyCollection } from './store/port.ts'

export const collections = [
  asyncRequests,
  asyncPlaces,
  asyncQueues,
  organisations,
  users,
  groups,
  memberships,
  waitingMembers,
  catalogues,
  editions,
  uniqueValues,
  resources,
  roles,
  purchases,
  pools,
  seats,
  refusals,
  notifications,
  watermarks,
  administrators,
  connectors,
  credentials,
  suggestions,
  tokenUses,
  trustedIssuers,
  usedAssertions,
  secrets,
  auditEvents,
  eventStreams,
  deliveries,
  keyRings,
  outbox,
  keptAnswers,
  provisioningLog
] as unknown as readonly AnyCollection[]
