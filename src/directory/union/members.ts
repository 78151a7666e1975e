/**
 * The core as members are asked: who has bound as an entry of a union asks as the entry of the member, by whom the member's
 * source may know him.
 */
import type { Context, Principal } from '../../model/request.js'
import type { CoreDirectory } from '../core.js'
import type { Directory } from '../directory.js'
import { passOn } from '../layers/pass-on.js'

export type Core = Directory & Pick<CoreDirectory, 'principalOf' | 'prepare'>

/** As whom somebody asks in the core. */
export type Principals = Pick<WeakMap<Principal, Principal>, 'get'>

export function asMembers(core: Core, principals: Principals): Core {
  const as = (ctx: Context): Context => {
    const principal = principals.get(ctx.principal)
    if (principal === undefined) return ctx
    const { address, missing, secure, rehearses, uncopied, asked } = ctx
    return {
      principal,
      ...(address !== undefined && { address }),
      ...(secure !== undefined && { secure }),
      ...(rehearses !== undefined && { rehearses }),
      ...(uncopied !== undefined && { uncopied }),
      ...(missing !== undefined && { missing }),
      ...(asked !== undefined && { asked }),
      get signal() {
        return ctx.signal
      },
    }
  }
  return {
    ...passOn(core),
    search: (request, ctx) => core.search(request, as(ctx)),
    ordersStrictly: (request, ctx) => core.ordersStrictly(request, as(ctx)),
    count: (request, ctx) => core.count(request, as(ctx)),
    countValues: (view, id, attr, ctx) => core.countValues(view, id, attr, as(ctx)),
    compare: (name, assertion, ctx) => core.compare(name, assertion, as(ctx)),
    authenticate: (identity, password, ctx) => core.authenticate(identity, password, as(ctx)),
    add: (request, ctx) => core.add(request, as(ctx)),
    modify: (request, ctx) => core.modify(request, as(ctx)),
    delete: (request, ctx) => core.delete(request, as(ctx)),
    deleteAll: (requests, ctx) => core.deleteAll(requests, as(ctx)),
    deletions: (view, since, ctx) => core.deletions(view, since, as(ctx)),
    principalOf: (view, filter, ctx) => core.principalOf(view, filter, as(ctx)),
    prepare: (request, ctx) => core.prepare(request, as(ctx)),
  }
}
