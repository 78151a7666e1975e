/** A directory that does nothing but what the next one does: where layers begin that see to some of it. */
import type { Directory } from '../directory.js'

export function passOn(next: Directory): Directory {
  return {
    schema: next.schema,
    views: next.views,
    matchingOf: next.matchingOf,
    search: next.search.bind(next),
    ordersStrictly: next.ordersStrictly.bind(next),
    count: next.count.bind(next),
    countValues: next.countValues.bind(next),
    compare: next.compare.bind(next),
    authenticate: next.authenticate.bind(next),
    vouchFor: next.vouchFor.bind(next),
    actAs: next.actAs.bind(next),
    isVisible: next.isVisible.bind(next),
    add: next.add.bind(next),
    modify: next.modify.bind(next),
    delete: next.delete.bind(next),
    deleteAll: next.deleteAll.bind(next),
    deletions: next.deletions.bind(next),
    uniqueAttributes: next.uniqueAttributes.bind(next),
    handles: next.handles.bind(next),
  }
}
