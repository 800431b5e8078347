import t from 'tap'
import { parseFilter, parsePath } from '../../../src/scim/filter/parse.ts'
import type { Literal, ParsedFilter } from '../../../src/scim/filter/parsed.ts'
import { refusalOf } from './refusal.ts'

const eq = (attr: string, value: Literal): ParsedFilter => ({ op: 'eq', on: { attr }, value })
const [a, b, c, d] = [eq('a', 1), eq('b', 2), eq('c', 3), eq('d', 4)]
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const work = eq('type', 'work')

t.test('every operator of RFC 7644 table 3, in any case', async t => {
  for (const op of ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const) {
    const filter = { op, on: { attr: 'userName' }, value: 'x' }
    t.strictSame(parseFilter(`userName ${op} "x"`), filter)
    t.strictSame(parseFilter(`userName ${op.toUpperCase()} "x"`), filter)
  }
  t.strictSame(parseFilter('title pr'), { op: 'pr', on: { attr: 'title' } })
  t.strictSame(parseFilter('title Pr'), { op: 'pr', on: { attr: 'title' } })
})

t.test('and binds closer than or, and parentheses closer than both', async t => {
  const rows: [string, ParsedFilter][] = [
    ['a eq 1 and b eq 2 and c eq 3', { op: 'and', parts: [a, b, c] }],
    ['a eq 1 or b eq 2 and c eq 3', { op: 'or', parts: [a, { op: 'and', parts: [b, c] }] }],
    ['a eq 1 and b eq 2 or c eq 3', { op: 'or', parts: [{ op: 'and', parts: [a, b] }, c] }],
    ['a eq 1 AND (b eq 2 Or c eq 3)', { op: 'and', parts: [a, { op: 'or', parts: [b, c] }] }],
    ['(a eq 1 and b eq 2) and c eq 3', { op: 'and', parts: [{ op: 'and', parts: [a, b] }, c] }],
    ['((a eq 1))', a],
    ['a eq 1 or b eq 2 and c eq 3 or d eq 4', { op: 'or', parts: [a, { op: 'and', parts: [b, c] }, d] }]
  ]
  for (const [text, expected] of rows) t.strictSame(parseFilter(text), expected, text)
})

t.test('not holds for what its parentheses enclose and for no more', async t => {
  const rows: [string, ParsedFilter][] = [
    ['not (a eq 1)', { op: 'not', part: a }],
    ['NOT(a eq 1)', { op: 'not', part: a }],
    ['not (a eq 1) and b eq 2', { op: 'and', parts: [{ op: 'not', part: a }, b] }],
    ['a eq 1 and not (b eq 2 or c eq 3)', { op: 'and', parts: [a, { op: 'not', part: { op: 'or', parts: [b, c] } }] }],
    ['not (not (a eq 1))', { op: 'not', part: { op: 'not', part: a } }]
  ]
  for (const [text, expected] of rows) t.strictSame(parseFilter(text), expected, text)
})

t.test('values are JSON, and its words in any case', async t => {
  const rows: [string, Literal][] = [
    ['"bjensen"', 'bjensen'],
    ['""', ''],
    ['"a\\"b\\\\c\\/d\\b\\f\\n\\r\\t"', 'a"b\\c/d\b\f\n\r\t'],
    ['"\\u00e9\\uD83D\\uDE00"', 'é😀'],
    ['"ß İ 😀 \' ) ] and"', "ß İ 😀 ' ) ] and"],
    ['true', true],
    ['False', false],
    ['NULL', null],
    ['0', 0],
    ['-12.5e+2', -1250],
    ['-0', 0],
    ['9007199254740991', 9007199254740991]
  ]
  for (const [text, value] of rows) {
    t.strictSame(parseFilter(`a eq ${text}`), eq('a', value), text)
    t.strictSame(parseFilter(`(a eq ${text})`), eq('a', value), text)
  }
})

t.test('a negative zero is a zero', async t => {
  const filter = parseFilter('a eq -0.0')
  t.ok('value' in filter && Object.is(filter.value, 0))
})

