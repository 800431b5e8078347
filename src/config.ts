/**
 * The settings: one table, from which they are read and checked at start, shown by `usher config`, and documented in
 * `docs/settings.md`.
 *
 * It is not env-schema's table. A JSON schema can say neither what a list of seats or of proxies is, nor which setting is
 * a secret, nor what the number is for; its coercion takes `0x10` and `1e3` for ports, and its errors name paths. What
 * would be left to it is less than what we would write around it.
 */
import {
  integer,
  logLevel,
  mongodbUri,
  provisioningLog,
  proxies,
  type Setting,
  seats,
  setting,
  text,
  token,
  url,
  yesNo
} from './base/settings.ts'

export { type LogLevel, logLevels } from './base/settings.ts'

const table = {
  host: setting(
    'HOST',
    text,
    '127.0.0.1',
    'Where it listens. Loopback, because TLS is the business of a proxy in front.'
  ),
  port: setting('PORT', integer(0, 65535), 8080, 'Where it listens; 0 takes any free port.'),
  mongodbUri: setting<string | undefined>(
    'MONGODB_URI',
    mongodbUri,
    undefined,
    'A MongoDB replica set instead of the embedded database.'
  ),
  dataDir: setting('DATA_DIR', text, './data', 'The folder of the embedded database.'),
  logLevel: setting('LOG_LEVEL', logLevel, 'info', 'What is logged, as JSON lines on standard output.'),
  adminToken: setting<string | undefined>(
    'USHER_ADMIN_TOKEN',
    token,
    undefined,
    "The first administrator's API key, instead of one that is made and printed. A changed value replaces the key."
  ),
  seats: setting(
    'USHER_SEATS',
    seats,
    { PWM: 25, PAM: 5 },
    'What the first organization bought. Read on the first start only.'
  ),
  publicUrl: setting<string | undefined>(
    'PUBLIC_URL',
    url,
    undefined,
    'What clients call this server, behind a proxy: the beginning of Location and meta.location.'
  ),
  trustProxy: setting(
    'TRUST_PROXY',
    proxies,
    false,
    'Whose X-Forwarded-* headers to believe. true believes everybody who can connect.'
  ),

  bodyBytesMax: setting(
    'USHER_BODY_BYTES_MAX',
    integer(1024, 64 << 20, 'bytes'),
    1 << 20,
    'The longest request body. A group of 5,000 members, each with display and $ref, has 0.9 MB.'
  ),
  jsonDepthMax: setting(
    'USHER_JSON_DEPTH_MAX',
    integer(8, 90, 'levels'),
    32,
    'Objects and arrays within one another. SCIM needs 6; MongoDB stores at most 100.'
  ),
  jsonValuesMax: setting(
    'USHER_JSON_VALUES_MAX',
    integer(1000, 10_000_000, 'values'),
    50_000,
    'Members of objects and elements of arrays in one body. A group of 5,000 members with four attributes each has 25,000.'
  ),
  requestSeconds: setting(
    'USHER_REQUEST_TIMEOUT_SECONDS',
    integer(1, 600, 'seconds'),
    30,
    'Until a request has arrived whole. Who sends slower than that holds a connection only to hold it.'
  ),
  keepAliveSeconds: setting(
    'USHER_KEEP_ALIVE_SECONDS',
    integer(1, 600, 'seconds'),
    72,
    'How long an idle connection stays open: longer than the 60 of common load balancers, so that they close first.'
  ),
  drainSeconds: setting(
    'USHER_DRAIN_SECONDS',
    integer(0, 5, 'seconds'),
    1,
    'From SIGTERM until no more connections are taken: time for a load balancer to see that readiness is red. All is over after 10.'
  ),

  pageSizeDefault: setting(
    'USHER_PAGE_SIZE_DEFAULT',
    integer(1, 10_000, 'items'),
    100,
    'Items on a page of any list where the client names no number: as many as Okta asks for by itself.'
  ),
  pageSizeMax: setting(
    'USHER_PAGE_SIZE_MAX',
    integer(1, 10_000, 'items'),
    1000,
    'Items on a page at most, as ServiceProviderConfig tells. With a kilobyte for each that is 1 MB, made in one go.'
  ),
  mergedMax: setting(
    'USHER_MERGED_MAX',
    integer(1000, 1_000_000, 'resources'),
    20_000,
    'Resources read for one page by index over several resource types. Behind that, pages go on by cursor only.'
  ),
  cursorSeconds: setting(
    'USHER_CURSOR_SECONDS',
    integer(10, 86_400, 'seconds'),
    600,
    'How long the cursor of a page can be used, as ServiceProviderConfig tells. Each page brings a new one.'
  ),
  filterLengthMax: setting(
    'USHER_FILTER_LENGTH_MAX',
    integer(256, 65_536, 'characters'),
    4096,
    'The longest filter. Longer ones do not fit into the URLs that common proxies let through.'
  ),
  filterDepthMax: setting(
    'USHER_FILTER_DEPTH_MAX',
    integer(1, 100, 'levels'),
    20,
    'Parentheses and brackets within one another in a filter. It bounds the recursion of every fold over it.'
  ),
  filterComparisonsMax: setting(
    'USHER_FILTER_COMPARISONS_MAX',
    integer(1, 500, 'comparisons'),
    100,
    'Comparisons in one filter. Each may cost a look-up or a scan.'
  ),
  patchOperationsMax: setting(
    'USHER_PATCH_OPERATIONS_MAX',
    integer(1, 10_000, 'operations'),
    1000,
    'Operations in one PATCH. All of them are one commit. A longer list of members is for PUT.'
  ),
  bulkOperationsMax: setting(
    'USHER_BULK_OPERATIONS_MAX',
    integer(1, 10_000, 'operations'),
    1000,
    'Operations in one Bulk request. With Usher-Transaction all of them are one commit; and the request has to end in time.'
  ),
  scimRequestsPerMinute: setting(
    'USHER_SCIM_REQUESTS_PER_MINUTE',
    integer(0, 10_000_000, 'requests'),
    30_000,
    'From one connector that has no limit of its own, to each node; 0: no limit. Entra ID needs 1,500, and Okta less.'
  ),
  tokenRequestsPerMinute: setting(
    'USHER_TOKEN_REQUESTS_PER_MINUTE',
    integer(0, 1_000_000, 'requests'),
    300,
    'To the token endpoint from one address, to each node; 0: no limit. A token is good for 15 minutes.'
  ),
  outgoingPrivate: setting(
    'USHER_OUTGOING_PRIVATE',
    yesNo,
    false,
    'Whether addresses that clients name (of key sets, of receivers of events) may be of a private network, or plain http.'
  ),

  provisioningLog: setting(
    'USHER_PROVISIONING_LOG',
    provisioningLog,
    'all',
    'Which SCIM requests are kept in the provisioning log: all, only those that may change something, or none.'
  ),
  provisioningLogReadsPerSecond: setting(
    'USHER_PROVISIONING_LOG_READS_PER_SECOND',
    integer(0, 1_000_000, 'requests'),
    50,
    'Reads of one organization that each node keeps in the provisioning log; more are only counted, so that they cost nothing and crowd out no change. Entra ID sends 25.'
  ),
  provisioningLogDays: setting(
    'USHER_PROVISIONING_LOG_DAYS',
    integer(1, 3650, 'days'),
    30,
    'How long the provisioning log is kept. An identity provider that retries gives up within days.'
  ),
  provisioningLogEntriesMax: setting(
    'USHER_PROVISIONING_LOG_ENTRIES_MAX',
    integer(100, 100_000_000, 'entries'),
    100_000,
    'Entries in the provisioning log of one organization; the oldest go.'
  ),
  provisioningLogMegabytesMax: setting(
    'USHER_PROVISIONING_LOG_MEGABYTES_MAX',
    integer(1, 1_000_000, 'megabytes'),
    256,
    'What the provisioning log of one organization may take; the oldest entries go.'
  ),
  provisioningLogBodyMax: setting(
    'USHER_PROVISIONING_LOG_BODY_MAX',
    integer(256, 1 << 20, 'characters'),
    16_384,
    'Of each body that is kept in the provisioning log. A request that was cut here cannot be replayed.'
  ),

  eventQueueMax: setting(
    'USHER_EVENT_QUEUE_MAX',
    integer(100, 10_000_000, 'events'),
    100_000,
    'Events that wait for one receiver at most. With more the oldest are given up, which is counted, shown and audited.'
  ),
  eventKeepDays: setting(
    'USHER_EVENT_KEEP_DAYS',
    integer(1, 365, 'days'),
    7,
    'How long an event waits for its receiver: longer than any holidays in which nobody looks at a broken receiver.'
  ),
  eventPollSeconds: setting(
    'USHER_EVENT_POLL_SECONDS',
    integer(1, 100, 'seconds'),
    30,
    'How long a poll for events waits until there are some: shorter than the 60 after which proxies give up.'
  ),
  eventPollMax: setting(
    'USHER_EVENT_POLL_MAX',
    integer(1, 5000, 'events'),
    500,
    'Events in one answer to a poll. A user in full is two kilobytes, signed.'
  ),
  eventPushSeconds: setting(
    'USHER_EVENT_PUSH_TIMEOUT_SECONDS',
    integer(1, 60, 'seconds'),
    10,
    'How long a receiver may take to answer a push. After twice this another node takes over from one that is gone.'
  ),
  eventRetrySeconds: setting(
    'USHER_EVENT_RETRY_SECONDS_MAX',
    integer(1, 3600, 'seconds'),
    300,
    'The longest pause until a push that failed is tried again; the first is a second, and each is twice the one before.'
  ),
  eventSettleSeconds: setting(
    'USHER_EVENT_SETTLE_SECONDS',
    integer(0, 60, 'seconds'),
    12,
    'How long making a stream takes: 1 until every node knows of it, and 10 until the slowest commit has an answer.'
  ),

  schemasMax: setting(
    'USHER_SCHEMAS_MAX',
    integer(0, 1000, 'schemas'),
    50,
    'Schemas that one organization may define. All of them are compiled together after each change.'
  ),
  resourceTypesMax: setting(
    'USHER_RESOURCE_TYPES_MAX',
    integer(0, 200, 'resource types'),
    20,
    'Resource types that one organization may define.'
  ),
  schemaAttributesMax: setting(
    'USHER_SCHEMA_ATTRIBUTES_MAX',
    integer(1, 1000, 'attributes'),
    200,
    'Attributes and sub-attributes of one schema that an organization defines. The core schema of users has 73.'
  ),
  schemaIndexedMax: setting(
    'USHER_SCHEMA_INDEXED_MAX',
    integer(0, 100, 'attributes'),
    20,
    'How many of these may be unique or have usher:index: each of their values is one more entry to write with every change of a resource.'
  ),
  bulkBytesMax: setting(
    'USHER_BULK_BYTES_MAX',
    integer(1024, 64 << 20, 'bytes'),
    4 << 20,
    'The longest Bulk request, as ServiceProviderConfig tells. A thousand users with all that a provider knows of them have 1.3 MB.'
  ),
  bulkJsonValuesMax: setting(
    'USHER_BULK_JSON_VALUES_MAX',
    integer(1000, 10_000_000, 'values'),
    200_000,
    'As USHER_JSON_VALUES_MAX, in a Bulk request. Those thousand users have 55,000.'
  ),
  asyncWaitingMax: setting(
    'USHER_ASYNC_WAITING_MAX',
    integer(1, 100_000, 'requests'),
    1000,
    'Requests of one caller that wait to be carried out (Prefer: respond-async). More are refused with 429.'
  ),
  asyncWaitSecondsMax: setting(
    'USHER_ASYNC_WAIT_SECONDS_MAX',
    integer(0, 60, 'seconds'),
    20,
    'How long a client that prefers to wait first (Prefer: respond-async, wait=…) is kept waiting at most before it gets 202.'
  ),
  asyncResultHours: setting(
    'USHER_ASYNC_RESULT_HOURS',
    integer(1, 720, 'hours'),
    72,
    'How long it can be asked what became of a request that was answered with 202.'
  ),
  asyncLeaseSeconds: setting(
    'USHER_ASYNC_LEASE_SECONDS',
    integer(1, 600, 'seconds'),
    10,
    'A node that has begun a request and not ended it for so long counts as gone: another one carries it out. It happens once in any case.'
  )
} as const

