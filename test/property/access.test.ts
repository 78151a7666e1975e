/** Whoever may do different things with different entries finds and is shown what a directory would hold that holds nothing else. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accessLayer } from '../../src/directory/layers/access/access.js'
import type { Right, RowFilter, Rule } from '../../src/directory/layers/access/rule.js'
import { withReferences } from '../../src/directory/references.js'
import type { Entry } from '../../src/model/entry.js'
import { type Filter, mapAssertions, UNDEFINED } from '../../src/model/filter.js'
import { match } from '../../src/model/match.js'
import type { Principal, SearchRequest } from '../../src/model/request.js'
import { standardSchema } from '../../src/schema/schema.js'
import { attributeOf, directoryOf, viewOf } from '../data/directory.js'

const ATTRIBUTES = ['cn', 'sn', 'mail', 'title'] as const
const VALUES = ['a', 'b', 'c'] as const
const schema = standardSchema()
const me = { kind: 'entry', view: 'people', id: '2', names: ['u2'] } as const satisfies Principal

const entries = fc
  .array(
    fc.dictionary(
      fc.constantFrom(...ATTRIBUTES),
      fc.uniqueArray(fc.constantFrom(...VALUES), { minLength: 1 }),
    ),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((all) =>
    all.map(
      (held, i): Entry => ({
        view: 'people',
        id: String(i + 1),
        attributes: new Map([['uid', [`u${i + 1}`]], ...Object.entries(held)]),
      }),
    ),
  )

const attribute = fc.constantFrom<string>(...ATTRIBUTES, 'uid')
const { filter: anyFilter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.record({ op: fc.constant('present' as const), attr: attribute }),
    fc.record({
      op: fc.constantFrom('eq' as const, 'ge' as const, 'le' as const),
      attr: attribute,
      value: fc.constantFrom(...VALUES),
    }),
    fc.record({ op: fc.constant('not' as const), of: tie('filter') }),
    fc.record({
      op: fc.constantFrom('and' as const, 'or' as const),
      of: fc.array(tie('filter'), { maxLength: 3 }),
    }),
    fc.constantFrom<Filter>({ op: 'const', value: true }, UNDEFINED),
  ),
}))

/** A rule with the filter it was made of. */
interface Made {
  readonly rule: Rule
  readonly filter: Filter | undefined
}

const rows = (filter: Filter): RowFilter => ({
  key: JSON.stringify(filter),
  needs: new Set(),
  filled: () => filter,
})

const made = fc
  .record({
    self: fc.boolean(),
    allow: fc.uniqueArray(fc.constantFrom<Right>('read', 'search', 'compare'), { minLength: 1 }),
    attributes: fc.oneof(fc.constant('*' as const), fc.uniqueArray(fc.constantFrom(...ATTRIBUTES))),
    except: fc.uniqueArray(fc.constantFrom(...ATTRIBUTES), { maxLength: 1 }),
    filter: fc.option(anyFilter, { nil: undefined }),
  })
  .map(
    ({ self, allow, attributes, except, filter }): Made => ({
      filter,
      rule: {
        who: () => true,
        self,
        allow: new Set(allow),
        views: new Set(['people']),
        attributes: attributes === '*' ? '*' : new Set(attributes),
        except: new Set(except),
        ...(filter !== undefined && { rows: new Map([['people', rows(filter)]]) }),
      },
    }),
  )

/** What the rules say, one entry and one attribute at a time. */
function model(rules: readonly Made[]) {
  const counts = ({ rule, filter }: Made, entry: Entry, right: Right) =>
    rule.allow.has(right) &&
    (!rule.self || entry.id === me.id) &&
    (filter === undefined || match(filter, entry, schema.matching) === true)
  const any = (entry: Entry, right: Right) => rules.some((one) => counts(one, entry, right))
  const may = (entry: Entry, right: Right, attr: string) =>
    rules.some(
      (one) =>
        counts(one, entry, right) &&
        (attr === 'uid' ||
          ((one.rule.attributes === '*' || one.rule.attributes.has(attr)) && !one.rule.except.has(attr))),
    )
  const asked = (entry: Entry, filter: Filter, right: Right) =>
    match(
      mapAssertions(filter, (a) => (may(entry, right, a.attr) ? a : UNDEFINED)),
      entry,
      schema.matching,
    )
  return {
    any,
    may,
    asked,
    found: (all: readonly Entry[], filter: Filter) =>
      all
        .filter((e) => any(e, 'search') && any(e, 'read') && asked(e, filter, 'search') === true)
        .map((e) => ({
          id: e.id,
          shown: [...e.attributes].filter(([attr]) => may(e, 'read', attr)),
        })),
  }
}

