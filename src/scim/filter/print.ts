/** The tree back to text: `parseFilter(printFilter(f))` equals `f` for everything that `parseFilter` makes. */
import type { Operand, ParsedFilter, ParsedPath } from './parsed.ts'

/** The shortest text that reads as this tree: one blank each, lower-case words, parentheses only where they matter. */
export function printFilter(filter: ParsedFilter): string {
  switch (filter.op) {
    case 'and':
    case 'or':
      return filter.parts.map(p => printPart(p, filter.op)).join(` ${filter.op} `)
    case 'not':
      return `not (${printFilter(filter.part)})`
    case 'element':
      return `${filter.attr}[${printFilter(filter.part)}]`
    case 'pr':
      return `${printOperand(filter.on)} pr`
    default:
      return `${printOperand(filter.on)} ${filter.op} ${JSON.stringify(filter.value)}`
  }
}

export function printPath({ attr, filter, sub }: ParsedPath): string {
  if (filter === undefined) return attr
  return sub === undefined ? `${attr}[${printFilter(filter)}]` : `${attr}[${printFilter(filter)}].${sub}`
}

// `and` binds closer than `or`: only an `and` within an `or` stands without parentheses.
function printPart(part: ParsedFilter, within: 'and' | 'or'): string {
  const bare = part.op !== 'or' && (part.op !== 'and' || within === 'or')
  return bare ? printFilter(part) : `(${printFilter(part)})`
}

function printOperand({ attr, where, sub }: Operand): string {
  return where === undefined ? attr : `${attr}[${printFilter(where)}].${sub}`
}