/** The settings as they hold. Absent ones without a default are undefined. */
export type Config = { readonly [K in keyof typeof table]: (typeof table)[K] extends Setting<infer T> ? T : never }

/** Start is refused. The message has one line for each setting that is wrong, and says what it should be. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`the settings are wrong:\n${problems.map(problem => `  ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

const entries: readonly (readonly [string, Setting<unknown>])[] = Object.entries(table)

/**
 * Reads the settings from the environment. An empty value is as good as none: that is how compose files leave one out.
 *
 * @throws ConfigError with every setting that is wrong. No value is repeated in it: it could be a secret.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = []
  const read = entries.map(([key, { env: name, kind, default: byDefault }]) => {
    const given = env[name]?.trim() ?? ''
    const value = given === '' ? byDefault : kind.read(given)
    if (given !== '' && value === undefined) problems.push(`${name} must be ${kind.expected}.`)
    return [key, value] as const
  })
  const config = Object.fromEntries(read) as unknown as Config
  if (config.pageSizeDefault > config.pageSizeMax) {
    problems.push(`${table.pageSizeDefault.env} must not be greater than ${table.pageSizeMax.env}.`)
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return config
}

/** The settings as lines `NAME=value`, as `usher config` prints them. Secrets are masked. */
export function describeConfig(config: Config): string {
  const values: Readonly<Record<string, unknown>> = config
  return entries.map(([key, of]) => `${of.env}=${shown(of, values[key])}`).join('\n')
}

function shown({ kind }: Setting<unknown>, value: unknown): string {
  if (value === undefined) return ''
  return kind.show === undefined ? String(value) : kind.show(value)
}

/** The text of `docs/settings.md`. */
export function settingsPage(): string {
  const rows = entries.map(([, of]) => {
    const byDefault = shown(of, of.default)
    return `| \`${of.env}\` | ${byDefault === '' ? '' : `\`${byDefault}\``} | ${of.kind.expected} | ${of.about} |`
  })
  return `# Settings

All by environment, checked at start; \`npm run config\` prints what holds. An empty value is as good as none. This page is made
from the table in \`src/config.ts\`; a test compares the two.

| Setting | Default | Must be | |
| --- | --- | --- | --- |
${rows.join('\n')}
`
}