t.test('names keep their URN and sub-attribute as sent', async t => {
  for (const attr of [
    'name.familyName',
    'x-y_1',
    'urn:ietf:params:scim:schemas:core:2.0:User:userName',
    `${enterprise}:manager.displayName`,
    `${enterprise}:manager.$ref`,
    enterprise
  ]) {
    t.strictSame(parseFilter(`${attr} eq "x"`), eq(attr, 'x'), attr)
    t.strictSame(parsePath(attr), { attr }, attr)
  }
})

t.test('brackets choose elements', async t => {
  const rows: [string, ParsedFilter][] = [
    ['emails[type eq "work"]', { op: 'element', attr: 'emails', part: work }],
    ['emails[ type eq "work" ] and a eq 1', { op: 'and', parts: [{ op: 'element', attr: 'emails', part: work }, a] }],
    [
      'emails[type eq "work" and not (value co "@x" or primary pr)]',
      {
        op: 'element',
        attr: 'emails',
        part: {
          op: 'and',
          parts: [
            work,
            {
              op: 'not',
              part: {
                op: 'or',
                parts: [
                  { op: 'co', on: { attr: 'value' }, value: '@x' },
                  { op: 'pr', on: { attr: 'primary' } }
                ]
              }
            }
          ]
        }
      }
    ],
    [`${enterprise}:manager[value eq "1"]`, { op: 'element', attr: `${enterprise}:manager`, part: eq('value', '1') }]
  ]
  for (const [text, expected] of rows) t.strictSame(parseFilter(text), expected, text)
})

t.test('quirk 2: a sub-attribute of the chosen elements compares, as Entra sends it', async t => {
  const on = { attr: 'emails', where: work, sub: 'value' }
  t.strictSame(parseFilter('emails[type eq "work"].value eq "a@b.c"'), { op: 'eq', on, value: 'a@b.c' })
  t.strictSame(parseFilter('not (emails[type eq "work"].value pr)'), { op: 'not', part: { op: 'pr', on } })
})

t.test('quirk 1: blanks in any number, and none where nothing can be mistaken', async t => {
  t.strictSame(parseFilter('  a   eq\t1  and  ( b eq 2 )  '), { op: 'and', parts: [a, b] })
  t.strictSame(parseFilter('(a eq 1)and(b eq 2)'), { op: 'and', parts: [a, b] })
})

t.test('quirk 5: a bare token is a text only where the profile says so', async t => {
  const bareTokens = true
  const rows: [string, ParsedFilter][] = [
    ['a eq jyoung', eq('a', 'jyoung')],
    ['a eq 6f1a-99', eq('a', '6f1a-99')],
    ['a eq 007', eq('a', '007')],
    ['a eq 1e999', eq('a', '1e999')],
    ['a eq 1', a],
    ['a eq true', eq('a', true)],
    ['(a eq j@y.z)', eq('a', 'j@y.z')],
    [
      'emails[type eq work].value eq j@y.z',
      { op: 'eq', on: { attr: 'emails', where: work, sub: 'value' }, value: 'j@y.z' }
    ]
  ]
  for (const [text, expected] of rows) t.strictSame(parseFilter(text, { bareTokens }), expected, text)
  t.match(
    refusalOf(() => parseFilter('a eq jyoung')),
    { scimType: 'invalidFilter' }
  )
  t.match(
    refusalOf(() => parseFilter('a eq ', { bareTokens })),
    { scimType: 'invalidFilter' }
  )
})

t.test('paths of PATCH operations', async t => {
  t.strictSame(parsePath('members'), { attr: 'members' })
  t.strictSame(parsePath(' name.givenName '), { attr: 'name.givenName' })
  t.strictSame(parsePath('emails[type eq "work"]'), { attr: 'emails', filter: work })
  t.strictSame(parsePath('emails[type eq "work"].value'), { attr: 'emails', filter: work, sub: 'value' })
  t.strictSame(parsePath(`${enterprise}:manager`), { attr: `${enterprise}:manager` })
})

