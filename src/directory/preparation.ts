/**
 * What a search asks of its source: the part of the filter that the source decides, what has to be fetched so that the
 * rest can be decided here, and how entries are made of the rows.
 */
import { type Decoder, decoderFor } from '../mapping/decode.js'
import type { Mapping } from '../mapping/mapping.js'
import type { Changeable } from '../model/changeable.js'
import { VitrineError } from '../model/errors.js'
import { type Filter, filterAttributes } from '../model/filter.js'
import type { MatchingOf } from '../model/match.js'
import type { Context, SearchRequest } from '../model/request.js'
import type { Schema } from '../schema/schema.js'
import type { FieldFilter, Source, SourceQuery } from '../sources/source.js'
import { type Answered, answered, withAnswers } from './answers.js'
import type { Mappings } from './mappings.js'
import { type Plan, planFilter } from './plan.js'
import { asksElements, hasNamedRef, resolveRefs } from './references.js'
import type { Resolve } from './resolve.js'

/** Decoders kept per mapping; clients ask for few different sets of attributes. */
const DECODERS = 100

const NOTHING: readonly string[] = []

export interface Prepared {
  readonly mapping: Mapping
  readonly plan: Plan
  readonly query: SourceQuery
  readonly decoder: Decoder
  /** What is decided on entries as the decoder makes them. */
  readonly residual: Filter | undefined
  /** Fetched for the residual only. */
  readonly hidden: readonly string[]
}

export interface PreparationParts {
  mappingsOf(view: string): Mappings
  readonly schema: Schema
  readonly matchingOf: MatchingOf
  readonly resolve: Resolve
}

export class Preparation {
  readonly #parts: PreparationParts
  readonly #decoders = new WeakMap<Mapping, Map<string, Decoder>>()
  /** Of those who ask for the very same set again and again: what is read where nothing is left to decide. */
  readonly #plain = new WeakMap<
    ReadonlySet<string>,
    { readonly mapping: Mapping; readonly decoder: Decoder }
  >()

  constructor(parts: PreparationParts) {
    this.#parts = parts
  }

  /** @throws VitrineError */
  async of(request: SearchRequest, ctx: Context): Promise<Prepared> {
    const mappings = this.#parts.mappingsOf(request.view)
    const mapping = await mappings.of(request.view)
    const plan = planFilter(request.filter, mapping, mappings.source)
    if (!asksForNames(plan)) return this.#prepared(request, mapping, mappings.source, plan)
    // A name that the source cannot decide alone is resolved first: deciding it here would load all references.
    const resolved = await resolveRefs(request.filter, (refs) => this.#parts.resolve(refs, ctx))
    return this.#prepared(request, mapping, mappings.source, planFilter(resolved, mapping, mappings.source))
  }

  /** The same where nothing has to be asked for first; else undefined. @throws VitrineError */
  atOnce(request: SearchRequest): Prepared | undefined {
    const mappings = this.#parts.mappingsOf(request.view)
    const mapping = mappings.of(request.view)
    if (mapping instanceof Promise) {
      // Whoever waits for it asks again, and hears why it cannot be had.
      mapping.catch(() => undefined)
      return undefined
    }
    const plan = planFilter(request.filter, mapping, mappings.source)
    return asksForNames(plan) ? undefined : this.#prepared(request, mapping, mappings.source, plan)
  }

  #prepared(request: SearchRequest, mapping: Mapping, source: Source, plan: Plan): Prepared {
    const asked = plan.residual && answered(plan.residual, mapping, source)
    const { decoder, hidden } = this.#reading(request, mapping, asked)
    const after = request.after === undefined ? undefined : mapping.cellOf(request.after)
    if (request.after !== undefined && after === undefined) {
      throw new VitrineError('internalError', {
        detail: `no key of view ${request.view} reads ${request.after}`,
      })
    }
    const query: Changeable<SourceQuery> = {
      table: mapping.table,
      key: mapping.key,
      where: mapping.where,
      filter: request.id === undefined ? plan.pushed : restrict(plan.pushed, mapping, request.id),
      fields: decoder.fields,
    }
    const { limit, order, skip } = request
    if (after !== undefined) query.after = after
    if (request.unordered === true) query.unordered = true
    if (plan.residual !== undefined) {
      if (limit !== undefined) query.expected = limit
    } else {
      if (limit !== undefined) query.limit = limit
      if (order !== undefined || skip !== undefined)
        Object.assign(query, this.#place(request, mapping, source))
    }
    return { mapping, plan, query, decoder, residual: asked?.residual, hidden }
  }

  #reading(
    { attributes, displays: isShown = false }: SearchRequest,
    mapping: Mapping,
    asked: Answered | undefined,
  ): Pick<Prepared, 'decoder' | 'hidden'> {
    const isPlain = asked === undefined && !isShown && attributes !== 'all'
    const plain = isPlain ? this.#plain.get(attributes) : undefined
    if (plain?.mapping === mapping) return { decoder: plain.decoder, hidden: NOTHING }
    const shown = attributes === 'all' ? mapping.attributes.keys() : attributes
    const wanted = new Set([...shown].filter((a) => mapping.attributes.has(a)))
    const hidden: string[] = []
    if (asked !== undefined) {
      for (const attr of filterAttributes(asked.residual)) if (!wanted.has(attr)) hidden.push(attr)
    }
    const displays = isShown || (asked !== undefined && asksElements(asked.residual))
    const decoder = withAnswers(this.#decoder(mapping, [...wanted, ...hidden], displays), asked?.fields ?? [])
    if (isPlain) this.#plain.set(attributes, { mapping, decoder })
    return { decoder, hidden }
  }

  /** Order and place of the rows, as far as the source can see to them: both or neither. */
  #place(
    { order, skip }: SearchRequest,
    mapping: Mapping,
    source: Pick<Source, 'orders'>,
  ): Pick<SourceQuery, 'order' | 'skip'> {
    const place = skip === undefined || skip === 0 ? {} : { skip }
    if (order === undefined) return place
    const [operation, ...others] = mapping.attributes.get(order.attr)?.operations ?? []
    if (operation === undefined) return place
    if (operation.order === undefined || others.length > 0) return {}
    const caseExact =
      this.#parts.schema.attribute(order.attr)?.equality?.normalizing.startsWith('caseExact') === true
    const { descending, strict } = order
    const asked = { on: operation.order, descending, caseExact, ...(strict === true && { strict }) }
    return source.orders(asked) ? { ...place, order: asked } : {}
  }

  #decoder(mapping: Mapping, attributes: readonly string[], displays: boolean): Decoder {
    const cache = this.#decoders.get(mapping) ?? new Map<string, Decoder>()
    this.#decoders.set(mapping, cache)
    const key = `${displays} ${attributes.join(' ')}`
    const known = cache.get(key)
    if (known !== undefined) return known
    const decoder = decoderFor(mapping, attributes, this.#parts.matchingOf, displays)
    if (cache.size >= DECODERS) cache.clear()
    cache.set(key, decoder)
    return decoder
  }
}

function asksForNames({ residual }: Plan): boolean {
  return residual !== undefined && hasNamedRef(residual)
}

/** Only the row with this key. */
function restrict(filter: FieldFilter, mapping: Mapping, id: string): FieldFilter {
  const value = mapping.cellOf(id)
  if (value === undefined) return { op: 'const', value: false }
  const key: FieldFilter = {
    op: 'test',
    on: mapping.key,
    test: { test: 'compare', op: 'eq', value },
    negated: false,
  }
  return filter.op === 'const' ? (filter.value ? key : filter) : { op: 'and', of: [key, filter] }
}
