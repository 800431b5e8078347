import { ScimError } from '../../../src/scim/errors.ts'

/** The ScimError that `run` ends with; anything else it ends with fails the test. */
export function refusalOf(run: () => unknown): ScimError {
  try {
    run()
  } catch (error) {
    if (error instanceof ScimError) return error
    throw error
  }
  throw new Error('nothing was refused')
}
