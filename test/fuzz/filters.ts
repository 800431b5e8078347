/**
 * Filters and attribute paths by their grammar (RFC 7644 figure 1 and 3.10): those that it makes, those that are nearly of it,
 * and those that are made to hurt. What they say need not make sense: names meet values of any type.
 */
import fc from 'fast-check'
import type { Attribute, ResourceType } from '../../src/scim/schema/types.ts'
import { groupType, userType } from '../../src/scim/schemas.ts'
import { arbitraryFilterText } from '../support/arbitrary-filter.ts'
import { edited } from './edits.ts'
import { text } from './words.ts'

/** Words, marks and blanks: joined they are the sentence. */
type Parts = readonly string[]

const users = userType({ licenseFromIdp: false })
const types: readonly ResourceType[] = [users, groupType]

const tables = types.flatMap(type => [type.attributes, ...[...type.extensions.values()].map(e => e.attributes)])
const attributes: readonly Attribute[] = tables.flatMap(table => [...table.values()])
const complex = attributes.filter(({ sub }) => sub.size > 0)
const urns = [...new Set(types.flatMap(type => [type.schema, ...[...type.extensions.values()].map(e => e.urn)]))]

const known = fc.constantFrom(...attributes.flatMap(one => [one, ...one.sub.values()])).map(({ label }) => label)
const cased = (name: fc.Arbitrary<string>) =>
  fc.tuple(name, fc.constantFrom('as it is', 'upper', 'lower')).map(([all, how]) => {
    if (how === 'as it is') return all
    return how === 'upper' ? all.toUpperCase() : all.toLowerCase()
  })
/** ATTRNAME: a letter, and then letters, digits, `-` and `_`. */
const anyName = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,8}$/)

/** `attrPath` = [URI ":"] ATTRNAME *1subAttr */
export const attributePath: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: cased(known) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...urns), known).map(([urn, name]) => `${urn}:${name}`) },
  { weight: 1, arbitrary: fc.constantFrom(...urns) },
  { weight: 1, arbitrary: fc.tuple(cased(known), anyName).map(([name, sub]) => `${name}.${sub}`) },
  { weight: 1, arbitrary: anyName }
)

const number = fc.oneof(
  fc.constantFrom('0', '-0', '1', '-1', '1.5', '1e3', '1E-7', '701984', '9007199254740993', '1e308', '1e309', '5e-324'),
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => JSON.stringify(value))
)
const dateTime = fc.constantFrom('2024-02-29T12:00:00Z', '1969-12-31T23:59:59.500Z', '2024-02-29T12:00:00+01:00')

/** `compValue` = false / null / true / number / string, all as JSON writes them. */
const value = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('true', 'false', 'null', 'True', 'NULL') },
  { weight: 3, arbitrary: number },
  { weight: 6, arbitrary: text.map(one => JSON.stringify(one)) },
  { weight: 1, arbitrary: dateTime.map(one => JSON.stringify(one)) },
  // The same text with its characters escaped.
  {
    weight: 1,
    arbitrary: fc
      .string({ maxLength: 8 })
      .map(one => `"${[...one].map(c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`)
  }
)

const operator = cased(fc.constantFrom('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'lt', 'ge', 'le'))

/** `attrExp` = (attrPath SP "pr") / (attrPath SP compareOp SP compValue) */
const expression = (name: fc.Arbitrary<string>): fc.Arbitrary<Parts> =>
  fc.oneof(
    { weight: 1, arbitrary: name.map(one => [one, ' ', 'pr']) },
    { weight: 5, arbitrary: fc.tuple(name, operator, value).map(([one, op, to]) => [one, ' ', op, ' ', to]) }
  )

interface Grammar {
  readonly filter: Parts
}

/** FILTER, where `leaf` are its expressions: logExp, grouping and negation around them. */
const around = (leaf: fc.Arbitrary<Parts>, maxDepth: number) =>
  fc.letrec<Grammar>((tie: fc.LetrecTypedTie<Grammar>) => ({
    filter: fc.oneof(
      { maxDepth, withCrossShrink: true },
      { weight: 5, arbitrary: leaf },
      {
        weight: 3,
        arbitrary: fc
          .tuple(tie('filter'), cased(fc.constantFrom('and', 'or')), tie('filter'))
          .map(([left, op, right]) => [...left, ' ', op, ' ', ...right])
      },
      { weight: 1, arbitrary: tie('filter').map(inner => ['(', ...inner, ')']) },
      { weight: 1, arbitrary: tie('filter').map(inner => ['not', ' ', '(', ...inner, ')']) }
    )
  })).filter

/** `valuePath` = attrPath "[" valFilter "]", mostly with sub-attributes that are there. */
const valuePath: fc.Arbitrary<Parts> = fc.constantFrom(...complex).chain(({ label, sub }) => {
  const names = fc.constantFrom(...[...sub.values()].map(({ name }) => name))
  const inside = fc.oneof({ weight: 9, arbitrary: cased(names) }, { weight: 1, arbitrary: attributePath })
  return around(expression(inside), 2).map(filter => [label, '[', ...filter, ']'])
})

/** `valuePath` [subAttr], with an end for a filter (not in the RFC; Entra sends it) or without (PATCH paths). */
const subAttribute = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('value', 'type', 'primary', 'display', '$ref', 'locality') },
  { weight: 1, arbitrary: anyName }
)
const chosen: fc.Arbitrary<Parts> = fc.tuple(valuePath, subAttribute).map(([path, sub]) => [...path, '.', sub])
const chosenExpression: fc.Arbitrary<Parts> = fc
  .tuple(chosen, operator, value)
  .map(([path, op, to]) => [...path, ' ', op, ' ', to])

