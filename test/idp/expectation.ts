/** Compares an answer with what a case expects of it, and keeps the values that later requests need. */
import { isObject, type Json } from '../../src/base/json.ts'

/** Values kept by name: `{{ada}}` in a case is the one kept as `ada`. */
export type Kept = Map<string, string>

/** The value with each `{{name}}` in its texts replaced. @throws where nothing was kept by that name. */
export function filledIn<T extends Json>(value: T, kept: Kept): T
export function filledIn(value: Json, kept: Kept): Json {
  if (typeof value === 'string') return value.replace(/\{\{(\w+)\}\}/g, (_, name: string) => known(kept, name))
  if (Array.isArray(value)) return value.map((element: Json) => filledIn(element, kept))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, filledIn(member, kept)]))
}

function known(kept: Kept, name: string): string {
  const value = kept.get(name)
  if (value === undefined) throw new Error(`the case uses {{${name}}} before it was saved`)
  return value
}

/**
 * What of `expected` is not so, as `path: what was found`. Objects may have further members; arrays may not have further
 * elements. Of an object in `expected`:
 *
 * - `{ "$absent": true }`: there is no such member.
 * - `{ "$inAnyOrder": […] }`: an array of these elements.
 * - `{ "$exactly": … }`: nothing besides.
 * - `"$save": { "id": "ada" }` beside other members keeps the text at `id` as `{{ada}}`.
 */
export function differences(found: Json | undefined, expected: Json, kept: Kept, at = 'body'): string[] {
  const differs = [`${at}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`]
  if (Array.isArray(expected)) {
    if (!Array.isArray(found) || found.length !== expected.length) return differs
    return expected.flatMap((element: Json, i) => differences(found[i], element, kept, `${at}[${i}]`))
  }
  if (!isObject(expected)) return found === filledIn(expected, kept) ? [] : differs
  if (expected.$absent === true) return found === undefined ? [] : [`${at}: should be absent: ${JSON.stringify(found)}`]
  if (Array.isArray(expected.$inAnyOrder)) return unordered(found, expected.$inAnyOrder, kept, at)
  if (expected.$exactly !== undefined) return exactly(found, expected.$exactly, kept, at)
  if (!isObject(found)) return differs
  const { $save = {}, ...members } = expected
  return [
    ...(isObject($save) ? Object.entries($save) : []).flatMap(([key, name]) => saved(found[key], name, kept, at, key)),
    ...Object.entries(members).flatMap(([key, member]) => differences(found[key], member, kept, `${at}.${key}`))
  ]
}

function saved(value: Json | undefined, name: Json, kept: Kept, at: string, key: string): string[] {
  if (typeof value !== 'string') return [`${at}.${key}: a text to save, found ${JSON.stringify(value)}`]
  kept.set(String(name), value)
  return []
}

function unordered(found: Json | undefined, expected: readonly Json[], kept: Kept, at: string): string[] {
  const left = Array.isArray(found) ? [...found] : []
  for (const element of expected) {
    const i = left.findIndex((candidate: Json) => differences(candidate, element, kept).length === 0)
    if (i < 0) return [`${at}: expected ${JSON.stringify(filledIn(element, kept))} in ${JSON.stringify(found)}`]
    left.splice(i, 1)
  }
  return left.length === 0 ? [] : [`${at}: not expected: ${JSON.stringify(left)}`]
}

// Compared both ways, so that neither has more than the other.
function exactly(found: Json | undefined, expected: Json, kept: Kept, at: string): string[] {
  if (found === undefined) return differences(found, expected, kept, at)
  const wanted = filledIn(expected, kept)
  return [...differences(found, wanted, kept, at), ...differences(wanted, found, new Map(), `${at} (reversed)`)]
}
