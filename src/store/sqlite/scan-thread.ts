/** The thread that looks through many documents, so that no request waits for it but the one that asked. */
import { parentPort, workerData } from 'node:worker_threads'
import { connectToRead } from './connection.ts'
import { outageOf } from './errors.ts'
import { runPage } from './run-page.ts'
import type { ScanAnswer, ScanData, ScanJob } from './scans.ts'

const { file, ms } = workerData as ScanData
const tooLong = new Error('the scan took too long')
let until = 0
let looked = 0
const connection = connectToRead(file, () => {
  // Not every time: a look at the clock costs as much as a small filter.
  if (++looked % 64 === 0 && performance.now() > until) throw tooLong
})

parentPort?.on('message', (job: ScanJob | 'close') => {
  if (job === 'close') {
    connection.close()
    parentPort?.close()
    return
  }
  parentPort?.postMessage(answer(job))
})

function answer(job: ScanJob): ScanAnswer {
  until = performance.now() + ms
  try {
    if ('page' in job) return { seq: job.seq, rows: runPage(connection, job.page), n: 0 }
    const row = connection.get(job.count.text, job.count.params)
    return { seq: job.seq, rows: [], n: Number(row?.n) }
  } catch (error) {
    return { seq: job.seq, failed: error, outage: outageOf(error), tooLong: error === tooLong }
  }
}
