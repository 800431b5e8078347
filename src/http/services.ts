import type { Authenticator } from '../admin/authenticate.ts'
import type { Env } from '../audit/context.ts'
import type { Config } from '../config.ts'
import type { SeatWatch } from '../licensing/watch.ts'
import type { ProvisioningLog } from '../provisioning/log.ts'

/** What routes are given: made once in app.ts. */
export interface Services {
  readonly env: Env
  readonly config: Config
  readonly seatWatch: SeatWatch
  readonly authenticator: Authenticator
  readonly provisioningLog: ProvisioningLog
}
