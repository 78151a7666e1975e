/** What operators ask of copies, done: runs by whoever synchronizes a target, snapshots by the store, in the words of views. */
import { VitrineError } from '../../model/errors.js'
import { HeldLease } from '../cycle/held-lease.js'
import { recordsOf } from '../cycle/problem-list.js'
import type { Problem } from '../cycle/problems.js'
import type { RowDiff, Snapshot, SnapshotNumber, Store } from '../store/store.js'
import type { CopiedView, Kept } from '../views/tables.js'
import type { Job } from './jobs.js'
import type { Difference, Operations, RunRequest, Synchronization, Watch } from './operations.js'

export interface OperatorParts {
  readonly store: Store
  /** That of the store first, if there is one. */
  readonly synchronizations: readonly [Synchronization, ...Synchronization[]]
  /** That are copied. */
  readonly views: readonly CopiedView[]
}

/** How long the right to go back lasts unless it is renewed, in milliseconds. */
const LEASE = 30_000
const HOLDS = 'holds'

interface Hold {
  readonly snapshot: SnapshotNumber
  readonly at: string
}

/** Why a target is not synchronized until an operator has it done; undefined where nothing is in the way. */
export async function heldBack(store: Store, target: string): Promise<string | undefined> {
  const hold = (await store.records(HOLDS).get(target)) as Hold | undefined
  return (
    hold &&
    `somebody went back to snapshot ${hold.snapshot} at ${hold.at}; vitrine sync makes copies what their sources are again`
  )
}

export class Operator implements Operations {
  readonly targets: readonly string[]
  readonly #store: Store
  readonly #first: Synchronization
  readonly #all: ReadonlyMap<string, Synchronization>
  /** By table. */
  readonly #views: ReadonlyMap<string, CopiedView>

  constructor({ store, synchronizations, views }: OperatorParts) {
    this.#store = store
    this.#first = synchronizations[0]
    this.#all = new Map(synchronizations.map((one) => [one.target, one]))
    this.targets = [...this.#all.keys()]
    this.#views = new Map(views.map((view) => [view.table, view]))
  }

  viewsOf(target: string): readonly string[] {
    return this.#of(target).views
  }

  async run(target: string, request: RunRequest, watch: Watch = {}): Promise<Job> {
    const own = this.#of(target)
    const { approve, ...rest } = request
    for (const view of request.views ?? [])
      if (!own.views.includes(view)) throw wrong(`${view} is no view that is copied to ${target}`)
    if (own.isBusy)
      throw new VitrineError('busy', {
        message: `a synchronization of ${target} is running; try again later`,
      })
    if (typeof approve === 'string' && !(await own.approve(approve)))
      throw new VitrineError('noSuchObject', { message: `${approve} is no job that can be approved` })
    if (request.dryRun !== true) await this.#store.records(HOLDS).delete(target)
    let isKnown = false
    const { signal, onStart, onLine, onProgress } = watch
    return own.run(
      { ...rest, trigger: 'demand', ...(approve === true && { approve }) },
      {
        ...(signal && { signal }),
        ...(onLine && { onLine: (line) => onLine(line) }),
        onProgress: (job) => {
          if (!isKnown) onStart?.(job)
          isKnown = true
          onProgress?.(job)
        },
      },
    )
  }

  jobs(options: { readonly limit: number; readonly after?: string }): Promise<readonly Job[]> {
    return this.#first.jobs(options)
  }

  job(id: string): Promise<Job | undefined> {
    return this.#first.job(id)
  }

  problems(target: string): AsyncIterable<Problem> {
    return this.#of(target).problems()
  }

  async snapshots(): Promise<readonly Snapshot[]> {
    return (await this.#store.snapshots()).map((snapshot) => this.#snapshot(snapshot))
  }

  async *diff(from: SnapshotNumber, to: SnapshotNumber, view?: string): AsyncIterable<Difference> {
    const table = [...this.#views.values()].find(({ name }) => name === view)?.table
    if (view !== undefined && table === undefined) throw wrong(`${view} is no view that is copied`)
    for await (const rows of this.#store.diff(from, to, table)) {
      for (const row of rows) {
        const difference = this.#difference(row)
        if (difference.change !== 'changed' || difference.columns.length > 0) yield difference
      }
    }
  }

  async rollback(to: SnapshotNumber): Promise<Snapshot> {
    const { target } = this.#first
    const lease = await this.#store.acquire(`sync ${target}`, LEASE)
    if (lease === undefined)
      throw new VitrineError('busy', { message: 'a synchronization is running; try again when it has ended' })
    const held = new HeldLease(lease, LEASE, [])
    try {
      const hold: Hold = { snapshot: to, at: new Date().toISOString() }
      const made = await this.#store.rollback(to, { lease })
      await this.#store.records(HOLDS).put(target, hold)
      // What was read last is no longer what is there: everything is read again.
      const progress = this.#store.records('progress')
      for await (const { key } of recordsOf(progress, `${target}/`)) await progress.delete(key)
      return this.#snapshot(made)
    } finally {
      held.end()
      await lease.release().catch(() => {})
    }
  }

  #snapshot(snapshot: Snapshot): Snapshot {
    const counts = Object.entries(snapshot.counts).map(
      ([table, counted]) => [this.#views.get(table)?.name ?? table, counted] as const,
    )
    return { ...snapshot, counts: Object.fromEntries(counts) }
  }

  #of(target: string): Synchronization {
    const found = this.#all.get(target)
    if (found === undefined) throw wrong(`there is no target ${target}; there are ${this.targets.join(', ')}`)
    return found
  }

  #difference({ table, key, change, columns }: RowDiff): Difference {
    const view = this.#views.get(table)
    const names = columns.flatMap((column) => view && nameOf(column, view))
    return {
      view: view?.name ?? table,
      key: String(key),
      change,
      columns: view === undefined ? columns : [...new Set(names.filter((name) => name !== undefined))],
    }
  }
}

/** The attribute whose values a column or a child table keeps; undefined of what is there for the copy's sake. */
function nameOf(column: string, { attributes, secrets }: CopiedView): string | undefined {
  const found = attributes.find(({ kept }) => kept.some((one) => placeOf(one) === column))
  if (found !== undefined) return found.name
  const secret = secrets.find((one) => one.column === column)
  if (secret !== undefined) return secret.name
  return column === 'entry_enabled' ? 'enabled' : undefined
}

function placeOf(kept: Kept): string {
  return 'column' in kept ? kept.column : kept.table
}

function wrong(message: string): VitrineError {
  return new VitrineError('constraintViolation', { message })
}
