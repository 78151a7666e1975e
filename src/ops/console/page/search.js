/** A box for filters: what they find, and what becomes of them on the way to the source. */
import { h, put, say } from './dom.js'
import { badge, failure, nothing } from './parts.js'
import { count, counted, duration } from './text.js'

/** @import { FoundEntry, Question, SearchAnswer, Session, Tree, ViewAnswer } from '../terms.js' */
/** @import { Api } from './api.js' */

/** Values of an attribute that are shown at once. */
const FIRST = 8

const EXAMPLES = { ldap: '(&(cn=a*)(!(mail=*)))', scim: 'userName sw "a" and not (emails pr)' }

/**
 * @param {Api} api
 * @param {Session} session
 */
export function search(api, session) {
  const results = h('div', { class: 'results' })
  const filter = h('input', {
    id: 'filter',
    name: 'filter',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    placeholder: EXAMPLES.ldap,
  })
  const view = h('select', { id: 'view', name: 'view' })
  const limit = h(
    'select',
    { id: 'limit', name: 'limit' },
    ...[5, 20, 100].map((n) => h('option', { value: n, selected: n === 20 }, n)),
  )
  const go = h('button', { type: 'submit', class: 'main' }, 'Search')
  /** @type {Tree | undefined} */
  let tree
  const protocol = () => (ldap.checked ? 'ldap' : 'scim')
  const offer = () => {
    filter.placeholder = EXAMPLES[protocol()]
    const shown = (tree?.views ?? []).filter(
      ({ dn, resource }) => (protocol() === 'ldap' ? dn : resource) !== undefined,
    )
    const chosen = view.value
    put(
      view,
      h('option', { value: '' }, 'all views'),
      ...shown.map(({ name }) => h('option', { value: name }, name)),
    )
    if (shown.some(({ name }) => name === chosen)) view.value = chosen
  }
  const radio = (/** @type {string} */ value, checked = false) =>
    h('input', { type: 'radio', name: 'protocol', id: `as-${value}`, value, checked, change: offer })
  const [ldap, scim] = [radio('ldap', true), radio('scim')]
  const form = h(
    'form',
    {
      class: 'panel search',
      submit: async (event) => {
        event.preventDefault()
        go.disabled = true
        say('Searching …')
        const question = {
          protocol: protocol(),
          filter: filter.value,
          limit: Number(limit.value),
          ...(view.value !== '' && { view: view.value }),
        }
        try {
          const answer = /** @type {SearchAnswer} */ (await api.post('search', question))
          put(results, ...shownAnswer(answer))
          say(
            answer.error?.message ??
              counted(
                answer.views.reduce((sum, { entries }) => sum + entries.length, 0),
                'entry',
                'entries',
              ),
          )
        } catch (error) {
          put(results, failure(error))
        }
        go.disabled = false
      },
    },
    h(
      'fieldset',
      {},
      h('legend', {}, 'Filter of'),
      ldap,
      h('label', { for: 'as-ldap' }, 'LDAP'),
      scim,
      h('label', { for: 'as-scim' }, 'SCIM'),
    ),
    h('div', { class: 'field wide' }, h('label', { for: 'filter' }, 'Filter'), filter),
    h('div', { class: 'field' }, h('label', { for: 'view' }, 'View'), view),
    h('div', { class: 'field' }, h('label', { for: 'limit' }, 'At most'), limit),
    go,
    h(
      'p',
      { class: 'note' },
      'As ',
      h('code', {}, session.as ?? ''),
      ': what the access rules keep from it is not shown. Without a filter, everything is found.',
    ),
  )
  offer()
  api.get('views').then(
    (found) => {
      tree = found
      offer()
    },
    () => {},
  )
  return { element: h('div', {}, form, results), close: () => {} }
}

/** @param {SearchAnswer} answer */
function shownAnswer({ error, views }) {
  if (error !== undefined) {
    const isFilter = error.code === 'filterError'
    return [failure(isFilter ? `The filter cannot be read: ${error.message}.` : error.message)]
  }
  if (views.length === 0) return [nothing('There is no view to search.')]
  return views.map((answer) => viewPanel(answer, views.length === 1))
}

/**
 * @param {ViewAnswer} answer
 * @param {boolean} isAlone
 */
