/** References by name and UUID, looked up many at a time. */
import { describe, expect, it } from 'vitest'
import { withReferences } from '../../../src/directory/references.js'
import { resolver } from '../../../src/directory/resolve.js'
import type { Entry } from '../../../src/model/entry.js'
import { match } from '../../../src/model/match.js'
import { ANONYMOUS, type Context, type SearchRequest } from '../../../src/model/request.js'
import { Ref } from '../../../src/model/value.js'
import { standardSchema } from '../../../src/schema/schema.js'
import { viewOf } from '../../data/directory.js'

const ctx: Context = { principal: ANONYMOUS, signal: new AbortController().signal }
const schema = standardSchema()
const views = new Map([
  ['people', viewOf('people', { rdn: ['uid'] })],
  ['rooms', viewOf('rooms', { rdn: ['l', 'cn'] })],
  ['things', viewOf('things')],
])
const matchingOf = withReferences(schema.matching, views)

const entry = (view: string, id: string, attributes: Record<string, readonly string[]>): Entry => ({
  view,
  id,
  attributes: new Map(Object.entries(attributes)),
})

/** Answers from these entries, and keeps what it was asked. */
function over(entries: readonly Entry[]) {
  const asked: SearchRequest[] = []
  const resolve = resolver({
    schema,
    views,
    matchingOf,
    search: async function* (request) {
      asked.push(request)
      const found = entries.filter(
        (e) => e.view === request.view && match(request.filter, e, matchingOf) === true,
      )
      yield found.slice(0, request.limit)
    },
  })
  return { asked, resolve }
}

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const byUuid = (view: string, n: number) => new Ref(view, [], undefined, undefined, uuid(n))

describe('references', () => {
  it('are looked up a hundred at a time, by UUID', async () => {
    const people = Array.from({ length: 1000 }, (_, n) =>
      entry('people', `key ${n}`, { entryUUID: [uuid(n).toUpperCase()] }),
    )
    const { asked, resolve } = over(people)
    const refs = Array.from({ length: 1001 }, (_, n) => byUuid('people', n))
    const found = await resolve(refs, ctx)
    expect(refs.map((ref) => found.get(ref)?.id)).toEqual([...people.map(({ id }) => id), undefined])
    expect(refs.every((ref) => found.get(ref)?.uuid === ref.uuid || ref.uuid === uuid(1000))).toBe(true)
    expect(asked.length).toBe(11)
  })

  it('are looked up by the rules that their names are compared by, which are the first values', async () => {
    const { asked, resolve } = over([
      entry('people', '0', { uid: ['other', 'Ada L'] }),
      entry('people', '1', { uid: ['Ada  L', 'other'] }),
      entry('people', '2', { uid: ['bob'] }),
    ])
    const [ada, again, bob, nobody] = ['ada l', 'ADA L', 'BOB', 'eve'].map((n) => new Ref('people', [n]))
    const found = await resolve(
      [ada, again, bob, nobody].flatMap((ref) => ref ?? []),
      ctx,
    )
    expect([...found.values()].map(({ id }) => id)).toEqual(['1', '1', '2'])
    expect(found.get(again as Ref)?.names).toEqual(['ADA L'])
    expect(asked.length).toBe(1)
  })

  it('may have names of several attributes that begin alike', async () => {
    const { resolve } = over([
      entry('rooms', '1', { l: ['Rome'], cn: ['a'] }),
      entry('rooms', '2', { l: ['Rome'], cn: ['b'] }),
      entry('rooms', '3', { l: ['Bonn'], cn: ['b'] }),
    ])
    const refs = [
      new Ref('rooms', ['rome', 'B']),
      new Ref('rooms', ['rome', 'c']),
      new Ref('rooms', ['bonn', 'b']),
    ]
    const found = await resolve(refs, ctx)
    expect(refs.map((ref) => found.get(ref)?.id)).toEqual(['2', undefined, '3'])
  })

  it('lead to the first of several entries by one name', async () => {
    const { resolve } = over([entry('people', '1', { uid: ['ada'] }), entry('people', '2', { uid: ['ADA'] })])
    const refs = [new Ref('people', ['ada']), new Ref('people', ['bob'])]
    expect((await resolve(refs, ctx)).get(refs[0] as Ref)?.id).toBe('1')
    expect((await resolve(refs.slice(0, 1), ctx)).get(refs[0] as Ref)?.id).toBe('1')
  })

  it('lead nowhere without a name, or in a view that there is not', async () => {
    const { asked, resolve } = over([entry('things', '1', {})])
    const found = await resolve([new Ref('things', []), new Ref('nowhere', ['x'])], ctx)
    expect(found.size).toBe(0)
    expect(asked).toEqual([])
  })
})
