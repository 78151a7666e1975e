/** What several sections of the page are made of. */
import { h } from './dom.js'

/** @import { Child } from './dom.js' */

/**
 * A word that says how something is, also to whoever sees no colours.
 * @param {'good' | 'bad' | 'odd' | 'plain'} kind
 * @param {string} text
 */
export const badge = (kind, text) => h('span', { class: `badge ${kind}` }, text)

/**
 * @param {string} title
 * @param {...Child} children
 */
export function panel(title, ...children) {
  const id = `panel-${title.toLowerCase().replaceAll(/\W+/g, '-')}`
  return h('section', { class: 'panel', 'aria-labelledby': id }, h('h2', { id }, title), ...children)
}

/**
 * Rows that become cards where there is no room for columns.
 * @param {string} caption
 * @param {readonly { readonly title: string, readonly number?: true }[]} columns
 * @param {readonly (readonly Child[])[]} rows
 * @param {'compact'} [look] cards of a line or two
 */
export function table(caption, columns, rows, look) {
  const cell = (/** @type {Child} */ child, /** @type {number} */ i) =>
    h(
      i === 0 ? 'th' : 'td',
      {
        'data-label': columns[i]?.title ?? '',
        class: columns[i]?.number === true ? `number${child === '0' ? ' zero' : ''}` : undefined,
        scope: i === 0 ? 'row' : undefined,
      },
      child,
    )
  return h(
    'table',
    { class: look },
    h('caption', { class: 'unseen' }, caption),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        ...columns.map(({ title, number }) =>
          h('th', { scope: 'col', class: number === true ? 'number' : undefined }, title),
        ),
      ),
    ),
    h('tbody', {}, ...rows.map((row) => h('tr', {}, ...row.map(cell)))),
  )
}

/**
 * Where there is nothing to show, or no way to.
 * @param {string} text
 */
export const nothing = (text) => h('p', { class: 'nothing' }, text)

/** @param {unknown} error */
export function failure(error) {
  return h('p', { class: 'failure', role: 'alert' }, error instanceof Error ? error.message : String(error))
}

/**
 * @param {string} text
 * @param {(event: Event) => void} act
 * @param {string} [kind]
 * @param {string} [label] what it says to those who do not see what it stands beside
 */
export const button = (text, act, kind, label) =>
  h('button', { type: 'button', class: kind, click: act, 'aria-label': label }, text)

/**
 * Asks before something is done that cannot be taken back by a click.
 * @param {{ readonly title: string, readonly text: readonly string[], readonly yes: string }} question
 * @returns {Promise<boolean>}
 */
export function confirmed({ title, text, yes }) {
  return new Promise((resolve) => {
    const close = (/** @type {string} */ answer) => () => dialog.close(answer)
    const dialog = h(
      'dialog',
      {
        'aria-labelledby': 'question',
        close: () => {
          resolve(dialog.returnValue === 'yes')
          dialog.remove()
        },
      },
      h('h2', { id: 'question' }, title),
      ...text.map((line) => h('p', {}, line)),
      h('div', { class: 'actions' }, button('Cancel', close('no')), button(yes, close('yes'), 'main')),
    )
    document.body.append(dialog)
    dialog.showModal()
  })
}
