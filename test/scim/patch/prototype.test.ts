/** No request reaches a prototype, strict or rewritten (hardening: prototype pollution by PATCH libraries). */
import t, { type Test } from 'tap'
import { ScimError } from '../../../src/scim/errors.ts'
import { applyPatch } from '../../../src/scim/patch/apply.ts'
import { parsePatch } from '../../../src/scim/patch/parse.ts'
import { readResource } from '../../../src/scim/read.ts'
import { applyRewrites } from '../../../src/scim/rewrites/apply.ts'
import { E, message, U, users } from './support.ts'

const value = { polluted: 'yes' }

// From JSON, where `__proto__` is a member like any other.
const operations: readonly string[] = [
  ...['__proto__', '__proto__.polluted', 'constructor.prototype.polluted', 'prototype.polluted'].flatMap(path => [
    JSON.stringify({ op: 'add', path, value: 'yes' }),
    JSON.stringify({ op: 'replace', path, value }),
    JSON.stringify({ op: 'remove', path })
  ]),
  JSON.stringify({ op: 'add', path: 'name.__proto__', value }),
  JSON.stringify({ op: 'add', path: 'name.__proto__.polluted', value: 'yes' }),
  JSON.stringify({ op: 'add', path: 'name.constructor.prototype', value }),
  JSON.stringify({ op: 'add', path: `${E}:__proto__`, value }),
  JSON.stringify({ op: 'add', path: `${E}:__proto__.polluted`, value: 'yes' }),
  JSON.stringify({ op: 'add', path: `${E}.__proto__`, value }),
  JSON.stringify({ op: 'add', path: 'emails[type eq "work"].__proto__', value }),
  JSON.stringify({ op: 'add', path: 'emails[__proto__ eq "work"].value', value: 'yes' }),
  JSON.stringify({ op: 'add', path: '__proto__[type eq "work"].polluted', value: 'yes' }),
  JSON.stringify({ op: 'add', path: 'emails[constructor.prototype eq "x"].polluted', value: 'yes' }),
  '{"op":"add","value":{"__proto__":{"polluted":"yes"}}}',
  '{"op":"add","value":{"__proto__.polluted":"yes"}}',
  '{"op":"add","value":{"constructor":{"prototype":{"polluted":"yes"}}}}',
  '{"op":"add","value":{"constructor.prototype.polluted":"yes"}}',
  '{"op":"replace","value":{"title":"T","__proto__":{"polluted":"yes"},"name.__proto__":{"polluted":"yes"}}}',
  `{"op":"replace","value":{"${E}":{"__proto__":{"polluted":"yes"},"department":"d"}}}`,
  `{"op":"replace","value":{"${E}:__proto__.polluted":"yes","title":"T"}}`,
  '{"op":"add","path":"name","value":{"__proto__":{"polluted":"yes"},"givenName":"K"}}',
  '{"op":"add","path":"emails","value":[{"__proto__":{"polluted":"yes"},"value":"a@b"}]}',
  '{"op":"add","path":"emails[value eq \\"a@b\\"]","value":{"__proto__":{"polluted":"yes"},"display":"d"}}',
  '{"op":"add","path":"roles","value":[{"value":"{\\"__proto__\\":{\\"polluted\\":\\"yes\\"},\\"value\\":\\"v\\"}"}]}',
  '{"__proto__":{"op":"remove"},"path":"title"}',
  '{"op":"remove","path":"emails","value":[{"__proto__":{"value":"a@b"}}]}'
]

const start = { userName: 'a', emails: [{ value: 'a@b', type: 'work' }] }

for (const operation of operations) {
  t.test(operation, async t => {
    for (const profile of ['strict', 'generic', 'entra']) {
      const body = message(JSON.parse(operation))
      const { request } = applyRewrites(profile, { method: 'PATCH', type: users, query: {}, body })
      let after: object = start
      try {
        after = applyPatch(users, start, parsePatch(users, request.body))
      } catch (error) {
        if (!(error instanceof ScimError)) throw error
        t.equal(error.status, 400)
      }
      check(t, after)
    }
  })
}

t.test('nor does a body', async t => {
  const text = `{"schemas":["${U}"],"userName":"a","__proto__":{"polluted":"yes"},"__proto__.polluted":"yes",
    "name.__proto__":"yes","${E}:__proto__":"yes","constructor.prototype.polluted":"yes","name":{"__proto__":{"polluted":"yes"}}}`
  const { request } = applyRewrites('entra', {
    method: 'POST',
    type: users,
    query: {},
    body: JSON.parse(text)
  })
  const after = readResource(users, request.body)
  check(t, after)
  t.strictSame(after, { userName: 'a' })
})

function check(t: Test, after: object): void {
  t.equal(Reflect.get({}, 'polluted'), undefined)
  t.equal(Reflect.get(Object, 'polluted'), undefined)
  t.equal(Object.getPrototypeOf(after), Object.prototype)
  t.notMatch(JSON.stringify(after), /"polluted":|"__proto__":/)
}
