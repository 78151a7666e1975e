/** A target whose views have to be made ready before they can be asked for, as tables of a store are, which their sources describe. */
import type { Context } from '../../model/request.js'
import type { EntryId } from '../../model/value.js'
import type { SourceEntry } from '../cycle/plan.js'
import type { LocalTarget } from './local.js'
import type { Called, CyclePlan, Known, Target, TargetCycle } from './target.js'

export class PreparedTarget implements Target {
  readonly name: string
  readonly atomic: boolean
  readonly #target: LocalTarget
  readonly #prepare: (view: string) => Promise<void>

  /** @param prepare rejects with `unavailable` where that cannot be done yet */
  constructor(target: LocalTarget, prepare: (view: string) => Promise<void>) {
    this.name = target.name
    this.atomic = target.atomic
    this.#target = target
    this.#prepare = prepare
  }

  async *known(view: string, ctx: Context): AsyncIterable<readonly Known[]> {
    await this.#prepare(view)
    yield* this.#target.known(view, ctx)
  }

  async lookup(view: string, of: readonly Called[], ctx: Context): Promise<readonly Known[]> {
    await this.#prepare(view)
    return this.#target.lookup(view, of, ctx)
  }

  async find(
    view: string,
    attr: string,
    values: readonly string[],
    ctx: Context,
  ): Promise<ReadonlyMap<string, readonly Known[]>> {
    await this.#prepare(view)
    return this.#target.find(view, attr, values, ctx)
  }

  async stored(
    view: string,
    ids: readonly EntryId[],
    ctx: Context,
  ): Promise<ReadonlyMap<EntryId, SourceEntry>> {
    await this.#prepare(view)
    return this.#target.stored(view, ids, ctx)
  }

  /** See `LocalTarget.beside`; its views are those that were looked up. */
  beside(ctx: Context): TargetCycle {
    return this.#target.beside(ctx)
  }

  async begin(plan: CyclePlan, ctx: Context): Promise<TargetCycle> {
    for (const view of plan.views) await this.#prepare(view)
    return this.#target.begin(plan, ctx)
  }
}
