/** The one place that knows how a SCIM `dateTime` is written (RFC 7643 2.3.5: xsd:dateTime). */
import type { EpochMs } from '../../base/clock.ts'

const syntax = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d{1,20})?(?:Z|([+-])(\d\d):(\d\d))?$/

// xsd:dateTime 3.2.7.3: the largest difference to UTC.
const offsetMinutesMax = 14 * 60

/**
 * The moment that `text` names, in whole milliseconds; finer digits are cut off. Without a zone it is UTC. `24:00:00` is
 * the end of the day. Years have four digits: nothing here happened before the year 0 or after 9999.
 *
 * @returns undefined when it is no dateTime, or a day that does not exist.
 */
export function parseDateTime(text: string): EpochMs | undefined {
  const match = syntax.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second, fraction = '.0', sign, offsetHour = '0', offsetMinute = '0'] = match
  const midnight = Date.parse(`${year}-${month}-${day}T00:00:00Z`)
  // Date.parse takes 30 February for 1 March.
  if (Number.isNaN(midnight) || new Date(midnight).getUTCDate() !== Number(day)) return undefined

  const [h, m, s] = [Number(hour), Number(minute), Number(second)]
  const endOfDay = h === 24 && m === 0 && s === 0 && Number(fraction) === 0
  if ((h > 23 && !endOfDay) || m > 59 || s > 59) return undefined

  const offset = Number(offsetHour) * 60 + Number(offsetMinute)
  if (Number(offsetMinute) > 59 || offset > offsetMinutesMax) return undefined

  const local = midnight + (h * 3600 + m * 60 + s) * 1000 + Number(`${fraction}00`.slice(1, 4))
  return local - (sign === '-' ? -offset : offset) * 60_000
}
