/**
 * Sorted searches, pages of them, virtual list views and matched values: the same people behind the gateway and in slapd,
 * which has to send the same entries in the same order.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Control,
  controlType,
  findControl,
  LdapClient,
  type ListViewTarget,
  listViewRequestControl,
  pagedResultsControl,
  parseFilter,
  parseListViewResponse,
  parsePagedResults,
  parseSortResponse,
  type SearchOptions,
  type SortKey,
  sortRequestControl,
  type ValueFilter,
  valuesFilterControl,
} from '../../src/ldap/index.js'
import { populationConfig, suffix } from '../data/gateway.js'
import { toLdif } from '../data/ldif.js'
import { makePopulation } from '../data/people.js'
import { startSlapd } from '../servers/slapd.js'
import { type Database, loadPopulation, type Serving, serve, sources } from './serving.js'

const population = makePopulation({
  seed: Number(process.env.VITRINE_SEED ?? 20261122),
  people: 150,
  groups: 25,
})
const people = `ou=people,${suffix}`

/** `-sn:caseExactOrderingMatch` is the attribute sn, reversed, by that rule. */
function keysOf(text: string): readonly SortKey[] {
  return text.split(' ').map((key) => {
    const [name = '', rule] = key.split(':')
    const reverse = name.startsWith('-')
    return {
      attribute: reverse ? name.slice(1) : name,
      reverse,
      ...(rule !== undefined && { orderingRule: rule }),
    }
  })
}
const sorted = (text: string, critical = true) => sortRequestControl(keysOf(text), critical)

const ignore = 'caseIgnoreOrderingMatch'
/** All of them end in the name, so that there is one right order only. */
const orders = [
  `uid:${ignore}`,
  `-uid:2.5.13.3`,
  `sn:${ignore} uid:${ignore}`,
  `-sn:${ignore} uid:${ignore}`,
  `givenName:${ignore} -sn:${ignore} uid:${ignore}`,
  `mail:${ignore} uid:${ignore}`,
  `-mail:${ignore} uid:${ignore}`,
  `description:${ignore} uid:${ignore}`,
  `uidNumber uid:${ignore}`,
  `-uidNumber -uid:${ignore}`,
  `gidNumber:integerOrderingMatch -uidNumber uid:${ignore}`,
  `-employeeNumber:${ignore} uid:${ignore}`,
  `seeAlso:${ignore} -uid:${ignore}`,
]

let slapd: Awaited<ReturnType<typeof startSlapd>>

beforeAll(async () => {
  slapd = await startSlapd({
    suffix,
    ldif: toLdif(population, suffix),
    modules: ['sssvlv'],
    config: ['overlay sssvlv'],
  })
})
afterAll(() => slapd?.stop())

/** Asks on a connection of its own: slapd keeps a list view's list with it. */
async function ask(
  server: { readonly host: string; readonly port: number },
  base: string,
  options: SearchOptions,
) {
  const client = await LdapClient.connect({ host: server.host, port: server.port, timeoutMs: 20_000 })
  try {
    const { entries, done } = await client.searchAnswer(base, { filter: '(uid=*)', ...options })
    const { code, controls } = done
    const names = entries.map(({ dn, attributes }) => nameOf(dn, attributes))
    return { code, controls, names, entries }
  } finally {
    client.close()
  }
}

/** In a spelling that both servers share. */
function nameOf(dn: string, attributes: readonly { type: string; values: readonly Buffer[] }[]): string {
  const rdn = dn.slice(0, dn.indexOf('=')).toLowerCase()
  return String(attributes.find((a) => a.type.toLowerCase() === rdn)?.values[0] ?? dn)
}

const codeOfSort = (controls: readonly Control[]) => {
  const found = findControl(controls, controlType.sortResponse)
  return found && parseSortResponse(found)
}
const viewOf = (controls: readonly Control[]) => {
  const found = findControl(controls, controlType.listViewResponse)
  const { position, contentCount, code } = found
    ? parseListViewResponse(found)
    : { position: -1, contentCount: -1, code: -1 }
  return { position, contentCount, code }
}

