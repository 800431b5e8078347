/** Filters of which a part is known beforehand. */
import fc from 'fast-check'
import t from 'tap'
import { matches } from '../../../src/scim/filter/evaluate.ts'
import type { Filter } from '../../../src/scim/filter/filter.ts'
import { parseFilter } from '../../../src/scim/filter/parse.ts'
import { resolveFilter } from '../../../src/scim/filter/resolve.ts'
import { isEverything, isNothing, settle } from '../../../src/scim/filter/settle.ts'
import { userType } from '../../../src/scim/schemas.ts'
import { searchForm } from '../../../src/scim/search-form.ts'
import { arbitraryFilter, arbitraryUserResource } from '../../support/arbitrary-filter.ts'

const users = userType({ licenseFromIdp: false })
const common = { meta: { resourceType: 'User' } }
const settled = (text: string) => settle(resolveFilter(users, parseFilter(text)), common)

const decided: readonly (readonly [string, 'everything' | 'nothing' | string])[] = [
  ['meta.resourceType eq "User"', 'everything'],
  ['meta.resourceType ne "User"', 'nothing'],
  ['meta.resourceType sw "us"', 'nothing'],
  ['meta.resourceType pr', 'everything'],
  ['not (meta.resourceType eq "Group")', 'everything'],
  ['meta.resourceType eq "Group" and title pr', 'nothing'],
  ['meta.resourceType eq "User" and title pr', 'title pr'],
  ['title pr or meta.resourceType eq "User"', 'everything'],
  ['title pr or meta.resourceType eq "Group"', 'title pr'],
  ['meta[resourceType eq "User"]', 'everything'],
  ['meta pr', 'meta pr'],
  ['not (title pr and meta.resourceType eq "User")', 'not (title pr)'],
  ['(title pr or nickName pr) and meta.resourceType eq "User"', 'title pr or nickName pr']
]
for (const [text, expected] of decided) {
  t.test(`${text}: ${expected}`, async t => {
    const filter = settled(text)
    if (expected === 'everything') t.ok(isEverything(filter))
    else if (expected === 'nothing') t.ok(isNothing(filter))
    else t.strictSame(filter, resolveFilter(users, parseFilter(expected)))
  })
}

t.test('what is settled holds for whom it held before', async t => {
  const condition = fc.constantFrom(
    ...['meta.resourceType eq "User"', 'meta.resourceType ne "User"', 'meta.resourceType gt "A"', 'meta pr']
  )
  const filter: fc.Arbitrary<Filter> = fc
    .tuple(
      arbitraryFilter(users),
      condition.map(text => parseFilter(text)),
      fc.constantFrom('and', 'or'),
      fc.boolean()
    )
    .map(([one, other, op, negated]) => {
      const both = { op, parts: [one, other] } as const
      return resolveFilter(users, negated ? { op: 'not', part: both } : both)
    })
  fc.assert(
    fc.property(filter, arbitraryUserResource(), (filter, resource) => {
      const form = { ...searchForm(users, resource), ...common }
      return matches(settle(filter, common), form) === matches(filter, form)
    }),
    { numRuns: 2000, verbose: 1 }
  )
  t.pass()
})
