/** Loaded in front of a server that is measured: tells its parent what the process uses. The server knows nothing of it. */
import { monitorEventLoopDelay } from 'node:perf_hooks'

export interface Reading {
  /** CPU time of all threads since the last reading, in microseconds. */
  readonly cpuMicros: number
  readonly rssBytes: number
  /** The longest that the event loop was held since the last reading, in ms. */
  readonly loopMsMax: number
}

const resolutionMs = 1
const delay = monitorEventLoopDelay({ resolution: resolutionMs })
delay.enable()
let before = process.cpuUsage()

process.on('message', message => {
  if (message !== 'read') return
  const { user, system } = process.cpuUsage(before)
  before = process.cpuUsage()
  const loopMsMax = Math.max(0, delay.max / 1e6 - resolutionMs)
  delay.reset()
  const reading: Reading = { cpuMicros: user + system, rssBytes: process.memoryUsage.rss(), loopMsMax }
  process.send?.(reading)
})
// It may stop when it is told to, whether or not the parent still listens; without a parent it has no reason to run.
process.channel?.unref()
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
