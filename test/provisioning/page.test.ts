import { readFileSync } from 'node:fs'
import t from 'tap'
import { describeConfig, readConfig } from '../../src/config.ts'
import { operations, outcomes, provisioningLog } from '../../src/provisioning/entry.ts'
import { gapOf } from '../../src/provisioning/gap.ts'

const page = readFileSync(new URL('../../docs/provisioning-log.md', import.meta.url), 'utf8')

t.test('the page names every setting, operation and outcome there is, and no other setting', async t => {
  const own = /^USHER_PROVISIONING_LOG\w*/
  const settings = describeConfig(readConfig({}))
    .split('\n')
    .flatMap(line => own.exec(line) ?? [])
  t.ok(settings.length > 4)
  t.strictSame(new Set(page.match(/USHER_PROVISIONING_LOG\w*/g)), new Set(settings))
  for (const word of [...operations, ...outcomes]) t.match(page, `\`${word}\``)
})

t.test('the page names every filter', async t => {
  const env = { makeId: () => 'x', clock: { now: () => 0 } }
  const entry = {
    ...gapOf(env, 1),
    bulk: 'b',
    rewrites: ['r'],
    resource: { type: 'User', id: 'i', name: 'n', externalId: 'e' },
    error: { code: 'c', scimType: 's', attribute: 'a', detail: '' }
  }
  for (const [name, value] of Object.entries(provisioningLog.search(entry))) {
    const nested =
      typeof value === 'object' && !Array.isArray(value) ? Object.keys(value).map(sub => `${name}.${sub}`) : [name]
    for (const path of nested) t.ok(path === 'id' || path === 'subjects' || page.includes(`\`${path}\``), path)
  }
})
