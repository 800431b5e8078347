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

/** What each does, for whoever switches it on or off. */
export const rewriteNotes: Readonly<Record<RewriteName, string>> = {
  'legacy-urns': 'URNs of SCIM 1.1 and misprinted ones are taken for those of SCIM 2.0.',
  'default-schemas': 'A body without schemas gets those that follow from where it is sent.',
  'bare-filter-token': 'A value without quotes in a filter is a text: externalId eq jyoung.',
  'op-case': 'Operations are read in any letter case: Add, Replace, Remove.',
  'dotted-keys': 'Paths as names of members are read as paths: "name.givenName", "urn:…:User:department".',
  'single-from-array': 'An array of one around a single value is that value: manager: [{ … }].',
  'complex-from-string': 'A text where an object with a value stands is its value: manager: "2819".',
  'json-in-string': 'A role that is JSON in a text is unpacked.',
  'string-booleans': 'Texts for booleans are read in any letter case: "False".',
  'number-to-string': 'A whole number for a text is the text of its digits.',
  'member-array-remove': 'A remove with elements as its value removes these, and never all.',
  'create-on-miss': 'A replace inside an element that is not there makes it, where the path says all of it.'
}

/** Everything that cannot be mistaken for something else. A text that happens to be JSON, and a bare word in a filter, can. */
const unmistakable: readonly RewriteName[] = rewriteNames.filter(
  name => name !== 'json-in-string' && name !== 'bare-filter-token'
)

const okta = [
  'default-schemas',
  'op-case',
  'dotted-keys',
  'string-booleans',
  'number-to-string',
  'member-array-remove',
  'create-on-miss'
] as const

/** `generic` is what a new connector has; `strict` knows only the RFCs. */
export const profiles = {
  entra: rewriteNames,
  // The flag is not applied to what is provisioned on demand, so that both forms come from one tenant (quirk 7).
  'entra-2020': rewriteNames,
  okta,
  'okta-aiw': okta.filter(name => name !== 'dotted-keys'),
  'okta-oin': okta,
  jumpcloud: [
    'default-schemas',
    'op-case',
    'string-booleans',
    'number-to-string',
    'member-array-remove',
    'create-on-miss'
  ],
  onelogin: [
    'legacy-urns',
    'default-schemas',
    'op-case',
    'complex-from-string',
    'string-booleans',
    'number-to-string',
    'member-array-remove',
    'create-on-miss'
  ],
  google: ['default-schemas', 'op-case', 'string-booleans', 'number-to-string', 'create-on-miss'],
  ping: ['legacy-urns', 'default-schemas', 'op-case', 'string-booleans', 'number-to-string', 'member-array-remove'],
  sailpoint: [
    'default-schemas',
    'op-case',
    'single-from-array',
    'string-booleans',
    'number-to-string',
    'member-array-remove',
    'create-on-miss'
  ],
  generic: unmistakable,
  strict: []
} as const satisfies Readonly<Record<string, readonly RewriteName[]>>

export type Profile = keyof typeof profiles

/** Whom each is for. */
export const profileNotes: Readonly<Record<Profile, string>> = {
  entra: 'Microsoft Entra ID, tenant URL without a flag',
  'entra-2020': 'Microsoft Entra ID, with ?aadOptscim062020 at the end of the tenant URL',
  okta: 'Okta, whatever the kind of its application',
  'okta-aiw': 'Okta, an application made by the wizard: it updates users by PUT',
  'okta-oin': 'Okta, an application of its integration network: it updates users by PATCH without a path',
  jumpcloud: 'JumpCloud, custom SCIM integration',
  onelogin: 'OneLogin, SCIM provisioner with its JSON template',
  google: 'Google Workspace, automatic provisioning',
  ping: 'PingFederate and PingOne, outbound provisioning',
  sailpoint: 'SailPoint, SCIM 2.0 connector',
  generic: 'Any client: what cannot be mistaken for something else is understood',
  strict: 'A client that knows the RFCs: nothing is rewritten'
}

export function isProfile(name: string): name is Profile {
  return Object.hasOwn(profiles, name)
}

/** On or off, whatever the profile says. */
export type RewriteSwitches = Readonly<Partial<Record<RewriteName, boolean>>>

/**
 * What requests go through, in order.
 *
 * @param profile one of `profiles`; any other name is `generic`.
 */
export function rewritesOf(profile: string, switches: RewriteSwitches = {}): readonly RewriteName[] {
  const ofProfile: readonly RewriteName[] = profiles[isProfile(profile) ? profile : 'generic']
  return rewriteNames.filter(name => switches[name] ?? ofProfile.includes(name))
}
