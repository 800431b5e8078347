/** Hardening row F2: random filters, read, printed, resolved and evaluated. */
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { ScimError } from '../../../src/scim/errors.ts'
import { matches } from '../../../src/scim/filter/evaluate.ts'
import { parseFilter, parsePath } from '../../../src/scim/filter/parse.ts'
import type { Literal, Operand, ParsedFilter, ParsedPath } from '../../../src/scim/filter/parsed.ts'
import { printFilter, printPath } from '../../../src/scim/filter/print.ts'
import { resolveFilter } from '../../../src/scim/filter/resolve.ts'
import { userType } from '../../../src/scim/schemas.ts'
import { searchForm } from '../../../src/scim/search-form.ts'
import { arbitraryFilter, arbitraryResource, arbitraryUserResource } from '../../support/arbitrary-filter.ts'
import { naivelyMatches } from './naive.ts'
import { attribute, thingsOf } from './things.ts'

const users = userType({ licenseFromIdp: false })

const name = fc.oneof(
  fc.constantFrom('a', 'userName', 'name.givenName', 'android', 'order', 'notes', 'pr', 'eq', 'true', '$ref', 'x-1_y'),
  fc.constantFrom('urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName')
)
const text = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom('"', '\\', ' ', ']', ')', '\n', '\u007f', 'ß', '😀'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })
    ),
    maxLength: 6
  })
  .filter(s => !s.includes('\0'))
const value: fc.Arbitrary<Literal> = fc.oneof(
  text,
  fc.constantFrom(true, false, null),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(n => n + 0)
)

function expression(on: fc.Arbitrary<Operand>): fc.Arbitrary<ParsedFilter> {
  const op = fc.constantFrom('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le')
  return fc.oneof(fc.record({ op: fc.constant('pr'), on }), fc.record({ op, on, value }))
}

function tree(leaf: fc.Arbitrary<ParsedFilter>, depth: number): fc.Arbitrary<ParsedFilter> {
  if (depth === 0) return leaf
  const part = tree(leaf, depth - 1)
  const parts = fc.array(part, { minLength: 2, maxLength: 3 })
  return fc.oneof(
    leaf,
    fc.record({ op: fc.constantFrom('and', 'or'), parts }),
    fc.record({ op: fc.constant('not'), part })
  )
}

const where = tree(expression(fc.record({ attr: name })), 2)
const leaf = fc.oneof(
  expression(fc.record({ attr: name })),
  expression(fc.record({ attr: name, where, sub: name })),
  fc.record({ op: fc.constant('element'), attr: name, part: where })
)
const filter = tree(leaf, 3)
const path: fc.Arbitrary<ParsedPath> = fc.oneof(
  fc.record({ attr: name }),
  fc.record({ attr: name, filter: where }),
  fc.record({ attr: name, filter: where, sub: name })
)

const unlimited = { lengthMax: Infinity, comparisonsMax: Infinity }
function check<T>(t: Test, property: fc.IProperty<T>, numRuns: number): void {
  const run = fc.check(property, { numRuns })
  t.notOk(run.failed, fc.defaultReportMessage(run) ?? `${numRuns} runs`)
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

t.test('what is printed reads as what it was', async t => {
  check(
    t,
    fc.property(filter, f => same(parseFilter(printFilter(f), unlimited), f)),
    15_000
  )
  check(
    t,
    fc.property(path, p => same(parsePath(printPath(p), unlimited), p)),
    5000
  )
})

t.test('any text is a filter or a ScimError 400, and a filter prints as one of the same meaning', async t => {
  const piece = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.constantFrom(
        '(',
        ')',
        '[',
        ']',
        '.',
        '"',
        ' ',
        ' and ',
        ' or ',
        'not ',
        'a',
        ' eq ',
        ' pr',
        '1',
        '"x"',
        'a pr',
        'b eq "x"',
        'c[d ne -1]',
        'e[f pr].g co null',
        'urn:',
        '\\',
        '-',
        'true'
      )
    },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 3 }) }
  )
  let read = 0
  const any = fc.array(piece, { maxLength: 12 }).map(parts => parts.join(''))
  check(
    t,
    fc.property(any, text => {
      const filter = readOrRefused(() => parseFilter(text), 'invalidFilter')
      const path = readOrRefused(() => parsePath(text), 'invalidPath')
      if (filter !== undefined) read += 1
      return (
        (filter === undefined || same(parseFilter(printFilter(filter)), filter)) &&
        (path === undefined || same(parsePath(printPath(path)), path))
      )
    }),
    20_000
  )
  t.ok(read > 10, `${read} of them were filters`)
})

t.test('a broken filter is a ScimError 400', async t => {
  const broken = fc.tuple(filter.map(printFilter), fc.nat(), fc.nat(3), fc.string({ unit: 'binary', maxLength: 2 }))
  check(
    t,
    fc.property(broken, ([text, at, cut, inserted]) => {
      const start = at % (text.length + 1)
      readOrRefused(() => parseFilter(text.slice(0, start) + inserted + text.slice(start + cut)), 'invalidFilter')
    }),
    5000
  )
})

function readOrRefused<T>(read: () => T, scimType: string): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof ScimError && error.status === 400 && error.scimType === scimType) return undefined
    throw error
  }
}

t.test('a resolved filter finds in the search form what the filter says of the resource', async t => {
  const resources = fc.array(arbitraryUserResource(), { minLength: 1, maxLength: 8 })
  const tally = { yes: 0, no: 0 }
  check(
    t,
    fc.property(arbitraryFilter(users), resources, (filter, resources) => {
      const resolved = resolveFilter(users, parseFilter(printFilter(filter)))
      return resources.every(resource => {
        const found = matches(resolved, searchForm(users, resource))
        tally[found ? 'yes' : 'no'] += 1
        return found === naivelyMatches(users, filter, resource)
      })
    }),
    2500
  )
  const part = tally.yes / (tally.yes + tally.no)
  t.ok(part > 0.2 && part < 0.8, `${Math.round(part * 100)} % of the answers are yes`)
})

const values = (['integer', 'decimal', 'dateTime', 'boolean', 'binary', 'reference', 'string'] as const).flatMap(
  type => [
    attribute(type, type),
    attribute(`${type}s`, type, { multiValued: true }),
    attribute(`${type}X`, type, { caseExact: true })
  ]
)

t.test('so it is with every type, single and of many, in core, in a complex and in an extension', async t => {
  const complex = attribute('one', 'complex', { subAttributes: [...values, attribute('value', 'integer')] })
  const attributes = [...values, complex, { ...complex, name: 'each', multiValued: true }]
  const extended = attributes.map(a => ({ ...a, name: `${a.name}2` }))
  const things = thingsOf(attributes, extended)
  check(
    t,
    fc.property(
      arbitraryFilter(things),
      fc.array(arbitraryResource(things), { minLength: 1, maxLength: 2 }),
      (filter, resources) => {
        const resolved = resolveFilter(things, filter)
        return resources.every(r => matches(resolved, searchForm(things, r)) === naivelyMatches(things, filter, r))
      }
    ),
    1000
  )
})
