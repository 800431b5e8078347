import type { Test } from 'tap'
import type { Outcome } from './row.ts'

/**
 * What was lost or given twice decides; how long it took is told. `bounds` are generous: they tell a server that hangs from
 * one on a busy machine, and nothing more.
 */
export function show(t: Test, outcome: Outcome, bounds: Readonly<Record<string, number>> = {}): void {
  const { row, what, rounds, faults, figures } = outcome
  t.same(faults, [], `${row}: ${what}: ${rounds} rounds, nothing lost and nothing given twice`)
  t.comment(
    `${row} ${what}: ${rounds} rounds; ${Object.entries(figures)
      .map(entry => entry.join(' '))
      .join(', ')}`
  )
  for (const [name, most] of Object.entries(bounds)) {
    t.ok((figures[name] ?? Number.NaN) <= most, `${row}: ${name} ${figures[name]}, and at most ${most}`)
  }
}

/** The same on a build that is broken on purpose: the harness has to see it. */
export function seen(t: Test, { what, rounds, faults }: Outcome, how: RegExp): void {
  t.match(faults.join('\n'), how, `${what}, broken build: seen in ${rounds} rounds`)
}