function world(all: readonly Entry[], rules: readonly Made[]) {
  const found = ({ filter, id, after, order, skip = 0, limit }: SearchRequest) => {
    const some = all
      .filter((e) => (id ?? e.id) === e.id && (after === undefined || e.id > after))
      .filter((e) => match(filter, e, schema.matching) === true)
    const key = (e: Entry) => String(e.attributes.get(order?.attr ?? '')?.[0] ?? '~')
    if (order !== undefined) some.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
    return some.slice(skip, limit === undefined ? undefined : skip + limit)
  }
  const names = ['uid', ...ATTRIBUTES]
  const described = new Map(names.map((name) => [name, attributeOf(name, { multiValued: true })]))
  const views = new Map([['people', viewOf('people', { rdn: ['uid'], attributes: described })]])
  const directory = directoryOf({
    views,
    matchingOf: withReferences(schema.matching, views),
    search: async function* (request) {
      const some = found(request).map((e) => ({
        ...e,
        attributes: new Map(
          [...e.attributes].filter(([a]) => request.attributes === 'all' || request.attributes.has(a)),
        ),
      }))
      for (let i = 0; i < some.length; i += 2) yield some.slice(i, i + 2)
    },
    count: async (request) => found({ ...request, limit: Number.POSITIVE_INFINITY, skip: 0 }).length,
    compare: async ({ names: [name] }, assertion) => {
      const entry = all.find((e) => e.attributes.get('uid')?.[0] === name)
      return entry === undefined ? 'noSuchEntry' : (match(assertion, entry, schema.matching) ?? 'undefined')
    },
  })
  return accessLayer(rules.map(({ rule }) => rule))(directory)
}

const ctx = () => ({ principal: me, signal: new AbortController().signal })

async function search(layer: ReturnType<typeof world>, request: Partial<SearchRequest>) {
  const all: { id: string; shown: readonly unknown[] }[] = []
  const whole = { view: 'people', filter: UNDEFINED, attributes: 'all' as const, ...request }
  for await (const some of layer.search(whole, ctx()))
    for (const { id, attributes } of some) all.push({ id, shown: [...attributes] })
  return all
}

const rulesOf = fc.array(made, { minLength: 1, maxLength: 4 })
const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)

describe('rules that choose among entries', () => {
  it('let be found and shown what they cover, by what they let be searched', async () => {
    await fc.assert(
      fc.asyncProperty(entries, rulesOf, anyFilter, async (all, rules, filter) => {
        const layer = world(all, rules)
        const expected = model(rules).found(all, filter)
        expect(await search(layer, { filter })).toEqual(expected)
        expect(await layer.count({ view: 'people', filter, attributes: new Set() }, ctx())).toBe(
          expected.length,
        )
      }),
    )
  })

  it('show in pages, one by one and of few attributes what they show at once', async () => {
    await fc.assert(
      fc.asyncProperty(entries, rulesOf, anyFilter, async (all, rules, filter) => {
        const layer = world(all, rules)
        const expected = model(rules).found(all, filter)
        const pages: typeof expected = []
        for (;;) {
          const after = pages.at(-1)?.id
          const page = await search(layer, { filter, limit: 2, ...(after !== undefined && { after }) })
          pages.push(...(page as typeof expected))
          if (page.length < 2) break
        }
        expect(pages).toEqual(expected)
        const few = await search(layer, { filter, attributes: new Set(['cn']) })
        expect(few).toEqual(
          expected.map(({ id, shown }) => ({ id, shown: shown.filter(([attr]) => attr === 'cn') })),
        )
        for (const { id } of all) {
          expect(await search(layer, { filter, id })).toEqual(expected.filter((e) => e.id === id))
        }
      }),
    )
  })

  it('tell by an order nothing but what may be searched', async () => {
    await fc.assert(
      fc.asyncProperty(
        entries,
        rulesOf,
        anyFilter,
        fc.constantFrom(...ATTRIBUTES),
        async (all, rules, filter, attr) => {
          const order = { attr, descending: false }
          const one = await search(world(all, rules), { filter, order })
          const { found, may } = model(rules)
          expect([...one].sort(byId)).toEqual(found(all, filter))
          // Whoever's value may not be searched can have any other, and stands where they stood.
          const others = all.map((e) =>
            may(e, 'search', attr) || rules.some((r) => JSON.stringify(r.filter ?? '').includes(attr))
              ? e
              : { ...e, attributes: new Map([...e.attributes, [attr, ['b']] as const]) },
          )
          const other = await search(world(others, rules), { filter, order })
          expect(other.map(({ id }) => id)).toEqual(one.map(({ id }) => id))
          const inPages: string[] = []
          for (let skip = 0; skip <= all.length; skip += 2) {
            const page = await search(world(all, rules), { filter, order, skip, limit: 2 })
            inPages.push(...page.map(({ id }) => id))
          }
          expect(inPages).toEqual(one.map(({ id }) => id))
        },
      ),
    )
  })

  it('let be compared what they cover, and answer alike for entries that may not be known and those that are not', async () => {
    await fc.assert(
      fc.asyncProperty(
        entries,
        rulesOf,
        attribute,
        fc.constantFrom(...VALUES),
        async (all, rules, attr, value) => {
          const layer = world(all, rules)
          const { any, may } = model(rules)
          for (const entry of all) {
            const name = { view: 'people', names: [`u${entry.id}`] }
            const assertion: Filter = { op: 'eq', attr, value }
            const answer = await layer.compare(name, assertion, ctx()).catch((error: unknown) => error)
            if (!any(entry, 'compare')) {
              const nobody = { view: 'people', names: ['nobody'] }
              const none = await layer.compare(nobody, assertion, ctx()).catch((error: unknown) => error)
              expect(String(answer)).toBe(String(none))
            } else if (may(entry, 'compare', attr))
              expect(answer).toBe(match(assertion, entry, schema.matching))
            else expect(answer).toMatchObject({ code: 'insufficientAccessRights' })
          }
        },
      ),
    )
  })
})
