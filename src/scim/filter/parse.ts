/**
 * The text of a filter or PATCH path -> its tree (RFC 7644 3.4.2.2, 3.5.2).
 *
 * Precedence by descent: `or` of `and`s of factors. Every step takes at least one character and none is read twice but for
 * one word of look-ahead, so time grows with the length only, which is limited, like all else, in `FilterLimits`.
 */
import {
  type FilterLimits,
  filterLimits,
  type Operand,
  type ParsedComparison,
  type ParsedFilter,
  type ParsedPath
} from './parsed.ts'
import {
  expected,
  type Scanner,
  scan,
  skipBlanks,
  takeMark,
  takeName,
  takeOneOf,
  takeValue,
  tooMuch
} from './scanner.ts'

const operators: readonly (ParsedComparison | 'pr')[] = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le', 'pr']

/**
 * Reads a filter. Beyond the RFC's grammar it takes what cannot mean anything else: several blanks, `True` and `NULL`, and
 * a comparison of a chosen element's sub-attribute, `emails[type eq "work"].value eq "x"` (Entra ID, quirk 2).
 *
 * @param limits overrides single limits; see `filterLimits`.
 * @throws ScimError 400 `invalidFilter`, for every text that is no filter or is beyond the limits. Its detail says at
 *   which character what was expected. (`tooMany` is the RFC's word for too many results, not for this.)
 */
export function parseFilter(text: string, limits: Partial<FilterLimits> = {}): ParsedFilter {
  const scanner = scan(text, { ...filterLimits, ...limits }, 'invalidFilter')
  const filter = either(scanner, 'top')
  if (scanner.at < text.length) throw expected(scanner, '"and", "or" or the end')
  return filter
}

/**
 * Reads the `path` of a PATCH operation: `members`, `name.givenName`, `emails[type eq "work"].value`.
 *
 * @throws ScimError 400 `invalidPath`, also where the filter between the brackets is at fault; see `parseFilter`.
 */
export function parsePath(text: string, limits: Partial<FilterLimits> = {}): ParsedPath {
  const scanner = scan(text, { ...filterLimits, ...limits }, 'invalidPath')
  skipBlanks(scanner)
  const attr = takeName(scanner, 'an attribute name')
  const path = bracketed(scanner, attr)
  skipBlanks(scanner)
  if (scanner.at < text.length) throw expected(scanner, 'the end')
  return path
}

function bracketed(scanner: Scanner, attr: string): ParsedPath {
  if (scanner.text[scanner.at] !== '[') return { attr }
  const filter = enclosed(scanner, '[', ']', 'brackets')
  return takeMark(scanner, '.') ? { attr, filter, sub: takeName(scanner, 'a sub-attribute name') } : { attr, filter }
}

/** Where names stand: in brackets they are sub-attributes, and no further brackets may follow. */
type Place = 'top' | 'brackets'

function either(scanner: Scanner, place: Place): ParsedFilter {
  return run(scanner, 'or', () => run(scanner, 'and', () => factor(scanner, place)))
}

function run(scanner: Scanner, op: 'and' | 'or', part: () => ParsedFilter): ParsedFilter {
  const first = part()
  const parts = [first]
  while (takeOneOf(scanner, [op]) !== undefined) parts.push(part())
  return parts.length === 1 ? first : { op, parts }
}

function factor(scanner: Scanner, place: Place): ParsedFilter {
  skipBlanks(scanner)
  const filter = takeOneOf(scanner, ['not']) ? negation(scanner, place) : grouping(scanner, place)
  skipBlanks(scanner)
  return filter
}

// RFC 7644 figure 1: `not` is always followed by parentheses.
function negation(scanner: Scanner, place: Place): ParsedFilter {
  skipBlanks(scanner)
  return { op: 'not', part: enclosed(scanner, '(', ')', place) }
}

function grouping(scanner: Scanner, place: Place): ParsedFilter {
  return scanner.text[scanner.at] === '(' ? enclosed(scanner, '(', ')', place) : expression(scanner, place)
}

function enclosed(scanner: Scanner, open: string, close: string, place: Place): ParsedFilter {
  if (!takeMark(scanner, open)) throw expected(scanner, `"${open}"`)
  scanner.depth += 1
  if (scanner.depth > scanner.limits.depthMax) throw tooMuch(scanner, 'levels of brackets', scanner.limits.depthMax)
  const filter = either(scanner, place)
  if (!takeMark(scanner, close)) throw expected(scanner, `"and", "or" or "${close}"`)
  scanner.depth -= 1
  return filter
}

function expression(scanner: Scanner, place: Place): ParsedFilter {
  const attr = takeName(
    scanner,
    place === 'top' ? 'an attribute name, "not" or "("' : 'a sub-attribute name, "not" or "("'
  )
  if (place === 'brackets') return comparison(scanner, { attr })
  const { filter, sub } = bracketed(scanner, attr)
  if (filter === undefined) return comparison(scanner, { attr })
  return sub === undefined ? { op: 'element', attr, part: filter } : comparison(scanner, { attr, where: filter, sub })
}

function comparison(scanner: Scanner, on: Operand): ParsedFilter {
  scanner.comparisons += 1
  if (scanner.comparisons > scanner.limits.comparisonsMax) {
    throw tooMuch(scanner, 'comparisons', scanner.limits.comparisonsMax)
  }
  skipBlanks(scanner)
  const op = takeOneOf(scanner, operators)
  if (op === undefined) throw expected(scanner, `an operator (${operators.join(', ')})`)
  if (op === 'pr') return { op, on }
  skipBlanks(scanner)
  return { op, on, value: takeValue(scanner) }
}
