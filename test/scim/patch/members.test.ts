import t from 'tap'
import { matches } from '../../../src/scim/filter/evaluate.ts'
import { memberForm, readMembers, splitMemberOperations } from '../../../src/scim/patch/members.ts'
import { parsePatch } from '../../../src/scim/patch/parse.ts'
import { groupType } from '../../../src/scim/schemas.ts'
import { refusalOf } from '../filter/refusal.ts'
import { message, patchMembers, patchUser } from './support.ts'

t.test('members and the rest are told apart, each in its order', async t => {
  const { members, rest } = splitMemberOperations(
    groupType,
    parsePatch(
      groupType,
      message(
        { op: 'replace', value: { id: 'abf4', displayName: 'Test SCIMv2', members: [{ value: '1' }] } },
        { op: 'add', path: 'members', value: { value: '2' } },
        { op: 'replace', path: 'externalId', value: 'x' }
      ),
      { id: 'abf4' }
    )
  )
  t.strictSame(members, [
    { kind: 'replace', values: [{ value: '1' }] },
    { kind: 'add', values: [{ value: '2' }] }
  ])
  t.match(rest, [{ value: 'Test SCIMv2' }, { value: 'x' }])
})

const changes: Array<[string, object, object]> = [
  [
    'ids compare without case',
    { op: 'add', path: 'members', value: [{ value: 'AB' }] },
    { kind: 'add', values: [{ value: 'ab', sent: 'AB' }] }
  ],
  ['ids in filters too', { op: 'remove', path: 'members[value eq "AB"]' }, { kind: 'remove', ids: ['ab'] }],
  [
    'several ids in one filter',
    { op: 'remove', path: 'members[value eq "a" or value eq "b"]' },
    { kind: 'remove', ids: ['a', 'b'] }
  ],
  ['a replace by none clears (quirk 45)', { op: 'replace', path: 'members', value: [] }, { kind: 'clear' }],
  ['a replace by null clears', { op: 'replace', value: { members: null } }, { kind: 'clear' }],
  ['adding none adds none', { op: 'add', path: 'members', value: [] }, { kind: 'add', values: [] }],
  [
    'null members of an element are absent (quirks 20, 46)',
    { op: 'add', path: 'members', value: [{ $ref: null, display: null, value: 'f648' }] },
    { kind: 'add', values: [{ value: 'f648' }] }
  ]
]
for (const [name, operation, expected] of changes) {
  t.test(name, async t => t.strictSame(patchMembers(operation), [expected]))
}

t.test('any other filter is left to whoever knows the members', async t => {
  const [change] = patchMembers({ op: 'remove', path: 'members[type eq "Group" and not (value eq "a")]' })
  if (change?.kind !== 'removeWhere') return t.fail(`this was ${change?.kind}`)
  t.equal(matches(change.filter, memberForm({ value: 'b', type: 'Group' })), true)
  t.equal(matches(change.filter, memberForm({ value: 'a', type: 'Group' })), false)
  t.equal(matches(change.filter, memberForm({ value: 'b', type: 'User' })), false)
})

const refused: Array<[string, object, string]> = [
  ['a member without a value', { op: 'add', path: 'members', value: [{ $ref: '../Users/1' }] }, 'invalidValue'],
  ['a member with an empty value', { op: 'add', path: 'members', value: [{ value: '' }] }, 'invalidValue'],
  ['a bare text', { op: 'add', path: 'members', value: 'id-1' }, 'invalidValue'],
  ['a number', { op: 'add', path: 'members', value: [7] }, 'invalidValue'],
  ['a member of another type', { op: 'add', path: 'members', value: [{ value: '1', type: 'Robot' }] }, 'invalidValue'],
  ['unknown attributes only', { op: 'replace', path: 'members', value: [{ id: '1' }] }, 'invalidValue'],
  ['a remove with a value', { op: 'remove', path: 'members', value: [{ value: 'f648' }] }, 'invalidValue'],
  ['changing who a member is', { op: 'replace', path: 'members[value eq "1"].value', value: '2' }, 'mutability'],
  ['replacing a chosen member', { op: 'replace', path: 'members[value eq "1"]', value: { value: '2' } }, 'mutability'],
  ['removing what a member is', { op: 'remove', path: 'members[value eq "1"].type' }, 'mutability'],
  ['a display name of a member', { op: 'replace', path: 'members[value eq "1"].display', value: 'x' }, 'mutability'],
  ['a choice by display', { op: 'remove', path: 'members[display eq "x"]' }, 'invalidFilter'],
  ['a choice by $ref', { op: 'remove', path: 'members[value eq "1" or not ($ref eq "x")]' }, 'invalidFilter'],
  ['an index', { op: 'remove', path: 'members[0]' }, 'invalidPath'],
  ['empty brackets', { op: 'remove', path: 'members[]' }, 'invalidPath'],
  ['a value that is unquoted', { op: 'remove', path: 'members[value eq f648]' }, 'invalidPath']
]
for (const [name, operation, scimType] of refused) {
  t.test(`refused, and so no member is touched: ${name}`, async t => {
    t.equal(refusalOf(() => patchMembers(operation)).scimType, scimType)
  })
}

t.test('users have no members', async t => {
  t.equal(refusalOf(() => patchUser({ userName: 'a' }, [{ op: 'remove', path: 'members' }])).scimType, 'invalidPath')
})

t.test('the members of a whole group', async t => {
  t.strictSame(readMembers([{ value: 'A', type: 'group' }]), [{ value: 'a', sent: 'A', type: 'Group' }])
  t.strictSame(readMembers(undefined), [])
})
