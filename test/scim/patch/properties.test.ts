import fc from 'fast-check'
import t from 'tap'
import type { JsonObject } from '../../../src/base/json.ts'
import { ScimError } from '../../../src/scim/errors.ts'
import { applyPatch } from '../../../src/scim/patch/apply.ts'
import { splitMemberOperations } from '../../../src/scim/patch/members.ts'
import { parsePatch } from '../../../src/scim/patch/parse.ts'
import { readResource } from '../../../src/scim/read.ts'
import { groupType } from '../../../src/scim/schemas.ts'
import { patchBody, patchOperation } from '../../support/arbitrary-patch.ts'
import { message, users } from './support.ts'

/** The result, or the resource as it was where the request is refused. Anything but a ScimError is thrown on. */
function attempt(before: JsonObject, body: unknown): { readonly after: JsonObject; readonly accepted: boolean } {
  try {
    return { after: applyPatch(users, before, parsePatch(users, body)), accepted: true }
  } catch (error) {
    if (error instanceof ScimError && error.status === 400 && error.scimType !== undefined)
      return { after: before, accepted: false }
    throw error
  }
}

const prototype = Object.getOwnPropertyNames(Object.prototype).sort().join()

t.test('a user stays valid through any sequence of PATCH requests', async t => {
  let accepted = 0
  let changed = 0
  fc.assert(
    fc.property(fc.array(patchBody(), { maxLength: 8 }), bodies => {
      let user: JsonObject = { userName: 'a' }
      for (const body of bodies) {
        const [resource, request] = [structuredClone(user), structuredClone(body)]
        const attempted = attempt(user, body)
        if (JSON.stringify([user, body]) !== JSON.stringify([resource, request])) return false
        // Reading the result again must give the same: nothing in it is unknown, readOnly, empty or of another type.
        if (JSON.stringify(sorted(readResource(users, attempted.after))) !== JSON.stringify(sorted(attempted.after)))
          return false
        if (attempted.accepted) accepted += 1
        if (attempted.after !== user) changed += 1
        user = attempted.after
      }
      return Object.getOwnPropertyNames(Object.prototype).sort().join() === prototype
    }),
    { numRuns: 400 }
  )
  t.ok(accepted > 100 && changed > 50, `the sequences do something: ${accepted} accepted, ${changed} changes`)
})

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .map(([key, member]) => [key, sorted(member)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

t.test('an operation sent twice in a row leaves what it left the first time', async t => {
  fc.assert(
    fc.property(patchBody(), patchOperation, (start, operation) => {
      const { after: before } = attempt({ userName: 'a' }, start)
      const once = attempt(before, message(operation))
      const again = attempt(once.after, message(operation))
      // A replace may turn what its filter chose into something else: then it finds nothing, and nothing happens.
      return !again.accepted || JSON.stringify(sorted(again.after)) === JSON.stringify(sorted(once.after))
    }),
    { numRuns: 400 }
  )
  t.pass()
})

t.test('operations of one request do what they do in a request each', async t => {
  fc.assert(
    fc.property(fc.array(patchOperation, { minLength: 1, maxLength: 4 }), operations => {
      const together = attempt({ userName: 'a' }, message(...operations))
      let user: JsonObject = { userName: 'a' }
      for (const operation of operations) {
        const single = attempt(user, message(operation))
        if (!single.accepted) return !together.accepted
        user = single.after
      }
      return together.accepted && JSON.stringify(together.after) === JSON.stringify(user)
    }),
    { numRuns: 400 }
  )
  t.pass()
})

t.test('no body at all makes anything but a ScimError', async t => {
  const names = fc.constantFrom('op', 'path', 'value', 'Operations', 'schemas', '__proto__', 'constructor')
  const operation = fc.dictionary(
    names,
    fc.oneof(fc.jsonValue(), fc.constantFrom('add', 'replace', 'remove', 'members', 'emails'))
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.jsonValue(),
        fc.array(operation, { maxLength: 3 }).map(ops => message(...ops))
      ),
      body => {
        attempt({ userName: 'a' }, body)
        try {
          splitMemberOperations(groupType, parsePatch(groupType, body))
        } catch (error) {
          if (!(error instanceof ScimError)) throw error
        }
        return true
      }
    ),
    { numRuns: 1000 }
  )
  t.pass()
})
