import type { Secrets } from './admin/activate.ts'
import type { Config } from './config.ts'

/** What the operator sees at start; the secrets of a first start are shown here and nowhere else. */
export function welcome(config: Config, address: string, secrets: Secrets | undefined): string {
  const store = config.mongodbUri === undefined ? `SQLite in ${config.dataDir}` : 'MongoDB'
  const running = `Usher listens on ${address} (${store}). API: ${address}/docs\n`
  if (secrets === undefined) return running
  const { adminKey, scimToken } = secrets
  const shown = config.adminToken === undefined ? adminKey : '(the one in USHER_ADMIN_TOKEN)'
  return `${running}
First start: the organization "default" is ready. These secrets are shown this once:

  administrator's API key   ${shown}
  SCIM connector's token    ${scimToken}

Point your identity provider at ${address}/scim/v2 with the SCIM token, or try:

  curl -H 'Authorization: Bearer ${scimToken}' -H 'Content-Type: application/scim+json' \\
    -d '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ana@example.com"}' \\
    ${address}/scim/v2/Users

  curl -H "Authorization: Bearer ${config.adminToken === undefined ? adminKey : '$USHER_ADMIN_TOKEN'}" ${address}/api/v1/seats

`
}
