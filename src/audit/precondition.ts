/** What a client says of the thing that it wants to change. */
import { stale } from '../base/domain-error.ts'

/** `V`: what the entity tags of the thing are made of. */
export interface Precondition<V = number> {
  /** Whether a version is one of those that the client expects (`If-Match`). Absent: any. */
  readonly expects?: ((version: V) => boolean) | undefined
}

/** To be asked in each attempt, of what it has read. @throws Refusal `precondition_failed` */
export function demand<V>({ expects }: Precondition<V>, version: V): void {
  if (expects !== undefined && !expects(version)) throw stale()
}
