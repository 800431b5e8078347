import t from 'tap'
import { operationsMax, parsePatch, patchUrn } from '../../../src/scim/patch/parse.ts'
import { refusalOf } from '../filter/refusal.ts'
import { E, message, patchUser, users } from './support.ts'

const add = { op: 'add', path: 'title', value: 'T' }

const bodies: Array<[string, unknown, string]> = [
  ['no body', undefined, 'invalidSyntax'],
  ['an array', [add], 'invalidSyntax'],
  ['no schemas', { Operations: [add] }, 'invalidSyntax'],
  ['another message', { schemas: [users.schema], Operations: [add] }, 'invalidSyntax'],
  ['schemas that are a text', { schemas: patchUrn, Operations: [add] }, 'invalidSyntax'],
  ['no operations', { schemas: [patchUrn] }, 'invalidSyntax'],
  ['an empty list of operations', message(), 'invalidSyntax'],
  ['one operation without a list', { schemas: [patchUrn], Operations: add }, 'invalidSyntax'],
  ['Operations twice', { ...message(add), operations: [add] }, 'invalidSyntax'],
  ['an operation that is a text', message('add'), 'invalidSyntax'],
  ['an operation that is null', message(null), 'invalidSyntax'],
  ['no op', message({ path: 'title', value: 'T' }), 'invalidSyntax'],
  ['an op that there is not', message({ ...add, op: 'move' }), 'invalidSyntax'],
  ['an op in another case', message({ ...add, op: 'Add' }), 'invalidSyntax'],
  ['a path given twice', message({ ...add, Path: 'nickName' }), 'invalidSyntax'],
  ['a path that is a number', message({ ...add, path: 7 }), 'invalidPath'],
  ['an empty path', message({ ...add, path: '' }), 'invalidPath'],
  ['a JSON pointer', message({ ...add, path: '/title' }), 'invalidPath'],
  ['an unknown attribute', message({ ...add, path: 'colour' }), 'invalidPath'],
  ['an unknown sub-attribute', message({ ...add, path: 'name.initials' }), 'invalidPath'],
  ['a sub-attribute of a sub-attribute', message({ ...add, path: 'name.givenName.first' }), 'invalidPath'],
  ['an unknown sub-attribute behind brackets', message({ ...add, path: 'emails[type eq "a"].x' }), 'invalidPath'],
  ['brackets behind a single attribute', message({ ...add, path: 'name[givenName eq "a"]' }), 'invalidPath'],
  ['brackets behind an extension', message({ ...add, path: `${E}[a eq "b"]` }), 'invalidPath'],
  ['brackets that do not close', message({ ...add, path: 'emails[type eq "a"' }), 'invalidPath'],
  ['a filter on what elements have not', message({ ...add, path: 'emails[x eq "a"].value' }), 'invalidFilter'],
  ['a remove without a path', message({ op: 'remove' }), 'noTarget'],
  ['a remove of a resource', message({ op: 'remove', value: { title: 'T' } }), 'noTarget'],
  ['an add without a value', message({ op: 'add', path: 'title' }), 'invalidValue'],
  ['a replace without a value', message({ op: 'replace', path: 'title' }), 'invalidValue'],
  ['adding null', message({ ...add, value: null }), 'invalidValue'],
  ['adding nothing but nulls', message({ op: 'add', value: { title: null, [E]: null } }), 'invalidValue'],
  ['a value of another type', message({ ...add, value: 7 }), 'invalidValue'],
  ['a list for a single attribute', message({ ...add, value: ['T'] }), 'invalidValue'],
  ['a text for a complex attribute', message({ ...add, path: 'name', value: 'Kim' }), 'invalidValue'],
  ['a text for an extension', message({ ...add, path: E }), 'invalidValue'],
  ['a text for a resource', message({ op: 'add', value: 'T' }), 'invalidValue'],
  ['a text for an element', message({ ...add, path: 'emails' }), 'invalidValue'],
  ['a text for a chosen element', message({ ...add, path: 'emails[type eq "a"]' }), 'invalidValue'],
  ['an empty chosen element', message({ ...add, path: 'emails[type eq "a"]', value: { value: null } }), 'invalidValue'],
  ['a resource without attributes', message({ op: 'replace', value: {} }), 'invalidValue'],
  ['a resource of unknown attributes', message({ op: 'replace', value: { colour: 'red' } }), 'invalidValue'],
  ['a dotted name in a resource', message({ op: 'replace', value: { 'name.givenName': 'K' } }), 'invalidValue'],
  ['an element of unknown attributes', message({ ...add, path: 'emails', value: [{ mail: 'x' }] }), 'invalidValue'],
  ['a name given twice', message({ op: 'add', value: { title: 'T', TITLE: 'U' } }), 'invalidSyntax'],
  ['a remove of elements by value', message({ op: 'remove', path: 'emails', value: [{ value: 'x' }] }), 'invalidValue'],
  ['a remove of sub-attributes by value', message({ op: 'remove', path: 'emails.value', value: 'x' }), 'invalidValue'],
  ['a readOnly attribute', message({ op: 'replace', path: 'meta.created', value: 'x' }), 'mutability'],
  ['a readOnly list', message({ op: 'add', path: 'groups', value: [{ value: 'g' }] }), 'mutability'],
  ['removing a readOnly attribute', message({ op: 'remove', path: 'id' }), 'mutability'],
  ['removing elements of a readOnly list', message({ op: 'remove', path: 'groups[value eq "g"]' }), 'mutability'],
  ['the same id in a path', message({ op: 'replace', path: 'id', value: '7' }), 'mutability'],
  ['another id', message({ op: 'replace', value: { id: '8', title: 'T' } }), 'mutability'],
  ['an unknown schema', message({ op: 'replace', value: { schemas: ['urn:x'] } }), 'mutability'],
  ['a readOnly sub-attribute', message({ ...add, path: `${E}:manager.displayName` }), 'mutability'],
  [
    'nothing but a readOnly sub-attribute',
    message({ ...add, path: 'manager', value: { displayName: 'B' } }),
    'mutability'
  ]
]
for (const [name, body, scimType] of bodies) {
  t.test(`refused: ${name}`, async t => {
    t.match(
      refusalOf(() => parsePatch(users, body, { id: '7' })),
      { status: 400, scimType }
    )
  })
}

t.test('an id sent back unchanged is no change (quirk 43)', async t => {
  t.strictSame(patchUser({ userName: 'a' }, [{ op: 'replace', value: { id: '7' } }], { id: '7' }), { userName: 'a' })
})

t.test('the limit of operations is the last number that is accepted', async t => {
  const of = (n: number) => message(...Array.from({ length: n }, () => add))
  t.equal(parsePatch(users, of(operationsMax)).length, operationsMax)
  t.equal(refusalOf(() => parsePatch(users, of(operationsMax + 1))).scimType, 'invalidSyntax')
  t.equal(refusalOf(() => parsePatch(users, of(3), { operationsMax: 2 })).scimType, 'invalidSyntax')
})

t.test('names of the message have no case, and members that there are not are ignored', async t => {
  const body = { SCHEMAS: [patchUrn.toUpperCase()], operations: [{ OP: 'add', Path: 'title', VALUE: 'T', name: 'x' }] }
  t.match(parsePatch(users, body), [{ op: 'add', value: 'T' }])
})

t.test('a refusal says which operation it was', async t => {
  t.match(refusalOf(() => parsePatch(users, message(add, { op: 'remove' }))).message, /^Operations\[1\]: /)
})
