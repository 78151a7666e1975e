/** Rules only add: what one may do with one's own entry is never less for what one may do with all. */
import { describe, expect, it } from 'vitest'
import type { Directory } from '../../../src/directory/directory.js'
import { accessLayer } from '../../../src/directory/layers/access/access.js'
import type { Right, Rule } from '../../../src/directory/layers/access/rule.js'
import type { Entry } from '../../../src/model/entry.js'
import type { Filter } from '../../../src/model/filter.js'
import { match } from '../../../src/model/match.js'
import type { Principal, SearchRequest } from '../../../src/model/request.js'
import { Ref } from '../../../src/model/value.js'
import { standardSchema } from '../../../src/schema/schema.js'
import { attributeOf, directoryOf, viewOf } from '../../data/directory.js'

const ids = ['1', '2', '3', '4', '5']
const bob: Principal = { kind: 'entry', view: 'people', id: '3', names: ['user3'] }
const secret = new Ref('secrets', ['x'])
const open = new Ref('groups', ['y'])
const people = ids.map(
  (id): Entry => ({
    view: 'people',
    id,
    attributes: new Map<string, Entry['attributes'] extends ReadonlyMap<string, infer V> ? V : never>([
      ['uid', [`user${id}`]],
      ['cn', [`Name ${id}`]],
      ['mail', [`user${id}@example.com`]],
      ['memberOf', id === '1' ? [secret] : [secret, open]],
    ]),
  }),
)

/** In batches of two, in key order. */
function directory(): Directory {
  const schema = standardSchema()
  const attribute = (name: string, refers: readonly string[] = []) =>
    [name, attributeOf(name, { refers, multiValued: true })] as const
  const matchingOf: Directory['matchingOf'] = (attr, rule) =>
    attr === 'memberOf'
      ? { equality: (v) => (v instanceof Ref ? `${v.view}/${v.names.join()}` : undefined) }
      : schema.matching(attr, rule)
  const described = [
    attribute('uid'),
    attribute('cn'),
    attribute('sn'),
    attribute('mail'),
    attribute('memberOf', ['groups', 'secrets']),
  ]
  return directoryOf({
    schema,
    views: new Map([
      ['people', viewOf('people', { rdn: ['uid'], attributes: new Map(described) })],
      ['groups', viewOf('groups', { rdn: ['cn'], attributes: new Map([attribute('cn')]) })],
      ['secrets', viewOf('secrets', { rdn: ['cn'], attributes: new Map([attribute('cn')]) })],
    ]),
    matchingOf,
    search: async function* ({ filter, attributes, id, after, limit }) {
      const found = people
        .filter((e) => (id ?? e.id) === e.id && (after === undefined || e.id > after))
        .filter((e) => match(filter, e, matchingOf) === true)
        .slice(0, limit)
        .map((e) => ({
          ...e,
          attributes: new Map([...e.attributes].filter(([a]) => attributes === 'all' || attributes.has(a))),
        }))
      for (let i = 0; i < found.length; i += 2) yield found.slice(i, i + 2)
    },
    compare: async ({ names }, assertion) => {
      const entry = people.find((e) => e.attributes.get('uid')?.[0] === names[0])
      return entry === undefined ? 'noSuchEntry' : (match(assertion, entry, matchingOf) ?? 'undefined')
    },
  })
}

const rule = (allow: readonly Right[], more: Partial<Rule> = {}): Rule => ({
  who: (p) => p.kind === 'entry',
  self: false,
  allow: new Set(allow),
  views: new Set(['people']),
  attributes: '*',
  except: new Set(),
  ...more,
})
const own = rule(['read', 'search'], { self: true })
const names = rule(['read', 'search'], { attributes: new Set(['cn']) })
const context = { principal: bob, signal: new AbortController().signal }
const mailOf = (...of: readonly string[]): Filter => ({
  op: 'or',
  of: of.map((id) => ({ op: 'eq', attr: 'mail', value: `user${id}@example.com` })),
})
const nameOf = (...of: readonly string[]): Filter => ({
  op: 'or',
  of: of.map((id) => ({ op: 'eq', attr: 'cn', value: `Name ${id}` })),
})

