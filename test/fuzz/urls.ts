/** Paths and queries: parameters by their grammar, and paths written in the many ways that a URL can be. */
import fc from 'fast-check'
import { attributePath, filterText } from './filters.ts'
import { encoded, id, newest, remembered, text } from './words.ts'

const given = (name: string, value: fc.Arbitrary<string>) => value.map(one => `${name}=${encoded(one)}`)

const number = fc.constantFrom(
  '0',
  '1',
  '2',
  '-1',
  '1000',
  '1001',
  '2147483648',
  '9'.repeat(30),
  '1.5',
  '',
  'x',
  '+1',
  '0x1'
)
const names = fc.array(attributePath, { minLength: 1, maxLength: 3 }).map(all => all.join())
const cursor = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('', ...remembered) },
  { weight: 1, arbitrary: text },
  { weight: 1, arbitrary: fc.stringMatching(/^[A-Za-z0-9._~-]{1,60}$/) }
)

const parameter = fc.oneof(
  { weight: 6, arbitrary: given('filter', filterText) },
  {
    weight: 2,
    arbitrary: given('sortBy', fc.oneof({ weight: 4, arbitrary: attributePath }, { weight: 1, arbitrary: text }))
  },
  {
    weight: 1,
    arbitrary: given(
      'sort',
      fc.tuple(fc.constantFrom('', '-'), attributePath).map(parts => parts.join(''))
    )
  },
  { weight: 1, arbitrary: given('sortOrder', fc.constantFrom('ascending', 'descending', 'Descending', 'up')) },
  { weight: 2, arbitrary: given('attributes', names) },
  { weight: 2, arbitrary: given('excludedAttributes', names) },
  { weight: 2, arbitrary: given('cursor', cursor) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom('startIndex', 'count', 'limit'), number).map(pair => pair.join('='))
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('FILTER=title+pr', 'Count=1', 'startindex=2', 'aadOptscim062020', '%zz', '&&', '=')
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('filter[op]=eq', 'a[b]=c', '__proto__=x', 'filter.x=1', 'filter=%00', 'a=%ff')
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('license', 'x', 'type', 'at'), text)
      .map(([name, one]) => `${name}=${encoded(one)}`)
  }
)

/** With its question mark, or empty. */
export const query = fc.oneof(
  { weight: 2, arbitrary: fc.constant('') },
  { weight: 3, arbitrary: fc.array(parameter, { minLength: 1, maxLength: 4 }).map(all => `?${all.join('&')}`) }
)

/** The query with which lists and searches are asked. */
export const listQuery = fc.array(parameter, { minLength: 1, maxLength: 4 }).map(all => `?${all.join('&')}`)

const escaped = (c: string) => `%${c.charCodeAt(0).toString(16).padStart(2, '0')}`

/** The same path in another spelling, or one that only looks the same. */
const spelling: fc.Arbitrary<(path: string) => string> = fc.oneof(
  { weight: 14, arbitrary: fc.constant((path: string) => path) },
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      (path: string) => `${path}/`,
      (path: string) => `${path}//`,
      (path: string) => path.replaceAll('/', '//'),
      (path: string) => path.toUpperCase(),
      (path: string) => path.replace(/[A-Za-z](?=[^{}]*$)/, escaped),
      (path: string) => path.replace('/v2', '%2fv2'),
      (path: string) => path.replace('/v2', '/./v2'),
      (path: string) => path.replace('/v2', '/v2/../v2'),
      (path: string) => `${path};a=b`,
      (path: string) => `${path}%00`,
      (path: string) => `${path}%2f..`,
      (path: string) => `${path}.json`,
      (path: string) => `${path}#part`,
      (path: string) => `${path}%ff`,
      (path: string) => `${path}%c0%ae`
    )
  }
)

/** What is mostly there behind a part of a path. */
const behind: Readonly<Record<string, readonly string[]>> = {
  users: ['{u0}', '{u1}', '{u2}', '{u3}'],
  groups: ['{g0}', '{g1}', '{g2}'],
  connectors: ['{connector}', newest('connectors')],
  purchases: ['{purchase}', newest('purchases')],
  roles: ['user', 'guest', 'admin'],
  resourcetypes: ['User', 'Group', 'Thing'],
  // Endpoints of types that an organisation defined.
  v2: ['Things'],
  ':endpoint': [newest('Things')],
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', 'urn:ietf:params:scim:schemas:core:2.0:group']
}

/** What stands behind `/Users/` and the like: mostly something that is there. */
export function idAfter(segment: string): fc.Arbitrary<string> {
  const there = behind[segment.toLowerCase()] ?? [newest(segment)]
  return fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...there) }, { weight: 1, arbitrary: id })
}

/** A path of the pattern `/a/:b/*`. */
export function pathOf(pattern: string): fc.Arbitrary<string> {
  const segments = pattern.split('/')
  const parts = segments.map((part, i) => {
    return part.startsWith(':') || part === '*' ? idAfter(segments[i - 1] ?? '').map(encoded) : fc.constant(part)
  })
  return fc.tuple(spelling, ...parts).map(([spelled, ...all]) => spelled(all.join('/')))
}

const segment = fc.constantFrom(
  ...[
    'scim',
    'v2',
    'Users',
    'Groups',
    'Bulk',
    'Me',
    'Schemas',
    '.search',
    'api',
    'v1',
    'users',
    '..',
    '.',
    '',
    '%2e%2e'
  ],
  ...['%2f', '%00', '%zz', 'docs', 'static', 'health', 'live', ':id', '*', 'json', '{u0}', '{g0}', '.well-known']
)

/** A path of no route, or of one that nobody would think of. */
export const anyPath = fc.oneof(
  fc.webPath().map(path => `/${path.replace(/^\/+/, '')}`),
  fc.array(segment, { maxLength: 6 }).map(parts => `/${parts.join('/')}`)
)
