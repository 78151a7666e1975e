/**
 * Answers that are kept, where a view's configuration wants them to be and whoever asks lets them. It lies below the access
 * rules: two people are given the same answer where their rights make the same question of what they ask, and what is kept
 * holds nothing that the rules have yet to take away. Passwords, rights and what is about to be written are always asked for.
 */
import type { Context } from '../../../model/request.js'
import type { Directory } from '../../directory.js'
import { passOn } from '../pass-on.js'
import type { Cache } from './cache.js'
import type { CachedView } from './cached-view.js'
import { keptEntry, keyOf, sizeOf } from './question.js'

/** Bytes that a number takes. */
const NUMBER = 16

export function cacheLayer(cache: Cache, next: Directory): Directory {
  /** Where an answer may come from instead of the source; tells whoever keeps what is made of it that it does not. */
  const cachedFor = (view: string, ctx: Context): CachedView | undefined => {
    const cached = ctx.kept === undefined || ctx.uncopied === true ? undefined : cache.of(view)
    if (cached === undefined) ctx.kept?.live()
    return cached
  }
  const written = async <T>(views: readonly string[], ctx: Context, write: () => Promise<T>): Promise<T> => {
    if (ctx.rehearses === true) return write()
    try {
      const result = await write()
      await cache.written(views)
      return result
    } catch (error) {
      await cache.doubtful(views)
      throw error
    }
  }
  return {
    ...passOn(next),
    search: (request, ctx) => {
      const cached = cachedFor(request.view, ctx)
      if (cached === undefined || ctx.kept === undefined) return next.search(request, ctx)
      const ask = (own: Context) => next.search(request, own)
      return cached.answer({ key: keyOf(request), ask, sizeOf, kept: keptEntry }, ctx, ctx.kept)
    },
    count: async (request, ctx) => {
      const cached = cachedFor(request.view, ctx)
      if (cached === undefined || ctx.kept === undefined) return next.count(request, ctx)
      const ask = async function* (own: Context) {
        yield [await next.count(request, own)]
      }
      const key = `count ${keyOf(request)}`
      const question = { key, ask, sizeOf: () => NUMBER, kept: (count: number) => count }
      for await (const [count] of cached.answer(question, ctx, ctx.kept))
        if (count !== undefined) return count
      return 0
    },
    ordersStrictly: (request, ctx) => {
      ctx.kept?.live()
      return next.ordersStrictly(request, ctx)
    },
    countValues: (view, id, attr, ctx) => {
      ctx.kept?.live()
      return next.countValues(view, id, attr, ctx)
    },
    compare: (name, assertion, ctx) => {
      ctx.kept?.live()
      return next.compare(name, assertion, ctx)
    },
    deletions: (view, since, ctx) => {
      ctx.kept?.live()
      return next.deletions(view, since, ctx)
    },
    add: (request, ctx) => written([request.view], ctx, () => next.add(request, ctx)),
    modify: (request, ctx) => written([request.view], ctx, () => next.modify(request, ctx)),
    delete: (request, ctx) => written([request.view], ctx, () => next.delete(request, ctx)),
    deleteAll: (requests, ctx) => {
      const views = requests.map(({ view }) => view)
      return written(views, ctx, () => next.deleteAll(requests, ctx))
    },
  }
}
