/**
 * The names in an `attributes` or `excludedAttributes` parameter, which commas separate. A filter in brackets is passed over, for it
 * selects nothing here: `emails[type eq "work"].value` is `emails.value` (quirk 29).
 */
export function parseAttributesParam(text: string): readonly string[] {
  return withoutBrackets(text)
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '')
}

// One pass by hand: a regular expression tries anew at each of many open brackets.
function withoutBrackets(text: string): string {
  let kept = ''
  let [inBrackets, inQuotes] = [false, false]
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i)
    if (!inBrackets && c !== '[') kept += c
    else if (inQuotes && c === '\\') i++
    else if (inBrackets && c === '"') inQuotes = !inQuotes
    else if (!inQuotes) inBrackets = c !== ']'
  }
  return kept
}