describe.each(sources)('%s sorts as slapd does', (_name, create) => {
  let database: Database
  let serving: Serving

  beforeAll(async () => {
    database = await create()
    await loadPopulation(database.url, population)
    serving = await serve(populationConfig(database.url))
  })
  afterAll(async () => {
    await serving?.close()
    await database?.remove()
  })

  it.each(orders)('by %s', async (order) => {
    const options: SearchOptions = { scope: 'singleLevel', attributes: ['uid'], controls: [sorted(order)] }
    const expected = await ask(slapd, people, options)
    const found = await ask(serving, people, options)
    expect(expected.names.length).toBe(population.people.length)
    expect(found.names).toEqual(expected.names)
    expect(found.code).toBe(0)
    expect(codeOfSort(found.controls)).toEqual({ code: 0 })
  })

  it.each([1, 7, 50, 1000])('in pages of %i, which together are the list', async (size) => {
    const order = sorted(`-sn:${ignore} uid:${ignore}`)
    const whole = await ask(serving, suffix, { controls: [order] })
    const client = await serving.connect()
    const names: string[] = []
    let cookie: Buffer = Buffer.alloc(0)
    let pages = 0
    do {
      const { entries, done } = await client.searchAnswer(suffix, {
        filter: '(uid=*)',
        controls: [order, pagedResultsControl({ size, cookie }, true)],
      })
      expect(done.code).toBe(0)
      expect(entries.length).toBeLessThanOrEqual(size)
      expect(codeOfSort(done.controls)).toEqual({ code: 0 })
      names.push(...entries.map(({ dn, attributes }) => nameOf(dn, attributes)))
      const page = findControl(done.controls, controlType.pagedResults)
      cookie = Buffer.from(page === undefined ? '' : parsePagedResults(page).cookie)
      pages++
    } while (cookie.length > 0)
    expect(names).toEqual(whole.names)
    expect(pages).toBe(Math.max(1, Math.ceil(whole.names.length / size)))
  })

  it('over all views and containers of a subtree, as one list', async () => {
    const options: SearchOptions = {
      filter: '(objectClass=*)',
      attributes: ['uid', 'cn', 'ou', 'dc'],
      controls: [sorted(`cn:${ignore} uid:${ignore} -ou:${ignore}`)],
    }
    const [expected, found] = [await ask(slapd, suffix, options), await ask(serving, suffix, options)]
    expect(found.names).toEqual(expected.names)
  })

  it('up to a size limit', async () => {
    const options: SearchOptions = {
      scope: 'singleLevel',
      attributes: ['uid'],
      sizeLimit: 9,
      controls: [sorted(`uid:${ignore}`)],
    }
    const [expected, found] = [await ask(slapd, people, options), await ask(serving, people, options)]
    expect(expected.code).toBe(4)
    expect(found.code).toBe(4)
    expect(found.names).toEqual(expected.names)
  })

  const last = population.people.length
  it.each<[ListViewTarget]>([
    [{ offset: 1, contentCount: 0 }],
    [{ offset: 2, contentCount: 0 }],
    [{ offset: last, contentCount: last }],
    [{ offset: last - 1, contentCount: 0 }],
    [{ offset: last + 1, contentCount: 0 }],
    [{ offset: 30, contentCount: 40 }],
    [{ offset: 70, contentCount: 1000 }],
    [{ offset: 3, contentCount: 2 }],
    [{ value: Buffer.from('b') }],
    [{ value: Buffer.from('mz') }],
    [{ value: Buffer.from('\u{10ffff}') }],
  ])('a window of a list at %o', async (target) => {
    for (const order of [`sn:${ignore} uid:${ignore}`, `-sn:${ignore} uid:${ignore}`]) {
      const view = listViewRequestControl({ before: 2, after: 4, target })
      const options: SearchOptions = {
        scope: 'singleLevel',
        attributes: ['uid'],
        controls: [sorted(order), view],
      }
      const [expected, found] = [await ask(slapd, people, options), await ask(serving, people, options)]
      expect(found.code).toBe(expected.code)
      expect(found.names).toEqual(expected.names)
      const { position, contentCount, code } = viewOf(expected.controls)
      // slapd has codes of its own for the draft's.
      expect(viewOf(found.controls)).toEqual({ position, contentCount, code: code === 77 ? 61 : code })
    }
  })

  it.each([
    '(mail=*)',
    '(objectClass=person)',
    '(objectClass=top)(uid=*)',
    '(cn=*a*)(telephoneNumber=*5*)',
    '(name=*e*)',
    '(description=*)(sn=nobody)',
    '(uidNumber>=1)(uidNumber<=20)',
    '(nosuch=x)(uid=*)',
    '(uid:caseExactMatch:=x)(:caseIgnoreMatch:=engineer)',
    '(member=*)',
  ])('the values that match %s', async (items) => {
    const set = parseFilter(`(|${items})`)
    const filters = set.tag === 'or' ? set.filters : []
    const options: SearchOptions = {
      scope: 'singleLevel',
      attributes: [
        'cn',
        'sn',
        'givenName',
        'mail',
        'description',
        'telephoneNumber',
        'uid',
        'objectClass',
        'title',
        'uidNumber',
      ],
      controls: [sorted(`uid:${ignore}`), valuesFilterControl(filters as ValueFilter[], true)],
    }
    const [expected, found] = [await ask(slapd, people, options), await ask(serving, people, options)]
    const plain = ({ entries }: typeof found) =>
      entries.map(({ attributes }) =>
        Object.fromEntries(
          attributes
            .map(({ type, values }) => [type, values.map(String).sort()] as const)
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        ),
      )
    expect(plain(found)).toEqual(plain(expected))
  })
})
