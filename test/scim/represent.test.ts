import t from 'tap'
import { represent } from '../../src/scim/represent.ts'
import { groupType, userType } from '../../src/scim/schemas.ts'

const E = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const L = 'urn:ietf:params:scim:schemas:extension:license:2.0:User'

t.test('SEAT-19 schemas lists the core schema and the extensions that are there', async t => {
  const resource = { userName: 'a', [L]: { licenseType: 'PAM', licenseState: 'held' }, [E]: { department: 'd' } }
  const user = represent(userType({ licenseFromIdp: false }), {
    id: '7',
    resource,
    created: 0,
    lastModified: 1,
    location: 'https://usher.example/scim/v2/Users/7',
    version: 'W/"3"'
  })
  t.strictSame(user, {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', E, L],
    id: '7',
    ...resource,
    meta: {
      resourceType: 'User',
      created: '1970-01-01T00:00:00.000Z',
      lastModified: '1970-01-01T00:00:00.001Z',
      location: 'https://usher.example/scim/v2/Users/7',
      version: 'W/"3"'
    }
  })
})

t.test('without an address and a version there is none', async t => {
  const group = represent(groupType, { id: '7', resource: { displayName: 'Eng' }, created: 0, lastModified: 0 })
  t.strictSame(group.schemas, ['urn:ietf:params:scim:schemas:core:2.0:Group'])
  t.strictSame(Object.keys(group.meta as object), ['resourceType', 'created', 'lastModified'])
})
