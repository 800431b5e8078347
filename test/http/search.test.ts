/** `POST /Users/.search` and `/Groups/.search` (RFC 7644 3.4.3): a list whose parameters are in the body. */
import t from 'tap'
import { onBothStores, provision } from '../support/app.ts'

const schemas = ['urn:ietf:params:scim:api:messages:2.0:SearchRequest']

onBothStores(t, 'a search answers what the list with the same parameters answers', async (t, server) => {
  for (const name of ['ann', 'ben', 'cat', 'dan']) await provision(server, name, { title: `Title of ${name}` })
  for (const displayName of ['Alpha', 'Beta'])
    await server.scim('POST', '/Groups', { schemas: [groupUrn], displayName })
  const searches: readonly [string, Record<string, unknown>][] = [
    ['Users', {}],
    ['Users', { filter: 'userName sw "b" or title co "of C"', sortBy: 'userName', sortOrder: 'descending' }],
    ['Users', { startIndex: 2, count: 2, attributes: ['userName', 'meta.version'] }],
    ['Users', { count: 0, filter: 'active eq true' }],
    ['Users', { excludedAttributes: ['meta', 'title'] }],
    ['Groups', { filter: 'displayName eq "beta"' }],
    ['Groups', { count: 1, attributes: ['displayName'] }]
  ]
  for (const [endpoint, asked] of searches) {
    const query = Object.entries(asked).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    const list = await server.scim('GET', `/${endpoint}?${query.join('&')}`)
    t.equal(list.status, 200, list.text)
    for (const body of [{ schemas, ...asked }, asked]) {
      const found = await server.scim('POST', `/${endpoint}/.search`, body)
      t.strictSame([found.status, found.text], [200, list.text], JSON.stringify(body))
      t.match(found.headers['content-type'], /^application\/scim\+json/)
    }
  }
})

onBothStores(t, 'what is no search, or searches for nonsense, is refused', async (t, server) => {
  const refusals: readonly [unknown, string][] = [
    [[], 'invalidSyntax'],
    [{ schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'] }, 'invalidValue'],
    [{ schemas: 'x' }, 'invalidValue'],
    [{ schemas, filter: 'userName eq' }, 'invalidFilter'],
    [{ schemas, filter: { $ne: null } }, 'invalidValue'],
    [{ schemas, count: 'many' }, 'invalidValue'],
    [{ schemas, attributes: ['userName'], excludedAttributes: ['title'] }, 'invalidValue'],
    [{ schemas, attributes: [{}] }, 'invalidValue']
  ]
  for (const [body, scimType] of refusals) {
    for (const endpoint of ['Users', 'Groups']) {
      const answer = await server.scim('POST', `/${endpoint}/.search`, body)
      t.match([answer.status, answer.body.scimType], [400, scimType], `${endpoint} ${JSON.stringify(body)}`)
    }
  }
})

onBothStores(t, 'a search reads: whoever may read the directory may search it', async (t, server) => {
  const search = async (role: string) => {
    const options = { method: 'POST', url: '/scim/v2/Users/.search', payload: { schemas } } as const
    return (await server.request(options, await server.keyOf(role))).status
  }
  t.equal(await search('read_only'), 200)
  t.equal(await search('help_desk'), 200)
  t.equal(await search('command_runner'), 403)
})

const groupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group'
