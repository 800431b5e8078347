/**
 * Text that every engine stores and gives back unchanged: well-formed Unicode without NUL. Half a surrogate pair has no
 * UTF-8 form, and engines end a text at NUL or refuse it.
 */
export function isCleanText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}
