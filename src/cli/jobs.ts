/** `vitrine jobs`: the runs of synchronizations, or one of them. */
import type { Operations } from '../copy/jobs/operations.js'
import { jobsText, jobText } from './copy-text.js'
import type { Streams } from './sync.js'

export interface JobsOptions {
  readonly id?: string
  readonly json?: boolean
  readonly limit: number
}

export async function jobs(
  operations: Operations,
  { id, json = false, limit }: JobsOptions,
  { out, err }: Streams,
): Promise<number> {
  if (id === undefined) {
    const found = await operations.jobs({ limit })
    const lines = json ? found.map((job) => JSON.stringify(job)) : jobsText(found)
    out.write(lines.map((line) => `${line}\n`).join(''))
    if (found.length === 0 && !json) out.write('there was no synchronization yet\n')
    return 0
  }
  const job = await operations.job(id)
  if (job === undefined) {
    err.write(`there is no job ${id}\n`)
    return 1
  }
  out.write(json ? `${JSON.stringify(job)}\n` : `${jobText(job).join('\n')}\n`)
  return 0
}
