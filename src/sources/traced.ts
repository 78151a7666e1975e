/** A source whose questions are told as parts of the operations that they are asked for. What it does is the source's affair. */
import type { Context } from '../model/request.js'
import { faultOf, type Span, spanned, type TraceAttributes, type Tracing } from '../model/trace.js'
import type { Collection, Row, Source, SourceQuery, SourceWrite } from './source.js'

export interface TracedAs {
  /** As the configuration calls it. */
  readonly name: string
  /** Is it asked as a whole, and tells nothing of what it asks in turn? */
  readonly elsewhere: boolean
  readonly attributes: TraceAttributes
}

export function tracedSource(source: Source, tracing: Tracing, as: TracedAs): Source {
  const { write } = source
  const begin = (operation: string, { table }: Collection): Span | undefined =>
    tracing.part(
      `${operation} ${as.name} ${table.name}`,
      {
        ...as.attributes,
        'vitrine.source': as.name,
        'db.operation.name': operation,
        'db.collection.name': table.name,
      },
      as.elsewhere,
    )
  const part = <T>(operation: string, of: Collection, work: () => Promise<T>): Promise<T> => {
    const span = tracing.isKept() ? begin(operation, of) : undefined
    return span === undefined ? work() : spanned(span, work)
  }
  const traced: Partial<Source> = {
    search: (query, ctx) =>
      tracing.isKept()
        ? batches(() => begin('search', query), source, query, ctx)
        : source.search(query, ctx),
    count: (query, ctx) => part('count', query, () => source.count(query, ctx)),
    ...(source.verify && {
      verify: (of, key, password, ctx) =>
        part('verify', of, async () => (await source.verify?.(of, key, password, ctx)) ?? false),
    }),
    ...(write && { write: tracedWrite(write, part) }),
  }
  return new Proxy(source, {
    get: (target, name) => {
      const value: unknown = Reflect.get(Object.hasOwn(traced, name) ? traced : target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

type Part = <T>(operation: string, of: Collection, work: () => Promise<T>) => Promise<T>

function tracedWrite(write: SourceWrite, part: Part): SourceWrite {
  return {
    ...(write.rehearses && { rehearses: write.rehearses }),
    insert: (of, change, ctx) => part('insert', of, () => write.insert(of, change, ctx)),
    update: (of, key, fields, decide, ctx) =>
      part('update', of, () => write.update(of, key, fields, decide, ctx)),
    remove: (of, key, fields, decide, ctx) =>
      part('delete', of, () => write.remove(of, key, fields, decide, ctx)),
    ...(write.removeAll && {
      removeAll: (removals, inOrder, ctx) => {
        const [first] = removals
        const work = async () => (await write.removeAll?.(removals, inOrder, ctx)) ?? false
        return first === undefined ? work() : part('delete', first.of, work)
      },
    }),
  }
}

/** From when the first rows are asked for until nobody wants more. */
async function* batches(
  begin: () => Span | undefined,
  source: Source,
  query: SourceQuery,
  ctx: Context,
): AsyncIterable<readonly Row[]> {
  const span = begin()
  if (span === undefined) {
    yield* source.search(query, ctx)
    return
  }
  const found = span.run(() => source.search(query, ctx))[Symbol.asyncIterator]()
  let rows = 0
  let fault: string | undefined
  try {
    for (;;) {
      const { value, done } = await span.run(() => found.next())
      if (done === true) return
      rows += value.length
      yield value
    }
  } catch (error) {
    fault = faultOf(error)
    throw error
  } finally {
    span.end({ 'db.response.returned_rows': rows }, fault)
    await found.return?.()
  }
}
