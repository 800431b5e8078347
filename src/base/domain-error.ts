import type { JsonObject } from './json.ts'

/**
 * The domain says no. `code` is part of the public API (spec: Codes); which HTTP status it becomes is decided in
 * `http/problem.ts` alone. The message is one sentence for the client: what was wrong and what to do.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: string
  /** Members that the answer carries beside `detail`. */
  readonly extra: JsonObject

  constructor(code: string, message: string, extra: JsonObject = {}) {
    super(message)
    this.code = code
    this.extra = extra
  }
}

export const notFound = (what: string) => new Refusal('not_found', `There is no ${what} of this id.`)

export const stale = () =>
  new Refusal('precondition_failed', 'Someone changed this in the meantime. Read it again and repeat the change.')
