/** Medians, ratios and the table. */
import type { Measured, Sample } from './measure.ts'

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2
}

export interface Row {
  readonly store: string
  readonly users: number
  readonly operation: string
  readonly ours: Sample
  readonly bare: Sample
  /** Ours / bare: the median of what the rounds gave, each of which had both. */
  readonly ratio: number
  /** The least that is wanted of it; null: nothing is said. */
  readonly target: number | null
  /** Our cost here / our cost at the smallest size, in the same way. */
  readonly growth: number | null
  /** What of it is the store's own: the same of the bare server. */
  readonly bareGrowth: number | null
}

/** Issue 4, "How fast". */
const targets: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  mongodb: { 'get by id': 0.7, 'userName eq': 0.7, create: 0.6, 'PATCH an attribute': 0.6, 'PATCH active': 0.6 },
  sqlite: { 'get by id': 0.5, 'userName eq': 0.5, create: 0.35, 'PATCH an attribute': 0.4, 'PATCH active': 0.4 }
}
export const growthMax = 1.2

export function rowsOf(store: string, measured: readonly Measured[]): readonly Row[] {
  const smallest = Math.min(...measured.map(({ users }) => users))
  const of = (kind: string, operation: string, users: number) =>
    measured.find(one => one.kind === kind && one.operation === operation && one.users === users)?.samples
  return measured.flatMap(({ kind, operation, users, samples }): Row[] => {
    const bare = of('bare', operation, users)
    if (kind !== 'ours' || bare === undefined) return []
    const growthOf = (kind: string, here: readonly Sample[]) => {
      const small = users === smallest ? undefined : of(kind, operation, smallest)
      return small === undefined ? null : paired(small, here)
    }
    return [
      {
        store,
        users,
        operation,
        ours: middle(samples),
        bare: middle(bare),
        ratio: paired(samples, bare),
        target: targets[store]?.[operation] ?? null,
        growth: growthOf('ours', samples),
        bareGrowth: growthOf('bare', bare)
      }
    ]
  })
}

const paired = (a: readonly Sample[], b: readonly Sample[]): number =>
  median(a.map(({ perSecond }, i) => perSecond / (b[i]?.perSecond ?? Number.NaN)))

const middle = (samples: readonly Sample[]): Sample => ({
  perSecond: median(samples.map(s => s.perSecond)),
  p99Ms: median(samples.map(s => s.p99Ms)),
  cpuMicros: median(samples.map(s => s.cpuMicros))
})

const columns = [
  'store',
  'users',
  'operation',
  'ours/s',
  'bare/s',
  'ratio',
  'wanted',
  'growth',
  'bare',
  'p99 ms',
  'bare p99',
  'CPU us',
  'bare CPU'
]

export function tableOf(rows: readonly Row[]): string {
  return aligned([
    columns,
    ...rows.map(({ store, users, operation, ours, bare, ratio, target, growth, bareGrowth }) => [
      store,
      users.toLocaleString('en'),
      operation,
      ours.perSecond.toFixed(0),
      bare.perSecond.toFixed(0),
      ratio.toFixed(2),
      target === null ? '' : `${target.toFixed(2)} ${ratio >= target ? 'ok' : 'NO'}`,
      growth === null ? '' : `${growth.toFixed(2)} ${growth <= growthMax ? 'ok' : 'NO'}`,
      bareGrowth === null ? '' : bareGrowth.toFixed(2),
      ours.p99Ms.toFixed(1),
      bare.p99Ms.toFixed(1),
      ours.cpuMicros.toFixed(0),
      bare.cpuMicros.toFixed(0)
    ])
  ])
}

/** What is done with groups, and what of it is done for each member. */
const ofGroups: readonly (readonly [string, string, number])[] = [
  ['member of 10', 'member of 100,000', 1],
  ['member of 1,000', 'member of 100,000', 1],
  ['100 members of 1,000', '100 members of 100,000', 1],
  ['group of 1,000, no members', 'group of 100,000, no members', 1],
  ['group of 1,000, whole', 'group of 100,000, whole', 100]
]

export interface GroupGrowth {
  readonly from: string
  readonly to: string
  /** The cost in the larger group / the cost in the smaller, for each member where all are read. */
  readonly growth: number
  /** The same of the bare server. */
  readonly bareGrowth: number
}

/** Of one store and size. */
export function groupGrowth(rows: readonly Row[]): readonly GroupGrowth[] {
  return ofGroups.flatMap(([from, to, times]) => {
    const [small, large] = [from, to].map(name => rows.find(({ operation }) => operation === name))
    if (small === undefined || large === undefined) return []
    const growthOf = (kind: 'ours' | 'bare') => small[kind].perSecond / large[kind].perSecond / times
    return [{ from, to, growth: growthOf('ours'), bareGrowth: growthOf('bare') }]
  })
}

/** Texts to the left, numbers to the right. */
export function aligned(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, i) => Math.max(...lines.map(line => (line[i] ?? '').length)))
  const isText = (i: number) => lines.slice(1).some(line => /^[a-z]/i.test(line[i] ?? ''))
  const cells = (line: readonly string[]) =>
    line.map((cell, i) => (isText(i) ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
  return `${lines.map(line => cells(line).join('  ').trimEnd()).join('\n')}\n`
}
