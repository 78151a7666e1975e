/** `vitrine snapshots`: which are kept, how they differ, and going back to one. */
import type { Difference, Operations } from '../copy/jobs/operations.js'
import { snapshotsText } from './copy-text.js'
import type { Streams } from './sync.js'
import { shown } from './table.js'

export interface SnapshotsOptions {
  readonly json?: boolean
}

export interface DiffOptions extends SnapshotsOptions {
  readonly from: number
  /** The current one, unless told. */
  readonly to?: number
  readonly view?: string
}

export async function listSnapshots(
  operations: Operations,
  { json = false }: SnapshotsOptions,
  { out }: Streams,
): Promise<number> {
  const snapshots = await operations.snapshots()
  const lines = json ? snapshots.map((one) => JSON.stringify(one)) : snapshotsText(snapshots)
  out.write(lines.map((line) => `${line}\n`).join(''))
  if (snapshots.length === 0 && !json) out.write('nothing was copied yet\n')
  return 0
}

const signs: Readonly<Record<Difference['change'], string>> = { added: '+', changed: '~', removed: '-' }

/** A line for each entry that differs, however many there are. */
export async function diffSnapshots(
  operations: Operations,
  { from, to, view, json = false }: DiffOptions,
  { out }: Streams,
): Promise<number> {
  const until = to ?? (await operations.snapshots())[0]?.number ?? 0
  const counts = { added: 0, changed: 0, removed: 0 }
  for await (const difference of operations.diff(from, until, view)) {
    const { change, key, columns } = difference
    counts[change]++
    const names = columns.length === 0 || change !== 'changed' ? '' : `  ${columns.join(', ')}`
    const line = json
      ? JSON.stringify(difference)
      : shown(`${signs[change]} ${difference.view} ${key}`) + names
    out.write(`${line}\n`)
  }
  if (!json) {
    const { added, changed, removed } = counts
    out.write(`${added} added, ${changed} changed, ${removed} removed from snapshot ${from} to ${until}\n`)
  }
  return 0
}

export async function rollback(
  operations: Operations,
  { to, json = false }: SnapshotsOptions & { readonly to: number },
  { out }: Streams,
): Promise<number> {
  const made = await operations.rollback(to)
  const text = `snapshot ${made.number} is current, with the content of ${to}; nothing is copied until vitrine sync is run`
  out.write(`${json ? JSON.stringify(made) : text}\n`)
  return 0
}
