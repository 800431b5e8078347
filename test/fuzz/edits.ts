/** What was well formed, with little things changed: most faults of a reader lie one step beside what it was written for. */
import fc from 'fast-check'
import { text } from './words.ts'

type Edit = (parts: readonly string[]) => readonly string[]

const place = fc.nat(10_000)

/** Each part is a word, a mark or a blank of a sentence. */
export function edited(parts: fc.Arbitrary<readonly string[]>, words: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const edit: fc.Arbitrary<Edit> = fc.oneof(
    place.map(
      (at): Edit =>
        all =>
          all.toSpliced(at % (all.length + 1), 1)
    ),
    place.map(
      (at): Edit =>
        all =>
          all.toSpliced(at % (all.length + 1), 0, all[at % (all.length + 1)] ?? '')
    ),
    fc.tuple(place, words).map(
      ([at, put]): Edit =>
        all =>
          all.toSpliced(at % (all.length + 1), 1, put)
    ),
    fc.tuple(place, words).map(
      ([at, put]): Edit =>
        all =>
          all.toSpliced(at % (all.length + 1), 0, put)
    ),
    fc.tuple(place, place).map(
      ([a, b]): Edit =>
        all =>
          swapped(all, a % (all.length + 1), b % (all.length + 1))
    ),
    place.map(
      (at): Edit =>
        all =>
          all.slice(0, at % (all.length + 1))
    )
  )
  return fc
    .tuple(parts, fc.array(edit, { minLength: 1, maxLength: 3 }))
    .map(([all, edits]) => edits.reduce((changed, one) => one(changed), all).join(''))
}

function swapped(parts: readonly string[], a: number, b: number): readonly string[] {
  return parts.map((part, i) => (i === a ? (parts[b] ?? part) : i === b ? (parts[a] ?? part) : part))
}

/** One thing changed somewhere in a body or in its bytes, or nothing. */
export function mutated(sent: fc.Arbitrary<string>): fc.Arbitrary<string | Buffer> {
  return fc.oneof(
    { weight: 14, arbitrary: sent },
    fc
      .tuple(sent, place, text)
      .map(([all, at, put]) => all.slice(0, at % (all.length + 1)) + put + all.slice(at % (all.length + 1))),
    fc
      .tuple(sent, place, fc.nat(40))
      .map(([all, at, gone]) => all.slice(0, at % (all.length + 1)) + all.slice((at % (all.length + 1)) + gone)),
    { weight: 2, arbitrary: fc.tuple(sent, place, text).map(([all, at, put]) => withStringReplaced(all, at, put)) },
    fc.tuple(sent, place, fc.nat(255)).map(([all, at, byte]) => {
      const bytes = Buffer.from(all)
      if (bytes.length > 0) bytes[at % bytes.length] = byte
      return bytes
    })
  )
}

/** Puts another text, or another name of a member, in the place of one between quotes. */
function withStringReplaced(all: string, at: number, put: string): string {
  const quoted = [...all.matchAll(/"(?:[^"\\]|\\.)*"/g)]
  const chosen = quoted[quoted.length === 0 ? 0 : at % quoted.length]
  if (chosen === undefined) return all
  return `${all.slice(0, chosen.index)}${JSON.stringify(put)}${all.slice(chosen.index + chosen[0].length)}`
}
