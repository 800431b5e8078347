import t from 'tap'
import {
  type ListQuery,
  listResponse,
  pageSizeDefault,
  readListQuery,
  readSelection,
  startIndexMax
} from '../../src/scim/list.ts'

const limits = { pageSizeMax: 1000 }
const plain: ListQuery = { startIndex: 1, count: pageSizeDefault, descending: false }

const accepted: Array<[string, Record<string, unknown>, Partial<ListQuery>]> = [
  ['nothing', {}, {}],
  ['unknown parameters are ignored', { aadOptscim062020: '', foo: ['a', 'b'] }, {}],
  ['empty values are none', { filter: '', startIndex: '', count: '', sortBy: '', sortOrder: '' }, {}],
  ['a filter', { filter: 'userName eq "a"' }, { filter: 'userName eq "a"' }],
  [
    'quirk 29: names in any case',
    { startindex: '3', COUNT: '5', SortBy: 'id' },
    { startIndex: 3, count: 5, sortBy: 'id' }
  ],
  ['startIndex 0 is 1', { startIndex: '0' }, { startIndex: 1 }],
  ['a negative startIndex is 1', { startIndex: '-7' }, { startIndex: 1 }],
  ['a plus sign, which a URL makes a blank', { startIndex: ' 2' }, { startIndex: 2 }],
  ['a startIndex beyond everything', { startIndex: '9'.repeat(400) }, { startIndex: startIndexMax }],
  ['count 0 asks for the total', { count: '0' }, { count: 0 }],
  ['a negative count is 0', { count: '-1' }, { count: 0 }],
  ['count at the limit', { count: '1000' }, { count: 1000 }],
  ['count above the limit is the limit', { count: '1001' }, { count: 1000 }],
  ['numbers, in the body of .search', { startIndex: 2, count: 3 }, { startIndex: 2, count: 3 }],
  ['ascending', { sortBy: 'id', sortOrder: 'Ascending' }, { sortBy: 'id' }],
  ['descending', { sortBy: 'id', sortOrder: 'DESCENDING' }, { sortBy: 'id', descending: true }],
  ['null is none', { filter: null, count: null, cursor: null }, {}],
  ['an empty cursor asks for the first page', { cursor: '' }, { cursor: '' }],
  ['a cursor in any case', { Cursor: 'x', startIndex: 1, count: -3 }, { cursor: 'x', count: 0 }]
]
for (const [name, query, expected] of accepted) {
  t.test(name, async t => {
    t.strictSame(readListQuery(query, limits), { ...plain, ...expected })
  })
}

t.test('a page is no larger than the limit also when no count is sent', async t => {
  t.equal(readListQuery({}, { pageSizeMax: 20 }).count, 20)
})

const refused: Array<[string, Record<string, unknown>, RegExp]> = [
  ['a word for startIndex', { startIndex: 'one' }, /startIndex must be a whole number/],
  ['a fraction', { count: '1.5' }, /count must be a whole number/],
  ['a fraction as a number', { count: 1.5 }, /count must be a whole number/],
  ['hexadecimal', { count: '0x10' }, /count must be a whole number/],
  ['an object for count', { count: { $gt: 0 } }, /count must be a whole number/],
  ['a boolean for count', { count: true }, /count must be a whole number/],
  ['sideways', { sortOrder: 'sideways' }, /sortOrder must be "ascending" or "descending"/],
  ['a filter twice', { filter: ['a', 'b'] }, /filter must be sent once/],
  ['a parameter twice in different case', { count: '1', Count: '2' }, /count must be sent once/],
  ['an object for a filter', { filter: { $ne: 1 } }, /filter must be a string/],
  ['a number for sortBy', { sortBy: 7 }, /sortBy must be a string/]
]
for (const [name, query, message] of refused) {
  t.test(`refused: ${name}`, async t => {
    t.throws(() => readListQuery(query, limits), { status: 400, scimType: 'invalidValue', message })
  })
}

const refusedCursors: Array<[string, Record<string, unknown>, string]> = [
  ['twice', { cursor: ['', ''] }, 'invalidCursor'],
  ['twice in different case', { cursor: '', Cursor: '' }, 'invalidCursor'],
  ['a number', { cursor: 1 }, 'invalidCursor'],
  ['an object', { cursor: { $ne: '' } }, 'invalidCursor'],
  ['a word for count', { cursor: '', count: 'all' }, 'invalidCount'],
  ['count twice', { cursor: '', count: ['1', '1'] }, 'invalidCount'],
  ['an index besides', { cursor: '', startIndex: 2 }, 'invalidValue']
]
for (const [name, query, scimType] of refusedCursors) {
  t.test(`refused of a cursor: ${name}`, async t => {
    t.throws(() => readListQuery(query, limits), { status: 400, scimType, message: /cursor|count/ })
  })
}

const selections: Array<[string, Record<string, unknown>, object]> = [
  ['none', { attributes: '', excludedAttributes: ',', filter: 'id pr' }, { attributes: [], excludedAttributes: [] }],
  [
    'names with commas and blanks',
    { attributes: ' userName ,name.givenName,,' },
    { attributes: ['userName', 'name.givenName'] }
  ],
  ['an array', { attributes: ['userName', 'name,id'] }, { attributes: ['userName', 'name', 'id'] }],
  ['a parameter in any case', { excludedattributes: 'members' }, { excludedAttributes: ['members'] }],
  [
    'quirk 29: a filter in brackets is passed over',
    { attributes: 'emails[type eq "work"],id' },
    { attributes: ['emails', 'id'] }
  ],
  [
    'a filter before a sub-attribute',
    { attributes: 'emails[type eq "a,b]\\"]"].value,id' },
    { attributes: ['emails.value', 'id'] }
  ],
  ['a bracket that never closes', { attributes: 'id,emails[type' }, { attributes: ['id', 'emails'] }],
  ['very many brackets', { attributes: '['.repeat(100_000) }, { attributes: [] }]
]
for (const [name, query, expected] of selections) {
  t.test(`attributes: ${name}`, async t => {
    t.strictSame(readSelection(query), { attributes: [], excludedAttributes: [], ...expected })
  })
}

t.test('attributes are names', async t => {
  t.throws(() => readSelection({ attributes: [{}] }), {
    scimType: 'invalidValue',
    message: /attributes must be a list of attribute names/
  })
})

t.test('an empty answer has an empty Resources', async t => {
  t.strictSame(listResponse({ totalResults: 0, startIndex: 1, resources: [] }), {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: 0,
    itemsPerPage: 0,
    startIndex: 1,
    Resources: []
  })
})

t.test('itemsPerPage is what is in this answer', async t => {
  t.has(listResponse({ totalResults: 9, startIndex: 8, resources: [{ id: '8' }, { id: '9' }] }), {
    totalResults: 9,
    itemsPerPage: 2,
    startIndex: 8
  })
})
