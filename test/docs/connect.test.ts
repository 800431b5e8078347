/** The guides of docs/connect: each request that they show is sent, in its order, and gets the answer that they say. */
import { readdirSync, readFileSync } from 'node:fs'
import type { InjectOptions } from 'fastify'
import t from 'tap'
import { isObject } from '../../src/base/json.ts'
import { onBothStores } from '../support/app.ts'

const folder = new URL('../../docs/connect/', import.meta.url)
const guides = readdirSync(folder).filter(name => name.endsWith('.md'))

interface Shown {
  readonly status: number
  /** As it stands in the guide. */
  readonly text: string
}

function requestsIn(guide: string): readonly Shown[] {
  const text = readFileSync(new URL(guide, folder), 'utf8')
  const found = [...text.matchAll(/^```http (\d{3})\n([\s\S]*?)^```$/gm)]
  return found.map(([, status, shown = '']) => ({ status: Number(status), text: shown }))
}

/** `PATCH /scim/v2/Users/1`, headers, an empty line, the body. */
function parsed(text: string): InjectOptions {
  const [head = '', ...body] = text.split('\n\n')
  const [first = '', ...lines] = head.trim().split('\n')
  const [method = '', url = ''] = first.split(' ')
  const headers = Object.fromEntries(lines.map(line => line.split(/: (.*)/s).slice(0, 2)))
  const payload = body.join('\n\n').trim()
  const json = url.startsWith('/api/') && payload !== '' ? { 'content-type': 'application/json' } : {}
  return {
    method: method as NonNullable<InjectOptions['method']>,
    url,
    headers: { ...json, ...headers },
    ...(payload === '' ? {} : { payload })
  }
}

const kinds: readonly (readonly [RegExp, string])[] = [
  [/^\/api\/v1\/connectors$/, '$CONNECTOR'],
  [/\/Users$/, '$USER'],
  [/\/Groups$/, '$GROUP']
]

t.test('there is a guide for each of the large providers, and README leads to them', async t => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  for (const name of ['README.md', 'okta.md', 'entra-id.md', 'jumpcloud.md', 'onelogin.md', 'generic.md']) {
    t.ok(requestsIn(name).length > 2, `${name} shows requests`)
    t.ok(readme.includes(`docs/connect/${name === 'README.md' ? '' : name}`), `README links ${name}`)
  }
})

for (const guide of guides) {
  onBothStores(t, `docs/connect/${guide} shows requests as they are answered`, async (t, server) => {
    const known = new Map([['$KEY', server.adminKey]])
    for (const { status, text } of requestsIn(guide)) {
      const filled = [...known].reduce((all, [name, value]) => all.replaceAll(name, value), text)
      t.notMatch(filled, /\$(KEY|TOKEN|CONNECTOR|USER|GROUP)\b/, 'every name in it is known by then')
      const request = parsed(filled)
      const answer = await server.request<unknown>(request)
      t.equal(answer.status, status, `${text.split('\n')[0]} ${answer.status === status ? '' : answer.text}`)
      const kind = request.method === 'POST' ? kinds.find(([pattern]) => pattern.test(String(request.url))) : undefined
      if (kind === undefined || !isObject(answer.body)) continue
      known.set(kind[1], String(answer.body.id))
      if (typeof answer.body.token === 'string') known.set('$TOKEN', answer.body.token)
    }
  })
}