async function find(rules: readonly Rule[], filter: Filter, more: Partial<SearchRequest> = {}) {
  const found: Entry[] = []
  const request = { view: 'people', filter, attributes: 'all' as const, ...more }
  for await (const entries of accessLayer(rules)(directory()).search(request, context)) found.push(...entries)
  return found
}
const idsOf = async (...asked: Parameters<typeof find>) => (await find(...asked)).map((e) => e.id)

describe('one’s own entry', () => {
  it.each(['search', 'read', 'compare'] as const)(
    'is found as before when others allow all to %s only',
    async (right) => {
      const filter: Filter = { op: 'present', attr: 'mail' }
      expect(await idsOf([own], filter)).toEqual(['3'])
      expect(await idsOf([own, rule([right])], filter)).toEqual(['3'])
    },
  )

  it('is found by what only oneself may search, at its place among the others', async () => {
    for (const others of [[], ['1'], ['1', '2'], ['2', '4'], ['4', '5'], ['1', '2', '3', '4', '5']]) {
      const filter: Filter = { op: 'or', of: [mailOf('2', '3'), nameOf(...others)] }
      expect(await idsOf([own, names], filter)).toEqual([...new Set([...others, '3'])].sort())
    }
    expect(await idsOf([own, names], mailOf('1', '2', '4'))).toEqual([])
    expect(await idsOf([names], mailOf('3'))).toEqual([])
  })

  it('is found once whatever the pages are', async () => {
    const filter: Filter = { op: 'or', of: [mailOf('3'), nameOf('1', '2', '4', '5')] }
    for (const limit of [1, 2, 3, 4, 5, 6]) {
      const all: string[] = []
      for (;;) {
        const after = all.at(-1)
        const page = await idsOf([own, names], filter, { limit, ...(after !== undefined && { after }) })
        expect(page.length).toBeLessThanOrEqual(limit)
        all.push(...page)
        if (page.length < limit) break
      }
      expect(all).toEqual(ids)
    }
  })

  it('shows what only oneself may read, of the others what all may', async () => {
    const found = await find([own, names], { op: 'or', of: [mailOf('3'), nameOf('4')] })
    expect(found.map((e) => [...e.attributes.keys()])).toEqual([
      ['uid', 'cn', 'mail'],
      ['uid', 'cn'],
    ])
  })
})

describe('references into views to which one has no right', () => {
  const rules = [rule(['read', 'search', 'compare']), rule(['read'], { views: new Set(['groups']) })]
  const eq = (value: Ref): Filter => ({ op: 'eq', attr: 'memberOf', value })

  it('are not shown', async () => {
    const found = await find(rules, nameOf('1', '2'))
    expect(found.map((e) => e.attributes.get('memberOf'))).toEqual([undefined, [open]])
  })

  it('are Undefined in filters', async () => {
    expect(await idsOf(rules, eq(open))).toEqual(['2', '3', '4', '5'])
    expect(await idsOf(rules, eq(secret))).toEqual([])
    expect(await idsOf(rules, { op: 'not', of: eq(secret) })).toEqual([])
    expect(await idsOf([rule(['read', 'search'])], { op: 'present', attr: 'memberOf' })).toEqual([])
  })

  it('are not compared', async () => {
    const compare = (value: Ref) =>
      accessLayer(rules)(directory()).compare({ view: 'people', names: ['user2'] }, eq(value), context)
    expect(await compare(open)).toBe(true)
    await expect(compare(secret)).rejects.toMatchObject({ code: 'insufficientAccessRights' })
  })
})

describe('comparing several attributes at once', () => {
  const both = (value: string): Filter => ({
    op: 'or',
    of: ['cn', 'mail'].map((attr) => ({ op: 'eq', attr, value })),
  })
  const compare = (value: string, attributes: readonly string[]) =>
    accessLayer([rule(['compare'], { attributes: new Set(attributes) })])(directory()).compare(
      { view: 'people', names: ['user2'] },
      both(value),
      context,
    )

  it('takes the right to one of them, and the others are as if not there', async () => {
    expect(await compare('Name 2', ['cn'])).toBe(true)
    expect(await compare('user2@example.com', ['cn'])).toBe(false)
    expect(await compare('user2@example.com', ['cn', 'mail'])).toBe(true)
    await expect(compare('Name 2', ['sn'])).rejects.toMatchObject({ code: 'insufficientAccessRights' })
  })
})
