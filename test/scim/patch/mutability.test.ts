/** Rules that no attribute of users tries: immutable attributes, and required ones within others. */
import t from 'tap'
import type { JsonObject } from '../../../src/base/json.ts'
import { compileResourceType } from '../../../src/scim/schema/compile.ts'
import type { AttributeDefinition } from '../../../src/scim/schema/types.ts'
import { refusalOf } from '../filter/refusal.ts'
import { patchUser } from './support.ts'

const text = (name: string, more: Partial<AttributeDefinition> = {}): AttributeDefinition => ({
  name,
  type: 'string',
  multiValued: false,
  description: name,
  required: false,
  caseExact: true,
  mutability: 'readWrite',
  returned: 'default',
  ...more
})
const badges = text('badges', {
  type: 'complex',
  multiValued: true,
  subAttributes: [text('value', { required: true, mutability: 'immutable' }), text('type'), text('colour')]
})
const desk = text('desk', { type: 'complex', subAttributes: [text('floor', { required: true }), text('room')] })
const schema = {
  id: 'urn:test:Person',
  name: 'Person',
  description: 'Person',
  attributes: [text('serial', { mutability: 'immutable' }), text('tags', { multiValued: true }), badges, desk]
}
const person = {
  id: 'Person',
  name: 'Person',
  description: 'Person',
  endpoint: '/People',
  schema: schema.id,
  schemaExtensions: []
}
const type = compileResourceType(person, [schema], [])

const before: JsonObject = {
  serial: '1',
  tags: ['a'],
  badges: [{ value: 'x', type: 'gate' }],
  desk: { floor: '2', room: '3' }
}
const patch = (from: JsonObject, ...operations: object[]) => patchUser(from, operations, {}, type)

t.test('an immutable attribute takes its first value, and its own value again', async t => {
  t.strictSame(patch({}, { op: 'add', path: 'serial', value: '1' }), { serial: '1' })
  t.strictSame(patch(before, { op: 'replace', path: 'serial', value: '1' }), before)
})

t.test('elements with immutable sub-attributes come and go as a whole', async t => {
  const added = patch(before, { op: 'add', path: 'badges', value: [{ value: 'y' }] })
  t.strictSame(added.badges, [{ value: 'x', type: 'gate' }, { value: 'y' }])
  t.strictSame(patch(before, { op: 'replace', path: 'badges[value eq "x"]', value: { value: 'y' } }).badges, [
    { value: 'y' }
  ])
  t.strictSame(patch(before, { op: 'remove', path: 'badges[value eq "x"]' }).badges, undefined)
  const painted = patch(before, { op: 'add', path: 'badges[value eq "x"]', value: { value: 'x', colour: 'red' } })
  t.strictSame(painted.badges, [{ value: 'x', type: 'gate', colour: 'red' }])
})

t.test('a list of simple values has each once', async t => {
  t.strictSame(patch(before, { op: 'add', path: 'tags', value: ['b', 'a'] }).tags, ['a', 'b'])
  t.strictSame(patch(before, { op: 'add', path: 'tags', value: 'b' }).tags, ['a', 'b'])
  t.strictSame(patch(before, { op: 'replace', path: 'tags', value: ['c', 'c'] }).tags, ['c'])
  t.strictSame(patch({ ...before, tags: ['a', 'b'] }, { op: 'remove', path: 'tags[value eq "a"]' }).tags, ['b'])
  t.strictSame(
    patch({ ...before, tags: ['a', 'b'] }, { op: 'replace', path: 'tags[value sw "a"].value', value: 'c' }).tags,
    ['c', 'b']
  )
  t.equal(refusalOf(() => patch(before, { op: 'remove', path: 'tags[type eq "a"]' })).scimType, 'invalidFilter')
})

const refused: Array<[string, object, string]> = [
  ['another value', { op: 'replace', path: 'serial', value: '2' }, 'mutability'],
  ['removing it', { op: 'remove', path: 'serial' }, 'mutability'],
  ['another value in an element', { op: 'replace', path: 'badges[value eq "x"].value', value: 'y' }, 'mutability'],
  ['another value among others', { op: 'add', path: 'badges[value eq "x"]', value: { value: 'y' } }, 'mutability'],
  ['removing it from an element', { op: 'remove', path: 'badges[value eq "x"].value' }, 'mutability'],
  ['removing what is required within', { op: 'remove', path: 'desk.floor' }, 'mutability'],
  [
    'leaving out what is required within an element',
    { op: 'add', path: 'badges', value: [{ colour: 'red' }] },
    'invalidValue'
  ]
]
for (const [name, operation, scimType] of refused) {
  t.test(`refused: ${name}`, async t => t.equal(refusalOf(() => patch(before, operation)).scimType, scimType))
}

t.test('what is required within a complex attribute is asked for at the end', async t => {
  t.equal(refusalOf(() => patch({}, { op: 'add', path: 'desk.room', value: '3' })).scimType, 'invalidValue')
  const both = patch({}, { op: 'add', path: 'desk.room', value: '3' }, { op: 'add', path: 'desk.floor', value: '2' })
  t.strictSame(both, { desk: { floor: '2', room: '3' } })
})