t.test('a text that is no filter is invalidFilter, and the detail says where and what was expected', async t => {
  const rows: [string, string][] = [
    ['', 'an attribute name, "not" or "(" at character 1, found the end'],
    ['   ', 'an attribute name, "not" or "(" at character 4, found the end'],
    ['userName', 'an operator (eq, ne, co, sw, ew, gt, ge, lt, le, pr) at character 9, found the end'],
    ['userName is "x"', 'an operator (eq, ne, co, sw, ew, gt, ge, lt, le, pr) at character 10, found "is"'],
    ['userName eq', 'at character 12, found the end'],
    ['userName eq x', 'a value (a text in double quotes, a number, true, false or null) at character 13, found "x"'],
    ["userName eq 'x'", 'at character 13, found "\'x\'"'],
    ['userName eq 01', 'at character 13, found "01"'],
    ['userName eq 1e999', 'at character 13, found "1e999"'],
    ['userName eq +1', 'at character 13'],
    ['userName eq "x', 'a closing double quote at character 15, found the end'],
    ['userName eq "x\\"', 'a closing double quote'],
    ['userName eq "\\x"', 'a text as JSON writes it'],
    ['userName eq "a\nb"', 'a text as JSON writes it'],
    ['userName eq "\\ud800"', 'a text of valid characters at character 13'],
    ['userName eq "\ud800"', 'a text of valid characters at character 13'],
    ['userName eq "a\\u0000"', 'a text of valid characters at character 13'],
    ['userName eq "x" y', '"and", "or" or the end at character 17, found "y"'],
    ['userName eq "x")', '"and", "or" or the end at character 16, found ")"'],
    ['userName pr "x"', '"and", "or" or the end at character 13'],
    ['(userName pr', '"and", "or" or ")" at character 13, found the end'],
    ['(userName pr]', '"and", "or" or ")" at character 13, found "]"'],
    ['()', 'at character 2, found ")"'],
    ['userName pr and', 'at character 16, found the end'],
    ['and userName pr', 'an attribute name, "not" or "(" at character 1, found "and"'],
    ['userName pr or or title pr', 'at character 16, found "or"'],
    ['not userName pr', '"(" at character 5, found "userName"'],
    ['not not (a pr)', '"(" at character 5, found "not"'],
    ['a. eq 1', 'at character 1, found "a."'],
    ['a..b eq 1', 'at character 1, found "a..b"'],
    ['.a eq 1', 'at character 1'],
    ['1a eq 1', 'at character 1'],
    ['näme eq 1', 'an operator'],
    ['emails[', 'a sub-attribute name, "not" or "(" at character 8, found the end'],
    ['emails[]', 'a sub-attribute name, "not" or "(" at character 8, found "]"'],
    ['emails[type eq "work"', '"and", "or" or "]" at character 22'],
    ['emails[type[a eq 1]]', 'an operator'],
    ['emails[type eq "work"].', 'a sub-attribute name at character 24, found the end'],
    ['emails[type eq "work"].value', 'an operator'],
    ['emails[type eq "work"] eq "x"', '"and", "or" or the end at character 24'],
    ['emails [type eq "work"]', 'an operator'],
    ['__proto__ pr', 'an attribute name, "not" or "(" that may be used at character 1'],
    ['a.__PROTO__.b pr', 'that may be used at character 1'],
    ['constructor.name eq "x"', 'that may be used at character 1'],
    ['emails[prototype pr]', 'that may be used at character 8'],
    ['emails[type pr].constructor pr', 'that may be used at character 17'],
    ['\u0000', 'at character 1, found "\\u0000"']
  ]
  for (const [text, detail] of rows) {
    const error = refusalOf(() => parseFilter(text))
    t.match(error, { status: 400, scimType: 'invalidFilter' }, JSON.stringify(text))
    t.ok(error.message.includes(detail), `${JSON.stringify(text)}: ${error.message}`)
  }
})

t.test('a text that is no path is invalidPath', async t => {
  for (const text of [
    '',
    '.',
    'a.',
    'a b',
    'emails[',
    'emails[type eq "work"',
    'emails[type eq "work"]x',
    'emails[type eq "work"].',
    'emails[type eq "work"].value eq "x"',
    'emails[type]',
    '__proto__',
    'a.constructor',
    'emails[type pr].__proto__',
    'emails[value eq {"$ne":null}]'
  ]) {
    t.match(
      refusalOf(() => parsePath(text)),
      { status: 400, scimType: 'invalidPath' },
      text
    )
  }
})
