/**
 * Who may see what. Rules only add; what no rule allows does not exist for the asker: an attribute that may not be
 * searched is Undefined in filters, one that may not be read is absent, and so is a reference to an entry of which one
 * may not know. Passwords are checked for everybody unless rules say who may bind.
 */
import type { Layer } from '../../directory.js'
import { passOn } from '../pass-on.js'
import { Acquaintance } from './acquaintance.js'
import { Askers } from './askers.js'
import { Binding } from './binding.js'
import { Changes } from './changes.js'
import { Comparing } from './comparing.js'
import { RightsToFind } from './rights.js'
import type { Rule } from './rule.js'
import { Searching } from './searching.js'

export function accessLayer(rules: readonly Rule[]): Layer {
  return (next) => {
    const askers = new Askers(rules, next)
    const acquaintance = new Acquaintance(next)
    const rights = new RightsToFind({ directory: next, acquaintance })
    const searching = new Searching({ directory: next, askers, acquaintance, rights })
    const comparing = new Comparing({ directory: next, askers, acquaintance })
    const changes = new Changes({ directory: next, askers, acquaintance })
    const binding = new Binding({ directory: next, askers, rules })
    return {
      ...passOn(next),
      search: (request, ctx) => searching.search(request, ctx),
      ordersStrictly: (request, ctx) => searching.ordersStrictly(request, ctx),
      count: (request, ctx) => searching.count(request, ctx),
      compare: (name, assertion, ctx) => comparing.compare(name, assertion, ctx),
      deletions: async function* (view, since, ctx) {
        const asker = await askers.of(ctx.principal, view, ctx)
        // Of an entry that is gone, nothing is left that one could have a right to but that it was there.
        if (asker.cover(view, 'search') === 'all') yield* next.deletions(view, since, ctx)
      },
      add: (request, ctx) => changes.add(request, ctx),
      modify: (request, ctx) => changes.modify(request, ctx),
      delete: (request, ctx) => changes.delete(request, ctx),
      deleteAll: (requests, ctx) => changes.deleteAll(requests, ctx),
      authenticate: (identity, password, ctx) => binding.authenticate(identity, password, ctx),
      vouchFor: (identity, ctx) => binding.vouchFor(identity, ctx),
      actAs: (principal, identity, ctx) => binding.actAs(principal, identity, ctx),
      isVisible: (view, ctx, attr) => {
        const asker = askers.of(ctx.principal, view, ctx)
        return asker instanceof Promise
          ? asker.then((one) => rights.isVisible(one, view, attr))
          : rights.isVisible(asker, view, attr)
      },
    }
  }
}
