/** Who may change what, where rules choose among entries: as they were, and as they will be. */
import { describe, expect, it } from 'vitest'
import { accessLayer } from '../../../src/directory/layers/access/access.js'
import { changed } from '../../../src/directory/layers/access/aftermath.js'
import type { Right, Rule } from '../../../src/directory/layers/access/rule.js'
import { withReferences } from '../../../src/directory/references.js'
import type { Entry } from '../../../src/model/entry.js'
import type { Filter } from '../../../src/model/filter.js'
import { match } from '../../../src/model/match.js'
import type { AddRequest, Change, Principal } from '../../../src/model/request.js'
import { Ref, type Value } from '../../../src/model/value.js'
import { standardSchema } from '../../../src/schema/schema.js'
import { attributeOf, directoryOf, viewOf } from '../../data/directory.js'

const schema = standardSchema()
const boss: Principal = { kind: 'entry', view: 'people', id: '1', names: ['boss'] }
const person = (id: string) => new Ref('people', [`u${id}`], id)
const entry = (id: string, held: Readonly<Record<string, readonly Value[]>>): Entry => ({
  view: 'people',
  id,
  attributes: new Map(Object.entries({ uid: [`u${id}`], ...held })),
})
const rule = (allow: readonly Right[], filter?: Filter, more: Partial<Rule> = {}): Rule => ({
  who: () => true,
  self: false,
  allow: new Set(allow),
  views: '*',
  attributes: '*',
  except: new Set(),
  ...(filter && {
    rows: new Map([
      ['people', { key: JSON.stringify(filter), needs: new Set<string>(), filled: () => filter }],
    ]),
  }),
  ...more,
})
const sales: Filter = { op: 'eq', attr: 'ou', value: 'Sales' }
const mine: Filter = { op: 'eq', attr: 'manager', value: new Ref('people', [], '1') }

/** Three people, of whom the second is in Sales and works for the first. */
function world(rules: readonly Rule[]) {
  const people = new Map(
    [
      entry('1', { ou: ['Board'], title: ['Boss'] }),
      entry('2', { ou: ['Sales'], title: ['Clerk'], manager: [person('1')] }),
      entry('3', { ou: ['Works'], title: ['Smith'], manager: [person('2')] }),
    ].map((one) => [one.id, one]),
  )
  const plain = ['uid', 'ou', 'title', 'mail'].map((name) =>
    attributeOf(name, { multiValued: true, ...(name === 'mail' && { shares: ['ou'] }) }),
  )
  const refers = ['people']
  const described = [
    ...plain,
    ...['manager', 'secretary'].map((name) => attributeOf(name, { refers, multiValued: true })),
  ]
  const views = new Map([
    ['people', viewOf('people', { rdn: ['uid'], attributes: new Map(described.map((a) => [a.name, a])) })],
  ])
  const matchingOf = withReferences(schema.matching, views)
  const shown = (one: Entry, attributes: ReadonlySet<string> | 'all'): Entry => ({
    ...one,
    attributes: new Map([...one.attributes].filter(([a]) => attributes === 'all' || attributes.has(a))),
  })
  const layer = accessLayer(rules)(
    directoryOf({
      views,
      matchingOf,
      search: async function* ({ filter, attributes, id }) {
        yield [...people.values()]
          .filter((one) => (id ?? one.id) === one.id && match(filter, one, matchingOf) === true)
          .map((one) => shown(one, attributes))
      },
      add: async ({ view, attributes }) => {
        people.set('9', { view, id: '9', attributes })
        return '9'
      },
      modify: async ({ id, attributes, change }) => {
        const one = people.get(id)
        if (one !== undefined) people.set(id, changed(one, change(shown(one, attributes)), matchingOf))
      },
      delete: async ({ id, attributes, check }) => {
        const one = people.get(id)
        if (one !== undefined) check?.(shown(one, attributes ?? new Set()))
        people.delete(id)
      },
    }),
  )
  const ctx = { principal: boss, signal: new AbortController().signal }
  return {
    held: (id: string, attr: string) => people.get(id)?.attributes.get(attr),
    has: (id: string) => people.has(id),
    modify: (id: string, changes: readonly Change[], attributes: readonly string[] = []) => {
      let seen: Entry | undefined
      const change = (one: Entry) => {
        seen = one
        return changes
      }
      const request = { view: 'people', id, attributes: new Set(attributes), change }
      return layer.modify(request, ctx).then(() => seen)
    },
    add: (held: Readonly<Record<string, readonly Value[]>>) => {
      const request: AddRequest = { view: 'people', attributes: new Map(Object.entries(held)) }
      return layer.add(request, ctx)
    },
    remove: (id: string) => layer.delete({ view: 'people', id }, ctx),
  }
}

const replace = (attr: string, ...values: readonly Value[]): Change => ({ op: 'replace', attr, values })
const forbidden = { code: 'insufficientAccessRights' }
const reading = rule(['read', 'search'])

