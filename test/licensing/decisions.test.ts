/** The pure decisions about seats, as tables. */
import t from 'tap'
import { defaultSettings } from '../../src/admin/activate.ts'
import { typesToTry, type Wish } from '../../src/licensing/assign.ts'
import { capacityOf, graceEndOf, isValid, stateOf } from '../../src/licensing/capacity.ts'
import { levelOf } from '../../src/licensing/notifications.ts'
import type { Policy } from '../../src/licensing/policy.ts'
import { type License, noLicense, type Pool, type Purchase } from '../../src/licensing/types.ts'

const day = 24 * 60 * 60 * 1000

let made = 0
const bought = (more: Partial<Purchase>): Purchase => ({
  id: `p${made++}`,
  type: 'PWM',
  quantity: 10,
  start: 0,
  end: null,
  created: 0,
  ...more
})

t.test('SEAT-106 a purchase counts from its start to just before its end', async t => {
  const rows: [string, Partial<Purchase>, number, boolean][] = [
    ['before the start', { start: 100 }, 99, false],
    ['at the start', { start: 100 }, 100, true],
    ['without an end', { start: 100 }, 1e15, true],
    ['just before the end', { start: 100, end: 200 }, 199, true],
    ['at the end', { start: 100, end: 200 }, 200, false]
  ]
  for (const [name, purchase, now, expected] of rows) t.equal(isValid(bought(purchase), now), expected, name)
})

t.test('SEAT-106 the capacity is the sum of what is valid, each type for itself', async t => {
  const purchases = [
    bought({ quantity: 3 }),
    bought({ quantity: 4, start: 50, end: 100 }),
    bought({ quantity: 5, start: 100 }),
    bought({ quantity: 0 }),
    bought({ type: 'PAM', quantity: 7, end: 100 })
  ]
  const rows: [number, number, number][] = [
    [0, 3, 7],
    [50, 7, 7],
    [99, 7, 7],
    [100, 8, 0]
  ]
  for (const [now, pwm, pam] of rows) {
    t.equal(capacityOf('PWM', purchases, now), pwm, `PWM at ${now}`)
    t.equal(capacityOf('PAM', purchases, now), pam, `PAM at ${now}`)
  }
  t.equal(capacityOf('PWM', [], 0), 0)
})

t.test('SEAT-114 SEAT-117 grace begins when the last seat went, and only where none is left', async t => {
  const pool = (loweredAt: number | null): Pool => ({ id: 'PWM', slots: 10, loweredAt })
  const ended = (end: number) => bought({ end })
  const rows: [string, readonly Purchase[], Pool | undefined, number | null][] = [
    ['capacity is left', [bought({}), ended(10)], pool(null), null],
    ['nothing was ever bought', [], undefined, null],
    ['the last end', [ended(10), ended(20)], pool(null), 20 + 30 * day],
    ['a purchase of nothing gives no date', [ended(10), bought({ quantity: 0, end: 30 })], pool(null), 10 + 30 * day],
    ['another type gives no date', [ended(10), bought({ type: 'PAM', end: 30 })], pool(null), 10 + 30 * day],
    ['lowered to nothing', [bought({ quantity: 0 })], pool(40), 40 + 30 * day],
    ['an end behind a reduction', [ended(50)], pool(40), 50 + 30 * day],
    ['only the future is bought', [bought({ start: 1000 })], pool(40), 40 + 30 * day]
  ]
  for (const [name, purchases, stored, expected] of rows) {
    t.equal(graceEndOf('PWM', purchases, stored, 30, 100), expected, name)
  }
})

t.test('a licence is suspended when its grace is over, and no sooner', async t => {
  const held: License = { type: 'PWM', state: 'held', assignedAt: 0, assignedBy: 'provisioning' }
  const rows: [string, License, number | null, string][] = [
    ['no grace runs', held, null, 'held'],
    ['the last moment', held, 101, 'held'],
    ['over', held, 100, 'suspended'],
    ['who holds nothing is not suspended', { ...held, state: 'released' }, 100, 'released'],
    ['nor who never held one', noLicense, 100, 'none']
  ]
  for (const [name, license, graceEnd, expected] of rows) t.equal(stateOf(license, graceEnd, 100), expected, name)
})

t.test('SEAT-40 SEAT-46 SEAT-94 SEAT-95 which types are tried, in their order', async t => {
  const policy = (types: readonly ('PAM' | 'PWM')[], seatSpillover: boolean): Policy => ({
    organisation: {
      doc: { id: 'o', name: 'o', created: 0, settings: { ...defaultSettings, seatSpillover } },
      version: 1,
      referenced: false
    },
    purchases: types.map(type => bought({ type })),
    pools: new Map()
  })
  const both = ['PAM', 'PWM'] as const
  const automatic: Wish = { kind: 'automatic' }
  const again = (type: 'PAM' | 'PWM'): Wish => ({ kind: 'again', type })
  const rows: [string, Wish, readonly ('PAM' | 'PWM')[], boolean, string][] = [
    ['new', automatic, both, true, 'PWM PAM'],
    ['new, without spillover', automatic, both, false, 'PWM'],
    ['new, PAM alone was bought', automatic, ['PAM'], true, 'PWM PAM'],
    ['new, PAM alone, without spillover', automatic, ['PAM'], false, 'PWM PAM'],
    ['back with PAM', again('PAM'), both, true, 'PAM PWM'],
    ['back with PAM, without spillover', again('PAM'), both, false, 'PAM PWM'],
    ['back with PWM', again('PWM'), both, true, 'PWM PAM'],
    ['back with PWM, without spillover', again('PWM'), both, false, 'PWM'],
    ['this one', { kind: 'only', type: 'PAM' }, both, true, 'PAM'],
    ['this one, without spillover', { kind: 'only', type: 'PWM' }, both, false, 'PWM']
  ]
  for (const [name, wish, types, spillover, expected] of rows) {
    t.equal(typesToTry(wish, policy(types, spillover), 0).join(' '), expected, name)
  }
})

t.test('SEAT-119 the level a use has reached', async t => {
  const rows: [number, number, number][] = [
    [0, 10, 0],
    [8, 10, 0],
    [9, 10, 90],
    [10, 10, 100],
    [11, 10, 100],
    [0, 0, 0],
    [5, 0, 0],
    [1, 1, 100],
    [89, 99, 0],
    [90, 99, 90],
    [8_999_999, 10_000_000, 0],
    [9_000_000, 10_000_000, 90]
  ]
  for (const [inUse, purchased, level] of rows)
    t.equal(levelOf({ inUse, purchased }), level, `${inUse} of ${purchased}`)
})
