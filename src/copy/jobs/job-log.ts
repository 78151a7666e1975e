/** Jobs as the store keeps them: the newest first, and not for ever. */
import { randomBytes } from 'node:crypto'
import type { Records, StoreRecord } from '../store/store.js'
import type { Job } from './jobs.js'

/** How many are kept. */
const KEPT = 500
/** Greater than any time in milliseconds for the next 280 years. */
const EVER = 10_000_000_000_000

export class JobLog {
  readonly #records: Records

  /** @param records those of kind `jobs` */
  constructor(records: Records) {
    this.#records = records
  }

  /** An id that tells when the job was made. */
  static newId(now: Date): string {
    return `${now.getTime().toString(36)}-${randomBytes(3).toString('hex')}`
  }

  put(job: Job): Promise<void> {
    return this.#records.put(keyOf(job.id), job)
  }

  async get(id: string): Promise<Job | undefined> {
    return (await this.#records.get(keyOf(id))) as Job | undefined
  }

  /** The newest first, those older than a job; 100 of them unless told. */
  async list({ after, limit }: { after?: string; limit?: number } = {}): Promise<readonly Job[]> {
    const where = {
      ...(after !== undefined && { after: keyOf(after) }),
      ...(limit !== undefined && { limit }),
    }
    return (await this.#records.list(where)).map(({ value }) => value as Job)
  }

  /** Says of jobs of a target that nobody runs any more that they were interrupted; forgets what is old. */
  async tidy(target: string, now: Date): Promise<void> {
    const jobs = await this.#records.list({ limit: KEPT * 2 })
    const changed = jobs.flatMap(({ key, value }, i): Omit<StoreRecord, 'kind'>[] => {
      const job = value as Job
      if (i >= KEPT) return [{ key, value: undefined }]
      if (job.target !== target || job.status !== 'running') return []
      const error = { code: 'interrupted', message: 'whoever ran it has ended or was cut off' }
      return [{ key, value: { ...job, status: 'failed', completed: now.toISOString(), error } }]
    })
    if (changed.length > 0) await this.#records.putMany(changed)
  }
}

/** The newer, the smaller. */
function keyOf(id: string): string {
  const [time = ''] = id.split('-')
  const at = Number.parseInt(time, 36)
  return `${String(EVER - (Number.isFinite(at) ? at : 0)).padStart(14, '0')} ${id}`.slice(0, 200)
}
