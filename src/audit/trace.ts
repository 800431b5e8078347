/** What one request came to, for whoever explains it afterwards. It is filled while the request is served, and decides nothing. */
import type { Change, Doc } from '../store/port.ts'

/** The one document that an operation is about, as it was and as it is: no `before` is a new one, no `after` a removed one. */
export interface Subject {
  /** As SCIM calls it: `User`, `Group`. */
  readonly type: string
  readonly before?: Doc | undefined
  readonly after?: Doc | undefined
}

/** What an attempt that won has written; without changes, what was so already. */
export interface Done {
  readonly changes: readonly Change[]
  readonly subject?: Subject | undefined
}

export interface Trace {
  /** In the order in which they were committed. */
  readonly done: Done[]
}
