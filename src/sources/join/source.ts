/**
 * The join source: a primary source, and others whose rows complete its rows. Tables of the primary are asked as if it
 * stood alone, but that rows of joined tables may be related to theirs.
 */
import type { Log } from '../../model/log.js'
import type { Context } from '../../model/request.js'
import { AWAY, parentOf, readTableOfSource } from '../joined.js'
import type {
  Explanation,
  FieldFilter,
  Finding,
  Health,
  Operand,
  Order,
  Relation,
  Row,
  Source,
  SourceQuery,
  SourceWrite,
  Support,
  Table,
  Test,
} from '../source.js'
import { adviseJoin, explainJoin } from './advise.js'
import { Secondaries } from './fetch.js'
import { ownersOf, ownOperand, ownRelation, plainCollection, plainRelation } from './node.js'
import { JoinedSearch } from './search.js'
import { isUntouched } from './untouched.js'
import { JoinWrite } from './write.js'

export interface JoinOptions {
  readonly primary: Source
  /** By their names in the configuration; more than are joined may be there. */
  readonly sources: ReadonlyMap<string, Source>
  readonly log?: Log
}

/** Closing it closes none of the sources that it is made of. */
export function createJoinSource(options: JoinOptions): Source {
  return new JoinSource(options)
}

class JoinSource implements Source {
  readonly #primary: Source
  readonly #secondaries: Secondaries
  readonly #search: JoinedSearch
  readonly mostTests?: number
  readonly write: SourceWrite
  readonly verify?: NonNullable<Source['verify']>

  constructor({ primary, sources, log }: JoinOptions) {
    this.#primary = primary
    this.#secondaries = new Secondaries(sources, log)
    this.#search = new JoinedSearch(primary, this.#secondaries)
    if (primary.mostTests !== undefined) this.mostTests = primary.mostTests
    this.write = new JoinWrite(primary, this.#secondaries, this.#search, log)
    if (primary.verify !== undefined) {
      const verify = primary.verify.bind(primary)
      this.verify = (of, key, password, ctx) => verify(plainCollection(of), key, password, ctx)
    }
  }

  async describe(name: string): Promise<Table | undefined> {
    const other = readTableOfSource(name)
    if (other === undefined) return this.#primary.describe(name)
    const found = await this.#secondaries.describe(other, other.table, other.optional)
    return found === 'away' ? AWAY : found
  }

  support(on: Operand, test: Test): Support {
    const [owner, ...others] = ownersOf(on)
    if (others.length > 0) return 'none'
    if (owner === undefined) return this.#primary.support(on, test)
    return this.#secondaries.sourceOf(owner).support(ownOperand(on), test)
  }

  answering(relation: Relation): Source | undefined {
    const owner = parentOf(relation)
    return owner && this.#secondaries.sourceOf(owner)
  }

  decides(question: Extract<FieldFilter, { op: 'some' }>): boolean {
    const { relation } = question
    const owner = parentOf(relation)
    const source = owner === undefined ? this.#primary : this.#secondaries.sourceOf(owner)
    const own = owner === undefined ? plainRelation(relation) : ownRelation(relation)
    return source.decides?.({ ...question, relation: own }) ?? true
  }

  search(query: SourceQuery, ctx: Context): AsyncIterable<readonly Row[]> {
    return isUntouched(query) ? this.#primary.search(query, ctx) : this.#search.search(query, ctx)
  }

  count(query: SourceQuery, ctx: Context): Promise<number> {
    return isUntouched(query) ? this.#primary.count(query, ctx) : this.#search.count(query, ctx)
  }

  orders(order: Order): boolean {
    return ownersOf(order.on).every((owner) => owner === undefined) && this.#primary.orders(order)
  }

  explain(query: SourceQuery): readonly Explanation[] {
    return isUntouched(query)
      ? this.#primary.explain(query)
      : explainJoin(query, this.#primary, this.#secondaries)
  }

  async advise(query: SourceQuery): Promise<readonly Finding[]> {
    return isUntouched(query)
      ? this.#primary.advise(query)
      : adviseJoin(query, this.#primary, this.#secondaries)
  }

  health(): Promise<Health> {
    return this.#primary.health()
  }

  async close(): Promise<void> {}
}