describe('changes', () => {
  it('are for the entries that a rule covers', async () => {
    const { modify, held } = world([reading, rule(['modify'], sales)])
    await modify('2', [replace('title', 'Head')])
    expect(held('2', 'title')).toEqual(['Head'])
    await expect(modify('3', [replace('title', 'Head')])).rejects.toMatchObject(forbidden)
    expect(held('3', 'title')).toEqual(['Smith'])
  })

  it('leave the entry one that the rule covers', async () => {
    const { modify, held } = world([reading, rule(['modify'], sales)])
    await expect(modify('2', [replace('ou', 'Works')])).rejects.toMatchObject(forbidden)
    await expect(modify('3', [replace('ou', 'Sales')])).rejects.toMatchObject(forbidden)
    await expect(modify('2', [{ op: 'delete', attr: 'ou', values: ['SALES'] }])).rejects.toMatchObject(
      forbidden,
    )
    await modify('2', [{ op: 'add', attr: 'ou', values: ['Works'] }])
    expect(held('2', 'ou')).toEqual(['Sales', 'Works'])
  })

  it('of what others are made of are none by which the entry could leave the rule', async () => {
    const { modify } = world([reading, rule(['modify'], sales)])
    await expect(modify('2', [replace('mail', 'x@example.com')])).rejects.toMatchObject(forbidden)
    await modify('2', [replace('mail', 'x@example.com'), replace('ou', 'Sales')])
  })

  it('take the right to each attribute, which another rule may give', async () => {
    const { modify } = world([
      reading,
      rule(['modify'], undefined, { attributes: new Set(['mail']) }),
      rule(['modify'], sales, { attributes: new Set(['title']) }),
    ])
    await modify('3', [replace('mail', 'x@example.com')])
    await modify('2', [replace('title', 'x')])
    await expect(modify('3', [replace('title', 'x')])).rejects.toMatchObject(forbidden)
    await expect(modify('2', [replace('ou', 'x')])).rejects.toMatchObject(forbidden)
  })

  it('are shown no more of the entry than may be read of it', async () => {
    const { modify } = world([
      rule(['modify']),
      rule(['read', 'search'], undefined, { attributes: new Set(['mail']) }),
      rule(['read', 'search'], sales, { attributes: new Set(['title']) }),
    ])
    const shown = async (id: string) => [
      ...((await modify(id, [], ['title', 'ou']))?.attributes.keys() ?? []),
    ]
    expect(await shown('2')).toEqual(['title'])
    expect(await shown('3')).toEqual([])
  })

  it('of an entry that may not be known of fail as if it were not there', async () => {
    const { modify, remove, has } = world([rule(['read', 'search', 'modify', 'delete'], sales)])
    await expect(modify('3', [replace('title', 'x')])).rejects.toMatchObject({ code: 'noSuchObject' })
    await expect(remove('3')).rejects.toMatchObject({ code: 'noSuchObject' })
    expect(has('3')).toBe(true)
    await remove('2')
    expect(has('2')).toBe(false)
  })

  it('are for one’s own people, by whom they refer to', async () => {
    const { modify } = world([reading, rule(['modify'], mine)])
    await modify('2', [replace('title', 'x')])
    await expect(modify('3', [replace('title', 'x')])).rejects.toMatchObject(forbidden)
    await expect(modify('2', [replace('manager', person('3'))])).rejects.toMatchObject(forbidden)
    // By name, as LDAP has it.
    await modify('2', [replace('manager', new Ref('people', ['boss']))])
  })

  it('add only what the rule covers', async () => {
    const { add } = world([reading, rule(['add'], sales)])
    await expect(add({ uid: ['u9'], ou: ['Works'] })).rejects.toMatchObject(forbidden)
    await expect(add({ uid: ['u9'] })).rejects.toMatchObject(forbidden)
    expect(await add({ uid: ['u9'], ou: ['Sales'] })).toBe('9')
  })

  it('neither refer to entries that may not be known of, nor lose references to them', async () => {
    const notWorks: Filter = { op: 'not', of: { op: 'eq', attr: 'ou', value: 'Works' } }
    const { modify, held } = world([
      rule(['read', 'search'], notWorks),
      rule(['modify'], { op: 'present', attr: 'ou' }),
    ])
    await modify('2', [replace('secretary', person('1'))])
    for (const unknown of [person('3'), new Ref('people', ['u3']), new Ref('people', ['nobody'])])
      await expect(modify('2', [replace('secretary', unknown)])).rejects.toMatchObject({
        code: 'constraintViolation',
      })
    const hiding = world([rule(['read', 'search'], sales), rule(['modify'], { op: 'present', attr: 'ou' })])
    const other = await hiding.modify('2', [{ op: 'delete', attr: 'manager', values: [] }], ['manager'])
    expect(other?.attributes.has('manager')).toBe(false)
    expect(hiding.held('2', 'manager')).toEqual([person('1')])
    expect(held('2', 'secretary')).toEqual([person('1')])
  })
})
