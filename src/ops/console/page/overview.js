/** How it goes: sources, and what is counted, as it comes in. */
import { Chart } from './chart.js'
import { h, put } from './dom.js'
import { badge, failure, nothing, panel, table } from './parts.js'
import { count, counted, duration, figure, memory } from './text.js'

/** @import { Counters, SourceStatus } from '../terms.js' */
/** @import { Live } from './live.js' */
/** @import { Point } from './history.js' */

const PROTOCOLS = /** @type {const} */ ([
  ['ldap', 'LDAP'],
  ['scim', 'SCIM'],
])

/** @param {Live} live */
export function overview(live) {
  const [tiles, sources, operations, caches] = [h('dl', { class: 'tiles' }), h('div'), h('div'), h('div')]
  const charts = {
    rates: new Chart('Operations per second'),
    times: new Chart('Time of an operation'),
    connections: new Chart('Connections of clients'),
  }
  const answers = new Chart('Answers of cached views per second')
  const show = () => {
    const { counters, history, problem } = live
    const { points } = history
    put(
      sources,
      problem !== undefined && failure(problem),
      live.sources === undefined ? nothing('Asking the sources …') : sourceList(live.sources),
    )
    if (counters === undefined) return
    put(tiles, ...tilesOf(counters, points.at(-1)))
    charts.rates.show([
      ...PROTOCOLS.map(([key, name]) => series(points, name, figure, (point) => point.rates[key] ?? 0)),
      series(points, 'Failed', figure, ({ failures }) => failures),
    ])
    charts.times.show([
      series(points, 'Mean', duration, ({ mean }) => mean),
      series(points, '95 of 100 within', duration, ({ slow }) => slow),
    ])
    charts.connections.show(
      PROTOCOLS.map(([key, name]) =>
        series(
          points,
          name === 'SCIM' ? 'HTTP' : name,
          count,
          ({ connections }) => connections[name === 'SCIM' ? 'http' : key] ?? 0,
        ),
      ),
    )
    put(operations, operationTable(counters))
    answers.element.hidden = counters.caches.length === 0
    answers.show([
      series(points, 'Cache', figure, (point) => point.answers.cache),
      series(points, 'Source', figure, (point) => point.answers.source),
      series(points, 'Stale', figure, (point) => point.answers.stale),
    ])
    put(caches, counters.caches.length > 0 && panel('Answers that are kept', cacheTable(counters)))
  }
  const stop = live.listen(show)
  show()
  return {
    element: h(
      'div',
      {},
      panel('Sources', sources),
      panel(
        'Live',
        tiles,
        h('div', { class: 'charts' }, ...[...Object.values(charts), answers].map(({ element }) => element)),
      ),
      panel('Operations since the start', operations),
      caches,
    ),
    close: stop,
  }
}

/**
 * @param {readonly Point[]} points
 * @param {string} name
 * @param {(value: number) => string} text
 * @param {(point: Point) => number | undefined} value
 */
function series(points, name, text, value) {
  return { name, text, points: points.map((point) => ({ at: point.at, value: value(point) })) }
}

/** @param {readonly SourceStatus[]} sources */
function sourceList(sources) {
  return h('ul', { class: 'cards' }, ...sources.map(sourceCard))
}

/** @param {SourceStatus} source */
function sourceCard({ name, type, ok, needed, detail, milliseconds, pool }) {
  const servers = pool?.servers ?? []
  return h(
    'li',
    { class: ok ? 'card' : 'card away' },
    h('h3', {}, name, ' ', h('small', {}, type)),
    ok ? badge('good', 'answers') : badge(needed ? 'bad' : 'odd', needed ? 'away' : 'away, not needed'),
    h('p', { class: 'fact' }, ok ? `in ${duration(milliseconds)}` : (detail ?? 'cannot be asked')),
    pool &&
      h(
        'p',
        { class: 'fact' },
        `${counted(pool.busy + pool.idle, 'connection')}: ${count(pool.busy)} busy, ${count(pool.idle)} idle`,
        pool.waiting > 0 && h('strong', {}, `; ${counted(pool.waiting, 'request')} waiting`),
      ),
    servers.length > 0 &&
      h(
        'ul',
        { class: 'servers' },
        ...servers.map((server) =>
          h(
            'li',
            {},
            h('code', {}, server.name),
            ' ',
            server.tripped ? badge('bad', 'left alone') : badge('good', 'in use'),
          ),
        ),
      ),
  )
}

/**
 * @param {Counters} counters
 * @param {Point | undefined} now
 */
function tilesOf({ processes, memoryBytes, rows, connections }, now) {
  const rate = Object.values(now?.rates ?? {}).reduce((sum, one) => sum + one, 0)
  const all = Object.values(connections).reduce((sum, one) => sum + one, 0)
  const read = rows.source + rows.gateway
  const tile = (/** @type {string} */ title, /** @type {string} */ value, note = '') =>
    h('div', { class: 'tile' }, h('dt', {}, title), h('dd', {}, value, note !== '' && h('small', {}, note)))
  return [
    tile('Operations', now === undefined ? '–' : `${figure(rate)}/s`),
    tile('Mean time', now?.mean === undefined ? '–' : duration(now.mean)),
    tile('Connections', count(all)),
    tile(
      'Rows read',
      count(read),
      read === 0 ? '' : `${figure((rows.source / read) * 100)} % decided by the source`,
    ),
    tile('Memory', memory(memoryBytes), counted(processes, 'process', 'processes')),
  ]
}

/** @param {Counters} counters */
function operationTable({ operations }) {
  if (operations.length === 0) return nothing('Nobody has asked anything yet.')
  const columns = /** @type {const} */ ([
    { title: 'Operation' },
    { title: 'Ended', number: true },
    { title: 'Refused or failed', number: true },
    { title: 'Entries sent', number: true },
    { title: 'Mean time', number: true },
  ])
  const ordered = [...operations].sort((a, b) => b.count - a.count)
  const rows = ordered.map((one) => [
    `${one.protocol.toUpperCase()} ${one.operation}`,
    count(one.count),
    one.failed === 0 ? '0' : h('strong', {}, count(one.failed)),
    count(one.entries),
    one.count === 0 ? '–' : duration((one.seconds / one.count) * 1000),
  ])
  return table('Operations by kind', columns, rows)
}

/** @param {Counters} counters */
function cacheTable({ caches }) {
  const columns = /** @type {const} */ ([
    { title: 'View' },
    { title: 'Kept', number: true },
    { title: 'Memory', number: true },
    { title: 'Asked for', number: true },
    { title: 'From the cache', number: true },
    { title: 'Dropped', number: true },
    { title: 'State' },
  ])
  const rows = caches.map(({ view, answers, bytes, from, invalidations, hearing }) => {
    const all = from.cache + from.source + from.stale
    return [
      view,
      count(answers),
      memory(bytes),
      count(all),
      all === 0 ? '–' : `${figure(((from.cache + from.stale) / all) * 100)} %`,
      counted(invalidations, 'time'),
      hearing ? badge('good', 'hears of changes') : badge('odd', 'keeps nothing: changes could go unheard'),
    ]
  })
  return table('Views whose answers are kept', columns, rows)
}
