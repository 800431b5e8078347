import t from 'tap'
import { importsOf, targetOf } from '../scripts/imports.ts'
import { sourcesIn, violations } from '../scripts/layers.ts'

const messages = (files: Record<string, string>) =>
  violations(new Map(Object.entries(files))).map(({ file, line, message }) => `${file}:${line}: ${message}`)

t.test('imports are read in all their forms, with their lines', async t => {
  const text = `// import a from './comment.ts'
import a from './a.ts'
import {
  b,
  type B
} from "./b.ts"
import type { C } from './c.ts'
export * from './d.ts'
export type { E } from './e.ts'
import './f.ts'
const url = 'https://example.org/' // not a comment: the import behind it counts
const g = await import('./g.ts')
const h = new Worker(new URL('./h.ts', import.meta.url))
const text = \`
import i from './i.ts'
\`
export const from = 1
`
  t.same(
    importsOf(text).map(({ from, line, kind }) => `${line} ${from} ${kind}`),
    [
      '2 ./a.ts code',
      '6 ./b.ts code',
      '7 ./c.ts type',
      '8 ./d.ts code',
      '9 ./e.ts type',
      '10 ./f.ts code',
      '12 ./g.ts code',
      '13 ./h.ts thread'
    ]
  )
  t.equal(targetOf('src/http/routes/scim.ts', '../../scim/list.ts'), 'src/scim/list.ts')
  t.equal(targetOf('src/http/routes/scim.ts', 'fastify'), undefined)
})

const refused: Array<[string, Record<string, string>, string]> = [
  [
    'a domain folder knows no web server',
    { 'src/directory/users.ts': "\nimport type { FastifyRequest } from 'fastify'" },
    'src/directory/users.ts:2: directory may not import fastify'
  ],
  [
    'a domain folder knows no driver',
    { 'src/licensing/seats.ts': "import { MongoClient } from 'mongodb'" },
    'src/licensing/seats.ts:1: licensing may not import mongodb'
  ],
  [
    'a domain folder knows no embedded engine',
    { 'src/audit/events.ts': "import { DatabaseSync } from 'node:sqlite'" },
    'src/audit/events.ts:1: audit may not import node:sqlite'
  ],
  [
    'a domain folder names no adapter',
    { 'src/admin/keys.ts': "import { openSqlite } from '../store/sqlite/open.ts'" },
    'src/admin/keys.ts:1: admin may not import src/store/sqlite/open.ts'
  ],
  [
    'the application names no adapter either',
    { 'src/app.ts': "import { openMongo } from './store/mongo/open.ts'" },
    'src/app.ts:1: app.ts may not import src/store/mongo/open.ts'
  ],
  [
    'scim imports nothing of the house but base',
    { 'src/scim/list.ts': "import type { Store } from '../store/port.ts'" },
    'src/scim/list.ts:1: scim may not import src/store/port.ts'
  ],
  [
    'the port knows the filter and no other part of scim',
    { 'src/store/port.ts': "import type { Schema } from '../scim/schema/types.ts'" },
    'src/store/port.ts:1: store/port.ts may not import src/scim/schema/types.ts'
  ],
  [
    'one adapter does not lean on the other',
    { 'src/store/mongo/open.ts': "import { sql } from '../sqlite/sql.ts'" },
    'src/store/mongo/open.ts:1: store/mongo may not import src/store/sqlite/sql.ts'
  ],
  [
    'base stands below all',
    { 'src/base/ids.ts': "export * from '../scim/errors.ts'" },
    'src/base/ids.ts:1: base may not import src/scim/errors.ts'
  ],
  [
    'a folder without a row in the table is not overlooked',
    { 'src/extras/thing.ts': '' },
    'src/extras/thing.ts:1: stands in no room of the house: give its folder a row in scripts/layers.ts'
  ],
  [
    'a cycle is found at the import that closes it',
    {
      'src/base/a.ts': "import { b } from './b.ts'",
      'src/base/b.ts': "import { c } from './c.ts'",
      'src/base/c.ts': "import { a } from './a.ts'"
    },
    'src/base/c.ts:1: closes a cycle: src/base/a.ts -> src/base/b.ts -> src/base/c.ts -> src/base/a.ts'
  ]
]
for (const [name, files, expected] of refused) {
  t.test(name, async t => t.same(messages(files), [expected]))
}

t.test('what the table allows is allowed', async t => {
  t.same(
    messages({
      'src/main.ts': "import { openSqlite } from './store/sqlite/open.ts'",
      'src/store/sqlite/open.ts': "import { DatabaseSync } from 'node:sqlite'\nimport type { Store } from '../port.ts'",
      'src/store/port.ts': "import type { Filter } from '../scim/filter/filter.ts'",
      'src/http/routes/scim.ts': "import type { FastifyInstance } from 'fastify'\nimport '../../directory/users.ts'",
      'src/access/tree.ts': "import tree from '../../schemas/permission-tree.json' with { type: 'json' }",
      // Types know each other in both directions; nothing is loaded twice for it.
      'src/base/a.ts': "import type { B } from './b.ts'",
      'src/base/b.ts': "import { a } from './a.ts'"
    }),
    []
  )
})

t.test('this tree keeps the rule', async t => {
  const sources = await sourcesIn('src')
  t.ok(sources.size > 10, 'the sources were found')
  t.same(violations(sources), [])
})
