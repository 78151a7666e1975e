/** The tree of views: where their entries are over LDAP and over SCIM, where they come from, and what they hold. */
import { h, put } from './dom.js'
import { badge, failure, nothing, panel, table } from './parts.js'
import { counted, duration } from './text.js'

/** @import { Tree, TreeNode, ViewInfo } from '../terms.js' */
/** @import { Api } from './api.js' */

/** @param {Api} api */
export function views(api) {
  const content = h('div', {}, nothing('Reading the tree …'))
  api.get('views').then(
    (tree) => put(content, ...sections(tree)),
    (error) => put(content, failure(error)),
  )
  return { element: content, close: () => {} }
}

/** @param {Tree} tree */
function sections(tree) {
  const byName = new Map(tree.views.map((view) => [view.name, view]))
  const apart = tree.views.filter(({ dn }) => dn === undefined)
  return [
    panel(
      'Tree',
      h('ul', { class: 'tree' }, ...tree.suffixes.map((node) => branch(node, '', byName, tree.scim))),
    ),
    apart.length > 0 &&
      panel(
        'Outside the tree',
        h('ul', { class: 'tree' }, ...apart.map((view) => h('li', {}, leaf(view, tree.scim)))),
      ),
  ]
}

/**
 * @param {TreeNode} node
 * @param {string} above
 * @param {ReadonlyMap<string, ViewInfo>} byName
 * @param {string | undefined} scim
 * @returns {HTMLLIElement}
 */
function branch({ dn, containers, views: names }, above, byName, scim) {
  // What is above is read one line higher.
  const own = above !== '' && dn.endsWith(`,${above}`) ? dn.slice(0, -above.length - 1) : dn
  const leaves = names.flatMap((name) => byName.get(name) ?? [])
  return h(
    'li',
    {},
    h('code', { class: 'dn', title: dn }, own),
    h(
      'ul',
      {},
      ...leaves.map((view) => h('li', {}, leaf(view, scim))),
      ...containers.map((container) => branch(container, dn, byName, scim)),
    ),
  )
}

/**
 * @param {ViewInfo} view
 * @param {string | undefined} scim
 */
function leaf(view, scim) {
  const { name, copied, kept, members, bindable, attributes, resource, dn, sources, objectClasses } = view
  const isWritable = attributes.some(({ writable }) => writable)
  const fact = (/** @type {string} */ title, /** @type {string} */ text, isCode = false) => [
    h('dt', {}, title),
    h('dd', {}, isCode ? h('code', {}, text) : text),
  ]
  return h(
    'details',
    { class: 'view' },
    h(
      'summary',
      {},
      h('b', {}, name),
      ' ',
      badge('plain', copied ? 'copied' : kept === undefined ? 'live' : `cached for ${duration(kept)}`),
      members && badge('plain', `union of ${members.length}`),
      bindable && badge('plain', 'may bind'),
      isWritable && badge('plain', 'writable'),
      resource && badge('plain', `SCIM ${resource.type}`),
    ),
    h(
      'dl',
      { class: 'facts' },
      ...(dn === undefined ? [] : fact('Entries', dn, true)),
      ...(resource === undefined ? [] : fact('SCIM endpoint', `${scim ?? ''}${resource.endpoint}`, true)),
      ...(resource !== undefined && scim === undefined ? fact('Note', 'SCIM is not served on any port') : []),
      ...fact('From', sources.join(', ')),
      ...(members === undefined ? [] : fact('Members', members.join(', '))),
      ...(objectClasses.length === 0 ? [] : fact('Object classes', objectClasses.join(', '))),
    ),
    table(
      `Attributes of ${name}`,
      [{ title: counted(attributes.length, 'attribute') }, { title: 'Values' }, { title: 'Clients may' }],
      attributes.map((attribute) => [
        h('code', {}, attribute.name),
        [
          attribute.multiValued ? 'several' : 'one',
          attribute.refers.length > 0 && `references to ${attribute.refers.join(', ')}`,
        ]
          .filter(Boolean)
          .join(', '),
        attribute.secret ? 'bind with it; never shown' : attribute.writable ? 'read and write' : 'read',
      ]),
      'compact',
    ),
  )
}
