import type { JsonObject } from '../../src/base/json.ts'
import type { TestServer } from '../support/app.ts'

/** An entry as the API shows it. */
export interface Shown extends JsonObject {
  readonly id: string
  readonly operation: string
}

/** What the list answers, newest first. `query`: as in the URL, unescaped. */
export async function logged({ api }: TestServer, query = ''): Promise<readonly Shown[]> {
  const { status, body, text } = await api<{ items: readonly Shown[] }>('GET', `/provisioning-log?${encodeURI(query)}`)
  if (status !== 200) throw new Error(`${query}: ${status} ${text}`)
  return body.items
}

/** The newest entry, whole. */
export async function newest(server: TestServer): Promise<Shown> {
  const [entry] = await logged(server, 'limit=1')
  if (entry === undefined) throw new Error('the log is empty')
  return (await server.api<Shown>('GET', `/provisioning-log/${entry.id}`)).body
}
