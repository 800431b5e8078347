/** Requests that an administrator role did not allow (ADM-67). */
import type { Context } from './context.ts'
import { happened } from './events.ts'
import { operate } from './operate.ts'

export interface Denial {
  readonly method: string
  /** The route's pattern, without ids. */
  readonly route: string
  readonly scope: string
  readonly level: string
}

export async function recordDenial(context: Context, { method, route, scope, level }: Denial): Promise<void> {
  const inner = { ...context, idempotency: undefined }
  const event = happened(inner, 'access.denied', { kind: 'endpoint', id: `${method} ${route}` }, { scope, level })
  await operate(inner, async () => ({ answer: null, changes: [event] }))
}
