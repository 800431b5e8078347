/** What a new version of a schema says otherwise than the old one, and resources that were written by the old one may not obey. */
import type { AttributeDefinition, SchemaDefinition } from './types.ts'

/**
 * Sentences without a full stop, each naming the attribute; none where every resource that obeys `before` obeys `after`, finds itself
 * in the same indexes, and shows nothing that shall not be seen.
 */
export function contradictions(before: SchemaDefinition, after: SchemaDefinition): readonly string[] {
  return inTable(before.attributes, after.attributes, '')
}

function inTable(
  before: readonly AttributeDefinition[],
  after: readonly AttributeDefinition[],
  parent: string
): readonly string[] {
  const found = before.flatMap(was => {
    const label = parent + was.name
    const is = after.find(({ name }) => name === was.name)
    if (is === undefined) return [`${label} would be removed`]
    return [...inAttribute(was, is, label), ...inTable(was.subAttributes ?? [], is.subAttributes ?? [], `${label}.`)]
  })
  const added = after.filter(({ name, required }) => required && !before.some(was => was.name === name))
  return [...found, ...added.map(({ name }) => `${parent}${name} would be new and required`)]
}

/** What would be another attribute. */
const fixed = ['type', 'multiValued', 'caseExact', 'uniqueness', 'usher:index'] as const
const absent: Partial<AttributeDefinition> = { caseExact: false, uniqueness: 'none', 'usher:index': false }

function inAttribute(was: AttributeDefinition, is: AttributeDefinition, label: string): readonly string[] {
  const changed = fixed.filter(name => (was[name] ?? absent[name]) !== (is[name] ?? absent[name]))
  const said: readonly (readonly [boolean, string])[] = [
    [is.required && !was.required, 'would become required'],
    [is.returned === 'never' && was.returned !== 'never', 'would never be returned, though values of it are kept'],
    [isNarrower(was, is), 'would take fewer values'],
    [(is['usher:elementsMax'] ?? unlimited) < (was['usher:elementsMax'] ?? unlimited), 'would take fewer elements']
  ]
  return [
    ...changed.map(name => `${name} of ${label} would change`),
    ...said.flatMap(([isSo, text]) => (isSo ? [`${label} ${text}`] : []))
  ]
}

const unlimited = Number.POSITIVE_INFINITY

function isNarrower(was: AttributeDefinition, is: AttributeDefinition): boolean {
  if (is['usher:closed'] !== true) return false
  if (was['usher:closed'] !== true) return true
  return (was.canonicalValues ?? []).some(value => !is.canonicalValues?.includes(value))
}
