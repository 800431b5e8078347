/** The values by which a document stands in the unique indexes of its collection. */
import { valuesAt } from '../../scim/filter/evaluate.ts'
import type { Path, Scalar, SearchForm, SearchValue } from '../../scim/filter/filter.ts'
import type { AnyCollection } from '../port.ts'

export interface UniqueKey {
  readonly index: string
  readonly values: readonly { readonly path: Path; readonly value: Scalar }[]
  /** Two keys are the same when their texts are. */
  readonly text: string
}

export function uniqueKeysOf(collection: AnyCollection, form: () => SearchForm): readonly UniqueKey[] {
  return collection.indexes.flatMap(({ name, paths, unique }) => {
    if (unique !== true) return []
    const values = paths.map(path => valuesAt(path, form()).filter(isScalar).map(wellFormed))
    const [only] = values
    // Over an array each value stands for itself.
    if (paths.length === 1 && only !== undefined) return [...new Set(only)].map(value => keyOf(name, paths, [value]))
    const firsts = values.flatMap(found => found.slice(0, 1))
    return firsts.length < paths.length ? [] : [keyOf(name, paths, firsts)]
  })
}

function keyOf(index: string, paths: readonly Path[], values: readonly Scalar[]): UniqueKey {
  const pairs = values.flatMap((value, i) => {
    const path = paths[i]
    return path === undefined ? [] : [{ path, value }]
  })
  return { index, values: pairs, text: JSON.stringify([index, ...values]) }
}

const isScalar = (value: SearchValue): value is Scalar => typeof value !== 'object'

const wellFormed = (value: Scalar): Scalar => (typeof value === 'string' ? value.toWellFormed() : value)
