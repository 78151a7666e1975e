/** How copies are made what their origins are: an engine for the store, when it runs, whom it tells, and what operators ask of it. */
import { readFile } from 'node:fs/promises'
import { ConfigError } from '../config/config-error.js'
import type { GatewayConfig } from '../config/gateway-config.js'
import type { ScheduleConfig, SyncConfig } from '../config/schema-sync.js'
import { Engine } from '../copy/cycle/engine.js'
import { OriginReader } from '../copy/cycle/origin-reader.js'
import type { ViewSettings } from '../copy/cycle/plan.js'
import { ordered } from '../copy/cycle/view-order.js'
import type { Job } from '../copy/jobs/jobs.js'
import type { Operations, Synchronization } from '../copy/jobs/operations.js'
import { heldBack, Operator } from '../copy/jobs/operator.js'
import { Scheduled } from '../copy/jobs/scheduled.js'
import { Webhooks } from '../copy/jobs/webhooks.js'
import type { Store } from '../copy/store/store.js'
import { LocalTarget, namingColumns } from '../copy/targets/local.js'
import type { LocalView } from '../copy/targets/local-cycle.js'
import { PreparedTarget } from '../copy/targets/prepared.js'
import type { CopiedSpec, Copies } from '../copy/views/copies.js'
import { Origin } from '../copy/views/origin.js'
import type { DirectoryParts } from '../directory/core.js'
import { VitrineError } from '../model/errors.js'
import type { Log } from '../model/log.js'
import { namingAttributes, type View } from '../model/view.js'
import { engineHooks, type LoadedHooks } from './hooks.js'
import { locate } from './problems.js'
import type { Push } from './targets.js'

/** Whose the entries of the store are. */
const OWNER = 'vitrine'
/** Entries that changed so long before the last that was seen are read again: clocks differ, and transactions last. In milliseconds. */
const OVERLAP = 300_000

/** A view that is copied, and how. */
export interface SynchronizedView extends CopiedSpec {
  /** As everybody sees it. */
  readonly shown: View
  readonly sync: SyncConfig
  /** Attributes whose values together are the keys of entries; none where that is what the source calls them. */
  readonly keyAttributes: readonly string[]
  /** The attribute that tells when an entry changed last. */
  readonly changedBy?: string
}

export interface SyncParts {
  readonly config: GatewayConfig
  readonly copies: Copies
  readonly local: LocalCopies
  readonly hooks?: LoadedHooks
  readonly log: Log
}

/** The store as a target, and how each of its views is copied, in the order in which they are. */
export interface LocalCopies {
  readonly target: PreparedTarget
  readonly settings: readonly ViewSettings[]
  readonly owner: string
}

export interface SynchronizationsParts {
  readonly store: Store
  readonly log: Log
  /** Hears of every synchronization that has ended. */
  readonly onJob: (job: Job) => void
  readonly webhooks: Webhooks | undefined
  readonly schedule: ScheduleConfig
  /** Absent where nothing is copied. */
  readonly local: SyncParts | undefined
  readonly pushes: readonly Push[]
}

