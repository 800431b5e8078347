import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from '../base/json.ts'

/** The attributes that an edit added, changed or removed, in order of name: what the audit log tells of it. */
export function changedNames(before: JsonObject, after: JsonObject): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].filter(name => !isDeepStrictEqual(before[name], after[name])).sort()
}
