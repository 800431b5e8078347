/** Which rewrites the requests of a connector go through, as data. */

/** In the order in which they are applied, and stand in every profile: each may lean on those before it. */
export const rewriteNames = [
  'legacy-urns',
  'default-schemas',
  'bare-filter-token',
  'op-case',
  'dotted-keys',
  'single-from-array',
  'complex-from-string',
  'json-in-string',
  'string-booleans',
  'number-to-string',
  'member-array-remove',
  'create-on-miss'
] as const

export type RewriteName = (typeof rewriteNames)[number]

/** Everything that cannot be mistaken for something else. A text that happens to be JSON, and a bare word in a filter, can. */
const unmistakable: readonly RewriteName[] = rewriteNames.filter(
  name => name !== 'json-in-string' && name !== 'bare-filter-token'
)

/** `generic` is what a new connector has; `strict` knows only the RFCs. */
export const profiles = {
  entra: rewriteNames,
  okta: [
    'default-schemas',
    'op-case',
    'dotted-keys',
    'string-booleans',
    'number-to-string',
    'member-array-remove',
    'create-on-miss'
  ],
  jumpcloud: [
    'default-schemas',
    'op-case',
    'string-booleans',
    'number-to-string',
    'member-array-remove',
    'create-on-miss'
  ],
  generic: unmistakable,
  strict: []
} as const satisfies Readonly<Record<string, readonly RewriteName[]>>

export type Profile = keyof typeof profiles

export function isProfile(name: string): name is Profile {
  return Object.hasOwn(profiles, name)
}
