import { ScimError } from '../errors.ts'
import { parseFilter } from '../filter/parse.ts'
import type { FilterLimits } from '../filter/parsed.ts'
import { printFilter } from '../filter/print.ts'
import type { Rewrite } from './rewrite.ts'

/** `filter=externalId eq jyoung`: a value without its quotes (a sample in Entra ID's documentation, quirk 5). */
export const bareFilterToken: Rewrite = {
  name: 'bare-filter-token',
  rewrite: request => {
    const { filter } = request.query
    if (typeof filter !== 'string' || reads(filter)) return undefined
    const quoted = printed(filter)
    return quoted === undefined ? undefined : { ...request, query: { ...request.query, filter: quoted } }
  }
}

function reads(filter: string): boolean {
  return printed(filter, { bareTokens: false }) !== undefined
}

function printed(filter: string, limits: Partial<FilterLimits> = { bareTokens: true }): string | undefined {
  try {
    return printFilter(parseFilter(filter, limits))
  } catch (error) {
    if (error instanceof ScimError) return undefined
    throw error
  }
}