function viewPanel(answer, isAlone) {
  const { view, error, missing, entries, more, milliseconds, sourceMilliseconds, rows, left } = answer
  const found = `${counted(entries.length, 'entry', 'entries')}${more ? ' shown, there are more' : ''}`
  const spent = `${duration(milliseconds)}, of which ${duration(sourceMilliseconds)} waiting for rows`
  const read = `${counted(rows, 'row')} read${left > 0 ? `, ${count(left)} left out by the gateway` : ''}`
  const isAsked = error === undefined || answer.questions.length > 0
  const id = `found-${view}`
  return h(
    'section',
    { class: 'panel', 'aria-labelledby': id },
    h(
      'h2',
      { id },
      view,
      ' ',
      error ? badge('bad', error.code) : badge(entries.length > 0 ? 'good' : 'plain', found),
    ),
    error && failure(error.message),
    missing.length > 0 &&
      h('p', { class: 'failure' }, `Without ${missing.join(', ')}, which cannot be asked.`),
    isAsked && h('p', { class: 'note' }, `${spent}; ${read}.`),
    h(
      'ul',
      { class: 'entries' },
      ...entries.map((entry) => h('li', {}, entryCard(entry, entries.length <= (isAlone ? 3 : 1)))),
    ),
    isAsked && plan(answer, isAlone),
  )
}

/**
 * @param {FoundEntry} entry
 * @param {boolean} isOpen
 */
function entryCard(entry, isOpen) {
  const isLdap = 'dn' in entry
  return h(
    'details',
    { class: 'entry', open: isOpen },
    h('summary', {}, h('code', {}, isLdap ? entry.dn : entry.id)),
    isLdap ? attributeList(entry) : resourceText(entry),
  )
}

/** @param {Extract<FoundEntry, { id: string }>} entry */
function resourceText({ resource, shortened }) {
  const text = JSON.stringify(resource, undefined, 2)
  return h(
    'div',
    {},
    shortened.length > 0 && h('p', { class: 'note' }, `Not all of ${shortened.join(', ')} is shown.`),
    h('pre', { tabindex: 0, 'aria-label': 'Resource' }, text),
  )
}

/** @param {Extract<FoundEntry, { dn: string }>} entry */
function attributeList({ attributes }) {
  if (attributes.length === 0) return nothing('None of its attributes may be read.')
  return h(
    'dl',
    { class: 'facts' },
    ...attributes.flatMap(({ name, values, further }) => {
      const shown = values.map((value) =>
        h('div', {}, typeof value === 'string' ? value : h('i', {}, counted(value.octets, 'octet'))),
      )
      const hidden = shown.slice(FIRST)
      return [
        h('dt', {}, h('code', {}, name)),
        h(
          'dd',
          {},
          ...shown.slice(0, FIRST),
          hidden.length > 0 && h('details', {}, h('summary', {}, `${count(hidden.length)} more`), ...hidden),
          further > 0 && h('i', {}, `and ${count(further)} that are not shown here`),
        ),
      ]
    }),
  )
}

/**
 * @param {ViewAnswer} answer
 * @param {boolean} isOpen
 */
function plan({ questions, moreQuestions }, isOpen) {
  if (questions.length === 0) return nothing('No source was asked: the access rules leave nothing of it.')
  return h(
    'details',
    { class: 'plan', open: isOpen },
    h('summary', {}, 'How it is answered'),
    ...questions.map(questionBlock),
    moreQuestions > 0 &&
      h('p', { class: 'note' }, `${counted(moreQuestions, 'further question')} to sources.`),
  )
}

/** @param {Question} question */
function questionBlock({ view, filter, pushed, residual, unmapped, statements }) {
  const block = (/** @type {string} */ label, /** @type {string} */ text) =>
    h('pre', { tabindex: 0, 'aria-label': label }, text)
  const row = (/** @type {string} */ title, /** @type {Node | string} */ content) => [
    h('dt', {}, title),
    h('dd', {}, content),
  ]
  return h(
    'dl',
    { class: 'facts question' },
    ...row('Asked of', view),
    ...row('Filter', block('Filter', filter)),
    ...row('The source decides', block('The source decides', pushed)),
    ...row(
      'The gateway decides',
      residual === undefined
        ? 'nothing: the answer of the source is exact'
        : block('The gateway decides', residual),
    ),
    ...(unmapped.length === 0 ? [] : row('Not mapped', unmapped.join(', '))),
    ...(statements.length === 0 ? row('Sent', 'nothing: no row can be meant') : []),
    ...statements.flatMap(({ text, values }) => [
      ...row('Sent', block('Statement', text)),
      ...(values === '[]' ? [] : row('with', block('Values', values))),
    ]),
  )
}
