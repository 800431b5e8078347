/** Event streams are told how a request ended that was carried out later (RFC 9967 2.5.1.2, 2.5.1.3). */
import type { Context } from '../../audit/context.ts'
import { isObject, type JsonObject } from '../../base/json.ts'
import { announce } from '../../events/outbox.ts'
import { asyncResponseUri } from '../../events/uris.ts'
import type { AsyncRequest } from '../../provisioning/async-requests.ts'
import type { Change } from '../../store/port.ts'
import { isBulk } from './outcome.ts'

/** One event, or one for each operation of a Bulk request. */
export async function announceOutcome(
  context: Context,
  request: AsyncRequest,
  operations: readonly JsonObject[]
): Promise<readonly Change[]> {
  const changes: Change[] = []
  const asked = askedIn(request)
  for (const [i, operation] of operations.entries()) {
    const txn = asked === undefined ? request.id : `${request.id}:${i}`
    const uri = uriOf(request, operation, asked?.[i])
    const others = { [asyncResponseUri]: operation }
    const place = { at: context.clock.now(), revision: i }
    changes.push(...(await announce(context, () => ({ subject: { uri }, place, others, txn }))))
  }
  return changes
}

/** The operations of a Bulk request. */
function askedIn(request: AsyncRequest): readonly unknown[] | undefined {
  const body = request.sent?.body ?? null
  return isBulk(request) && isObject(body) && Array.isArray(body.Operations) ? body.Operations : undefined
}

/** Below the root of the service: the resource, or where there is none, what was asked. */
function uriOf({ base, url }: AsyncRequest, { location }: JsonObject, asked: unknown): string {
  if (typeof location === 'string' && location.startsWith(base)) return location.slice(base.length)
  if (isObject(asked) && typeof asked.path === 'string') return asked.path
  return url.split('?', 1)[0] ?? url
}
