import fc from 'fast-check'
import t from 'tap'
import { parseDateTime } from '../../src/scim/schema/date-time.ts'
import { normalise } from '../../src/scim/schema/normalise.ts'
import type { Attribute, AttributeType } from '../../src/scim/schema/types.ts'
import { userType } from '../../src/scim/schemas.ts'

const userName = userType({ licenseFromIdp: false }).attributes.get('username') as Attribute
const attribute = (type: AttributeType, caseExact = false): Attribute => ({ ...userName, type, caseExact })

const rows: Array<[string, Attribute, string | number | boolean, string | number | boolean | undefined]> = [
  ['text without case is folded', attribute('string'), 'Ann STRASSE', 'ann strasse'],
  ['ß is SS', attribute('string'), 'Straße', 'strasse'],
  ['compatible forms are one', attribute('string'), 'Å', 'å'],
  ['case exact text stays', attribute('string', true), 'Ann', 'Ann'],
  ['an empty text is a value', attribute('string'), '', ''],
  ['a number is no text', attribute('string'), 7, undefined],
  ['NUL is in no text', attribute('string'), 'a\0', undefined],
  ['half a pair is in no text', attribute('string', true), 'a\ud800', undefined],
  ['a boolean', attribute('boolean'), false, false],
  ['a text is no boolean', attribute('boolean'), 'false', undefined],
  ['an integer', attribute('integer'), -3, -3],
  ['a fraction is no integer', attribute('integer'), 1.5, undefined],
  ['an integer beyond what a double holds', attribute('integer'), 2 ** 53, undefined],
  ['a decimal', attribute('decimal'), 1.5, 1.5],
  ['infinity is no decimal', attribute('decimal'), Infinity, undefined],
  ['a time', attribute('dateTime'), '1970-01-01T00:00:01Z', 1000],
  ['a number is no time', attribute('dateTime'), 1000, undefined],
  ['a complex attribute has no value of its own', attribute('complex'), 'x', undefined]
]
for (const [name, a, value, expected] of rows) {
  t.test(name, async t => {
    t.equal(normalise(a, value), expected)
  })
}

const times: Array<[string, string, string | undefined]> = [
  ['UTC', '2011-05-13T04:42:34Z', '2011-05-13T04:42:34.000Z'],
  ['an offset behind UTC', '2011-05-13T04:42:34-07:00', '2011-05-13T11:42:34.000Z'],
  ['an offset before UTC', '2011-05-13T04:42:34+05:30', '2011-05-12T23:12:34.000Z'],
  ['the largest offset', '2011-05-13T04:42:34+14:00', '2011-05-12T14:42:34.000Z'],
  ['an offset too large', '2011-05-13T04:42:34+14:01', undefined],
  ['an offset with too many minutes', '2011-05-13T04:42:34+01:60', undefined],
  ['no zone', '2011-05-13T04:42:34', '2011-05-13T04:42:34.000Z'],
  ['finer than a millisecond', '2011-05-13T04:42:34.1239Z', '2011-05-13T04:42:34.123Z'],
  ['one digit of a second', '2011-05-13T04:42:34.5Z', '2011-05-13T04:42:34.500Z'],
  ['the end of the day', '2011-05-13T24:00:00Z', '2011-05-14T00:00:00.000Z'],
  ['after the end of the day', '2011-05-13T24:00:01Z', undefined],
  ['a leap day', '2012-02-29T00:00:00Z', '2012-02-29T00:00:00.000Z'],
  ['no leap day', '2011-02-29T00:00:00Z', undefined],
  ['a month too many', '2011-13-01T00:00:00Z', undefined],
  ['a leap second', '2016-12-31T23:59:60Z', undefined],
  ['a minute too many', '2016-12-31T23:60:00Z', undefined],
  ['a date alone', '2011-05-13', undefined],
  ['a blank for the T', '2011-05-13 04:42:34Z', undefined],
  ['something behind', '2011-05-13T04:42:34Z\n', undefined]
]
for (const [name, text, expected] of times) {
  t.test(`dateTime: ${name}`, async t => {
    const ms = parseDateTime(text)
    t.equal(ms === undefined ? undefined : new Date(ms).toISOString(), expected)
  })
}

t.test('normalising again changes nothing', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const once = normalise(attribute('string'), text)
      return once === undefined || normalise(attribute('string'), once) === once
    })
  )
})
