import t from 'tap'
import { parseFilter, parsePath } from '../../../src/scim/filter/parse.ts'
import { printFilter, printPath } from '../../../src/scim/filter/print.ts'

const rows: [string, string, string][] = [
  ['one blank, lower-case words', '  userName   EQ  "x"  ', 'userName eq "x"'],
  ['no needless parentheses', '((a eq 1) AND (b pr)) OR ((c eq NULL))', 'a eq 1 and b pr or c eq null'],
  ['parentheses that matter', 'a pr and (b pr or c pr)', 'a pr and (b pr or c pr)'],
  ['and those that grouped', 'a pr and (b pr and c pr)', 'a pr and (b pr and c pr)'],
  ['not', 'NOT(a pr)', 'not (a pr)'],
  ['brackets', 'emails[ type eq "work" and not (value pr) ]', 'emails[type eq "work" and not (value pr)]'],
  ['a chosen element', 'emails[type EQ "work"].value  PR', 'emails[type eq "work"].value pr'],
  ['escapes that JSON needs', 'a eq "\\u0041\\"\\\\\\n"', 'a eq "A\\"\\\\\\n"'],
  ['the shortest number', 'a eq 1.50E1', 'a eq 15']
]
for (const [name, text, expected] of rows) {
  t.test(`printed: ${name}`, async t => t.equal(printFilter(parseFilter(text)), expected))
}

t.test('paths print as they were', async t => {
  for (const path of ['members', 'members[value eq "1"]', 'emails[type eq "work" or primary eq true].value']) {
    t.equal(printPath(parsePath(path)), path)
  }
})
