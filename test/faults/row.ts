/** What a run of a fault comes to. */
import type { Figures } from './load.ts'

export interface Outcome {
  /** As in the fault table: `R1`. */
  readonly row: string
  readonly what: string
  readonly rounds: number
  /** What must not be, whatever the machine: lost changes, too many holders, answers that no client should get. */
  readonly faults: readonly string[]
  /** Measured, with their units. */
  readonly figures: Readonly<Record<string, number>>
  /** Figures that the release asks for, by the same names: at most this. */
  readonly goals: Readonly<Record<string, number>>
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
}

/** The worst and the sum of several shifts. */
export function together(shifts: readonly Figures[]): Readonly<Record<string, number>> {
  const sum = (of: (figures: Figures) => number) => shifts.reduce((n, figures) => n + of(figures), 0)
  const worst = (of: (figures: Figures) => number) => Math.round(Math.max(0, ...shifts.map(of)))
  return {
    requests: sum(figures => figures.requests),
    acked: sum(figures => figures.acked),
    '5xx': sum(figures => figures.serverErrors),
    'no answer': sum(figures => figures.unanswered),
    'longest ms': worst(figures => figures.longestMs),
    'gap ms': worst(figures => figures.gapMs)
  }
}

/** Counts what was found, the first of each kind in full. */
export function few(faults: readonly string[], most = 20): readonly string[] {
  return faults.length <= most ? faults : [...faults.slice(0, most), `and ${faults.length - most} more`]
}