const byGrammar = around(
  fc.oneof(
    { weight: 5, arbitrary: expression(attributePath) },
    { weight: 2, arbitrary: valuePath },
    { weight: 1, arbitrary: chosenExpression }
  ),
  4
)

const word = fc.oneof(
  fc.constantFrom('(', ')', '[', ']', ' ', '  ', '\t', '"', '\\', '.', ':', ',', 'and', 'or', 'not', 'eq', 'pr', 'in'),
  fc.constantFrom('()', '[]', 'not(', '\u00a0', '+', '\\"', '"\\u00"', '=', '==', '!=', '&&', '||', ';', '--', '/*'),
  text
)

const repeated = (part: string, times: number, between: string) => Array<string>(times).fill(part).join(between)

/** Around each limit, and far beyond. Lengths that no limit lets through are rare: they cost time and show little. */
const hurting = fc.oneof(
  fc.integer({ min: 15, max: 25 }).map(n => `${'('.repeat(n)}title pr${')'.repeat(n)}`),
  fc.integer({ min: 15, max: 25 }).map(n => `${'not ('.repeat(n)}title pr${')'.repeat(n)}`),
  fc.integer({ min: 1, max: 4000 }).map(n => `${'('.repeat(n)}title pr`),
  fc.integer({ min: 1, max: 1000 }).map(n => 'emails['.repeat(n)),
  fc.integer({ min: 95, max: 105 }).map(n => repeated('title pr', n, ' or ')),
  fc.integer({ min: 95, max: 105 }).map(n => repeated('emails[type eq "a"]', n, ' and ')),
  fc.integer({ min: 4080, max: 4110 }).map(n => `title eq "${'x'.repeat(n - 11)}"`),
  fc.integer({ min: 1020, max: 1030 }).map(n => `title sw "${'\\\\'.repeat(n)}"`),
  fc.integer({ min: 1, max: 3000 }).map(n => `${'a.'.repeat(n)}b pr`),
  fc.integer({ min: 1, max: 3000 }).map(n => `${'a:'.repeat(n)}b pr`),
  fc.integer({ min: 1, max: 3000 }).map(n => `title eq ${'9'.repeat(n)}`),
  fc.integer({ min: 1, max: 3000 }).map(n => `title eq "${'a'.repeat(n)}\\`),
  fc.integer({ min: 1, max: 3000 }).map(n => `title${' '.repeat(n)}pr`),
  fc.constantFrom(
    ' ',
    'and',
    'not',
    '()',
    'not ()',
    'title',
    'title eq',
    'pr',
    '[',
    ']',
    '"',
    'emails[]',
    'emails[].value'
  )
)

/** The text of a filter; about half of them are answered. */
export const filterText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: arbitraryFilterText(users) },
  { weight: 4, arbitrary: byGrammar.map(parts => parts.join('')) },
  { weight: 3, arbitrary: edited(byGrammar, word) },
  { weight: 1, arbitrary: hurting },
  { weight: 1, arbitrary: text }
)

/** The path of a PATCH operation (RFC 7644 figure 7): `attrPath` / `valuePath` [subAttr]. */
const pathParts: fc.Arbitrary<Parts> = fc.oneof(
  { weight: 3, arbitrary: attributePath.map(name => [name]) },
  { weight: 2, arbitrary: valuePath },
  { weight: 3, arbitrary: chosen }
)
export const patchPath: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: pathParts.map(parts => parts.join('')) },
  { weight: 2, arbitrary: edited(pathParts, word) },
  { weight: 1, arbitrary: text }
)
