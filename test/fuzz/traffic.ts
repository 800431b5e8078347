/** What providers send: the requests of `test/idp`. Names of resources in them become ids of ours. */
import fc from 'fast-check'
import { allCases } from '../idp/cases.ts'
import { mutated } from './edits.ts'
import { idAfter, query } from './urls.ts'
import { encoded, id } from './words.ts'

const sent = allCases()
  .flatMap(({ steps }) => steps)
  .flatMap(({ request, body }) => (request === undefined ? [] : [{ request, body: textOf(body) }]))

function textOf(body: unknown): string | undefined {
  return typeof body === 'string' ? body : JSON.stringify(body)
}

const filled = (all: string, one: string) => all.replaceAll(/\{\{\w+\}\}/g, () => one)

/** A request of a provider, with other ids, mostly with something in its body changed. */
export const traffic = fc.constantFrom(...sent).chain(({ request, body }) => {
  const [method = 'GET', path = ''] = request.split(/ (.*)/s)
  const there = idAfter(path.split('/')[1] ?? '')
  return fc.record({
    method: fc.constant(method),
    url: fc.tuple(there, query).map(([one, asked]) => {
      return `/scim/v2${filled(path, encoded(one))}${path.includes('?') ? asked.replace('?', '&') : asked}`
    }),
    payload:
      body === undefined
        ? fc.constant(undefined)
        : mutated(id.map(one => filled(body, JSON.stringify(one).slice(1, -1))))
  })
})
