/** Notices for administrators: use at 90 % and 100 %, once for each crossing (SEAT-119), and a grace period (SEAT-114). */
import { asSystem, type Context } from '../audit/context.ts'
import { happened } from '../audit/events.ts'
import { operate } from '../audit/operate.ts'
import type { EpochMs } from '../base/clock.ts'
import { notFound } from '../base/domain-error.ts'
import { type Change, type Collection, insert, replace, type Stored } from '../store/port.ts'
import { type SeatFigures, seatReport } from './report.ts'
import { licenseTypes } from './types.ts'

export interface Notification {
  readonly id: string
  readonly at: EpochMs
  readonly kind: 'seats_90' | 'seats_100' | 'grace'
  readonly text: string
  readonly dismissed: { readonly at: EpochMs; readonly by: string } | null
}

export const notifications: Collection<Notification> = {
  name: 'notifications',
  search: ({ id, at, kind, dismissed }) => ({ id, at, kind, dismissed: dismissed !== null }),
  indexes: []
}

/** How far each type had come when it was last looked at. */
interface Watermark {
  readonly id: string
  readonly level: 0 | 90 | 100
  readonly graceEnds: string | null
}

export const watermarks: Collection<Watermark> = { name: 'watermarks', search: ({ id }) => ({ id }), indexes: [] }

const levels = [90, 100] as const

/** The highest level that a use has reached. Without capacity there is nothing to run out of. Pure. */
export function levelOf({ inUse, purchased }: Pick<SeatFigures, 'inUse' | 'purchased'>): Watermark['level'] {
  if (purchased === 0) return 0
  return levels.findLast(level => inUse * 100 >= level * purchased) ?? 0
}

/** Compares the figures with the watermarks and writes what is new. Safe to call at any time, by any number of nodes. */
export async function checkSeats(context: Context): Promise<void> {
  const inner = asSystem(context)
  const { store, tenant } = inner
  await operate(inner, async () => {
    // The watermarks first: figures that are older than a watermark would tell a crossing twice.
    const marks = await store.find(watermarks, tenant, { limit: licenseTypes.length })
    const report = await seatReport(inner)
    const markOf = (type: string) => marks.find(({ doc }) => doc.id === type)
    return { answer: null, changes: report.flatMap(figures => news(inner, figures, markOf(figures.type))) }
  })
}

function news(context: Context, figures: SeatFigures, known: Stored<Watermark> | undefined): readonly Change[] {
  const { tenant } = context
  const current: Watermark = { id: figures.type, level: levelOf(figures), graceEnds: figures.graceEnds }
  const before = known?.doc ?? { level: 0, graceEnds: null }
  if (before.level === current.level && before.graceEnds === current.graceEnds) return []
  const crossed = levels.filter(level => before.level < level && level <= current.level)
  const notices = crossed.map(level => note(context, `seats_${level}`, usageText(figures, level)))
  const grace =
    current.graceEnds !== null && current.graceEnds !== before.graceEnds && figures.warning !== null
      ? [note(context, 'grace', figures.warning)]
      : []
  const mark =
    known === undefined ? insert(watermarks, tenant, current) : replace(watermarks, tenant, current, known.version)
  return [mark, ...notices, ...grace]
}

function note(context: Context, kind: Notification['kind'], text: string): Change {
  const at = context.clock.now()
  return insert(notifications, context.tenant, { id: context.makeId(), at, kind, text, dismissed: null })
}

function usageText({ type, inUse, purchased }: SeatFigures, level: number): string {
  return level === 100
    ? `All ${type} seats are in use (${inUse} of ${purchased}). New ${type} users will be refused.`
    : `${type} seats are running out: ${inUse} of ${purchased} are in use.`
}

export async function dismissNotification(context: Context, id: string): Promise<Stored<Notification>> {
  return operate(context, async () => {
    const known = await context.store.get(notifications, context.tenant, id)
    if (known === undefined) throw notFound('notification')
    if (known.doc.dismissed !== null) return { answer: known, changes: [] }
    const doc = { ...known.doc, dismissed: { at: context.clock.now(), by: context.actor.name } }
    return {
      answer: { ...known, doc, version: known.version + 1 },
      changes: [
        replace(notifications, context.tenant, doc, known.version),
        happened(context, 'notification.dismissed', { kind: 'notification', id })
      ]
    }
  })
}
