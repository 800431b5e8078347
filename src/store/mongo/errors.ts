/** What an error of the driver or of MongoDB means for us. */
import {
  MongoClientClosedError,
  MongoExpiredSessionError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoServerClosedError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
  MongoWriteConcernError
} from 'mongodb'

/**
 * Codes of a server that is not primary any more, shuts down, or cannot write in time. The names are MongoDB's:
 * HostUnreachable, HostNotFound, WriteConcernFailed, NetworkTimeout, ShutdownInProgress, NoSuchTransaction (it went with its
 * primary), FailedToSatisfyReadPreference, PrimarySteppedDown, NetworkInterfaceExceededTimeLimit,
 * ReadConcernMajorityNotAvailableYet, ExceededTimeLimit, SocketException, NotWritablePrimary, InterruptedAtShutdown,
 * InterruptedDueToReplStateChange, NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary, OutOfDiskSpace.
 */
const unreachableCodes: ReadonlySet<unknown> = new Set([
  6, 7, 64, 89, 91, 251, 133, 189, 202, 134, 262, 9001, 10107, 11600, 11602, 13435, 13436, 14031
])

/** An earlier try may still be under way, so that this one says nothing. */
export class Unsettled extends Error {
  override readonly name = 'Unsettled'
}

const unreachableErrors = [
  Unsettled,
  MongoNetworkError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
  MongoServerClosedError,
  MongoClientClosedError,
  MongoExpiredSessionError,
  MongoNotConnectedError
]

const duplicateKeyCode = 11000
const maxTimeExpiredCode = 50
const writeConflictCode = 112

/** Classes that the driver does not export, and what a socket says itself: the driver lets some of that through as it is. */
const unreachableNames: ReadonlySet<string> = new Set(['MongoPoolClosedError', 'MongoWaitQueueTimeoutError'])
const socketCodes: ReadonlySet<unknown> = new Set([
  ...['EPIPE', 'ECONNRESET', 'ECONNREFUSED', 'ECONNABORTED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND'],
  ...['EAI_AGAIN', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END', 'ERR_SOCKET_CLOSED']
])

/** Nothing is known: the server did not answer, or is not the one that decides. The same may be asked again. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof MongoWriteConcernError) return true
  if (error instanceof MongoServerError) {
    return unreachableCodes.has(error.code) || error.hasErrorLabel('UnknownTransactionCommitResult')
  }
  if (unreachableErrors.some(kind => error instanceof kind)) return true
  return (
    error instanceof Error && (unreachableNames.has(error.name) || ('code' in error && socketCodes.has(error.code)))
  )
}

/** The server ended the transaction, which wrote nothing, because another one writes the same. */
export function isBusy(error: unknown): boolean {
  if (!(error instanceof MongoServerError) || isUnreachable(error)) return false
  return error.code === writeConflictCode || error.hasErrorLabel('TransientTransactionError')
}

export function isTooCostly(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === maxTimeExpiredCode
}

/** The index whose value is taken; `undefined` for another kind of error. */
export function duplicateIn(error: {
  readonly code?: unknown
  readonly errmsg?: string | undefined
}): string | undefined {
  if (error.code !== duplicateKeyCode) return undefined
  return /^E11000 duplicate key error collection: \S+ index: (\w+) dup key/.exec(error.errmsg ?? '')?.[1] ?? ''
}
