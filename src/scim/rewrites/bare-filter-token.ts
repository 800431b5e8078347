import { ScimError } from '../errors.ts'
import { parseFilter } from '../filter/parse.ts'
import type { FilterLimits, ParsedFilter } from '../filter/parsed.ts'
import { printFilter } from '../filter/print.ts'
import type { Rewrite } from './rewrite.ts'

/** `filter=externalId eq jyoung`: a value without its quotes (a sample in Entra ID's documentation, quirk 5). */
export const bareFilterToken: Rewrite = {
  name: 'bare-filter-token',
  rewrite: request => {
    const { query, limits = {} } = request
    const { filter } = query
    if (typeof filter !== 'string' || parsed(filter, limits) !== undefined) return undefined
    const bare = parsed(filter, { ...limits, bareTokens: true })
    return bare === undefined ? undefined : { ...request, query: { ...query, filter: printFilter(bare) } }
  }
}

function parsed(filter: string, limits: Partial<FilterLimits>): ParsedFilter | undefined {
  try {
    return parseFilter(filter, limits)
  } catch (error) {
    if (error instanceof ScimError) return undefined
    throw error
  }
}
