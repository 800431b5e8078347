/**
 * Text that every engine stores and gives back unchanged: well-formed Unicode without NUL. Half a surrogate pair has no
 * UTF-8 form, and engines end a text at NUL or refuse it.
 */
export function isCleanText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false]
])

/** What `"True"` and `"False"` mean, in any letter case, where identity providers write booleans as texts (quirks 6, 15). */
export function booleanIn(text: string): boolean | undefined {
  return booleans.get(text.toLowerCase())
}