export class Synchronizations {
  readonly operations: Operations
  readonly #local: Engine | undefined
  readonly #scheduled: readonly Scheduled[]
  readonly #parts: SynchronizationsParts
  #telling: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  constructor(parts: SynchronizationsParts) {
    const { store, log, schedule, local, pushes } = parts
    this.#parts = parts
    const onJob = (job: Job) => this.#ended(job)
    this.#local = local && engineOf(local, onJob)
    const pushing = pushes.map((push) => ({ engine: push.engine(onJob), schedule: push.schedule }))
    const all = [...(this.#local === undefined ? [] : [{ engine: this.#local, schedule }]), ...pushing]
    const [first, ...others] = all.map(({ engine }) => engine satisfies Synchronization)
    if (first === undefined) throw new TypeError('there is nothing to synchronize')
    this.#scheduled = all.map((one) => new Scheduled(one.engine, one.schedule, log))
    this.operations = new Operator({
      store,
      synchronizations: [first, ...others],
      views: local === undefined ? [] : [...local.copies.views.values()],
    })
  }

  /** Runs cycles by the schedules, the first ones at once, and tells of them. */
  start(): void {
    for (const scheduled of this.#scheduled) scheduled.start()
    this.#parts.webhooks?.start()
  }

  /** Makes the copies of these views what their sources are, as far as the guard lets it. Rejects where it could not be done. */
  async refresh(views?: readonly string[], approve?: true): Promise<void> {
    const request = { trigger: 'demand', ...(views && { views }), ...(approve && { approve }) } as const
    if (this.#local === undefined) return
    let job = await this.#local.run(request)
    // Whoever is at it may have begun before what is to be copied was there.
    for (let wait = 100; job.error?.code === 'busy'; wait = Math.min(2000, wait * 2)) {
      await new Promise((resolve) => setTimeout(resolve, wait).unref())
      job = await this.#local.run(request)
    }
    if (job.status === 'completed') return
    const why = job.error?.message ?? job.violations.map(({ message }) => message).join('; ')
    throw new VitrineError('unavailable', { message: 'the copies could not be made', detail: why })
  }

  /** Tells what is to be told, once. Resolves with how much is left for whoever comes next. */
  async settle(): Promise<number> {
    await this.#telling
    return (await this.#parts.webhooks?.deliver()) ?? 0
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await Promise.all(this.#scheduled.map((scheduled) => scheduled.close()))
    await Promise.all(this.#parts.pushes.map((push) => push.close()))
    await this.#telling
    await this.#parts.webhooks?.close()
    // Otherwise it is open as long as copies are served.
    if (this.#local === undefined) await this.#parts.store.close()
  }

  #ended(job: Job): void {
    const { webhooks, log, onJob } = this.#parts
    onJob(job)
    if (webhooks === undefined) return
    const announced = webhooks.announce(job).catch((error: unknown) => {
      log.error({ job: job.id, err: error }, 'nobody can be told of a synchronization')
    })
    this.#telling = Promise.all([this.#telling, announced])
  }
}

/**
 * May be called more than once: each target has its own idea of who is gone.
 * @param directory of the origins
 */
export function localCopies(
  copies: Copies,
  views: readonly SynchronizedView[],
  directory: DirectoryParts,
): LocalCopies {
  const settings = ordered(views.map(settingsOf))
  const stored = new Origin(
    { ...directory, mappings: new Map([...directory.mappings, ...copies.mappings]) },
    views.map(({ view }) => view),
  )
  const local = new Map<string, LocalView>()
  const prepare = async (name: string) => {
    const found = views.find(({ view }) => view.name === name)
    if (found === undefined || local.has(name)) return
    local.set(name, {
      rows: await copies.rows(name),
      naming: namingColumns(found.view, namingAttributes(found.shown)),
      correlate: settings.find(({ view }) => view === name)?.correlate ?? [],
      hasUuid: found.view.hasUuid,
    })
  }
  const target = new LocalTarget({
    store: copies.store,
    owner: OWNER,
    views: local,
    stored: (view, ctx, where) => stored.read(view, ctx, where),
  })
  return { target: new PreparedTarget(target, prepare), settings, owner: OWNER }
}

function engineOf(
  { copies, local: { target, settings, owner }, hooks, log, config }: SyncParts,
  onJob: (job: Job) => void,
): Engine {
  const { store } = copies
  const changedBy = new Map(
    settings.flatMap(({ view, changedBy: by }): [string, string][] => (by === undefined ? [] : [[view, by]])),
  )
  return new Engine({
    store,
    target,
    reader: new OriginReader({ origin: copies.origin, changedBy }),
    views: settings,
    owner,
    log,
    ...engineHooks(hooks, async (name, { dryRun }) => (dryRun === true ? undefined : heldBack(store, name))),
    incremental: {
      overlap: OVERLAP,
      fullEvery: Number.MAX_SAFE_INTEGER,
      fullAfter: config.copy.schedule.fullAfter,
    },
    onJob,
  })
}

function settingsOf({ spec, shown, sync, keyAttributes, changedBy }: SynchronizedView): ViewSettings {
  return {
    ...sync,
    view: spec.view,
    sources: [spec.source],
    naming: namingAttributes(shown),
    keyAttributes,
    refers: [...new Set([...shown.attributes.values()].flatMap(({ refers }) => refers))],
    ...(changedBy !== undefined && { changedBy }),
  }
}

/** @throws ConfigError where the certificate of an authority cannot be read */
export async function webhooksOf(
  config: GatewayConfig,
  store: Store,
  log: Log,
): Promise<Webhooks | undefined> {
  const { webhooks } = config.copy
  if (webhooks.length === 0) return undefined
  const settings = await Promise.all(
    webhooks.map(async ({ ca, secret, ...webhook }, i) => ({
      ...webhook,
      secret,
      ...(ca !== undefined && { ca: await certificate(ca, ['copy', 'webhooks', i, 'ca'], config) }),
    })),
  )
  return new Webhooks({
    webhooks: settings,
    outbox: store.records('deliveries'),
    acquire: (ms) => store.acquire('webhooks', ms),
    log,
  })
}

async function certificate(
  file: string,
  path: readonly (string | number)[],
  { file: from, locate: placeOf }: GatewayConfig,
): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    const problem = { path, message: 'cannot be read', remedy: 'Name a PEM file.' }
    throw new ConfigError([locate(from, placeOf(path), problem)])
  }
}
