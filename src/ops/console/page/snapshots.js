/** What the store has kept of copies, and what can be done with it. */
import { h } from './dom.js'
import { badge, button, table } from './parts.js'
import { count, moment } from './text.js'

/** @import { Snapshot } from '../../../copy/store/store.js' */
/** @typedef {Omit<Snapshot, 'at'> & { readonly at: string }} KeptSnapshot as JSON has it */

/**
 * @param {readonly KeptSnapshot[]} snapshots from the newest on
 * @param {{ readonly compare: (from: number, to: number) => void, readonly goBack: (number: number) => void }} acts
 */
export function snapshotTable(snapshots, { compare, goBack }) {
  const columns = /** @type {const} */ ([
    { title: 'Snapshot' },
    { title: 'Committed' },
    { title: 'Added', number: true },
    { title: 'Changed', number: true },
    { title: 'Removed', number: true },
    { title: 'Entries', number: true },
    { title: 'Note' },
    { title: 'Actions' },
  ])
  const rows = snapshots.map(({ number, at, note, counts }, i) => {
    const sum = (/** @type {'added' | 'changed' | 'removed' | 'total'} */ name) =>
      count(Object.values(counts).reduce((all, one) => all + one[name], 0))
    const before = snapshots[i + 1]?.number
    const actions = [
      before !== undefined &&
        button(
          'What changed?',
          () => compare(before, number),
          undefined,
          `What changed in snapshot ${number}?`,
        ),
      i > 0 && button('Go back …', () => goBack(number), undefined, `Go back to snapshot ${number} …`),
    ]
    return [
      h('span', {}, number, ' ', i === 0 && badge('good', 'current')),
      moment(at),
      sum('added'),
      sum('changed'),
      sum('removed'),
      sum('total'),
      note ?? '',
      actions.some(Boolean) && h('span', { class: 'actions' }, ...actions),
    ]
  })
  return table('Snapshots, the newest first', columns, rows)
}
