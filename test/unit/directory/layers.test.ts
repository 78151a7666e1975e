/** Who may see what, and how often one may guess. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Directory } from '../../../src/directory/directory.js'
import { accessLayer } from '../../../src/directory/layers/access/access.js'
import type { Right, Rule } from '../../../src/directory/layers/access/rule.js'
import { throttleLayer } from '../../../src/directory/layers/throttle.js'
import { withReferences } from '../../../src/directory/references.js'
import type { Entry } from '../../../src/model/entry.js'
import { type Filter, UNDEFINED } from '../../../src/model/filter.js'
import { ANONYMOUS, type Identity, type Principal, type SearchRequest } from '../../../src/model/request.js'
import { standardSchema } from '../../../src/schema/schema.js'
import { attributeOf, directoryOf, viewOf } from '../../data/directory.js'

const people = ['1', '2'].map(
  (id): Entry => ({
    view: 'people',
    id,
    attributes: new Map([
      ['uid', [`user${id}`]],
      ['mail', [`user${id}@example.com`]],
    ]),
  }),
)
const attribute = (name: string, verifyOnly = false) => [name, attributeOf(name, { verifyOnly })] as const

/** Shows what it was asked. */
function recording() {
  const asked: SearchRequest[] = []
  const schema = standardSchema()
  const directory = directoryOf({
    views: new Map([
      [
        'people',
        viewOf('people', {
          rdn: ['uid'],
          attributes: new Map([attribute('uid'), attribute('mail'), attribute('userPassword', true)]),
          bindable: true,
        }),
      ],
    ]),
    matchingOf: (attr, rule) => schema.matching(attr, rule),
    search: async function* (request) {
      asked.push(request)
      yield request.id === undefined ? people : people.filter((e) => e.id === request.id)
    },
    compare: async () => true,
    authenticate: async (_identity, password) =>
      Buffer.from(password).toString() === 'right' ? ada : undefined,
  })
  return { asked, directory }
}

const ada: Principal = { kind: 'entry', view: 'people', id: '1', names: ['user1'] }
const rule = (allow: readonly Right[], more: Partial<Rule> = {}): Rule => ({
  who: () => true,
  self: false,
  allow: new Set(allow),
  views: '*',
  attributes: '*',
  except: new Set(),
  ...more,
})
const context = (principal: Principal, address = '192.0.2.1') => ({
  principal,
  address,
  signal: AbortSignal.timeout(10_000),
})
const present = (attr: string): Filter => ({ op: 'present', attr })

describe('access', () => {
  async function search(rules: readonly Rule[], principal: Principal, request: Partial<SearchRequest> = {}) {
    const { asked, directory } = recording()
    const found: Entry[] = []
    const whole: SearchRequest = { view: 'people', filter: present('uid'), attributes: 'all', ...request }
    for await (const batch of accessLayer(rules)(directory).search(whole, context(principal)))
      found.push(...batch)
    return { asked, found }
  }

  it('is closed unless a rule opens it', async () => {
    expect(await search([], ada)).toEqual({ asked: [], found: [] })
    expect(await search([rule(['read'])], ada)).toEqual({ asked: [], found: [] })
    expect(await search([rule(['search'])], ada)).toEqual({ asked: [], found: [] })
    expect(await search([rule(['read', 'search'], { views: new Set(['groups']) })], ada)).toEqual({
      asked: [],
      found: [],
    })
  })

  it('never lets a secret be read or searched', async () => {
    const { asked } = await search([rule(['read', 'search'])], ada, {
      filter: { op: 'not', of: present('userPassword') },
      attributes: new Set(['uid', 'userPassword']),
    })
    expect(asked[0]?.filter).toEqual({ op: 'not', of: UNDEFINED })
    expect(asked[0]?.attributes).toEqual(new Set(['uid']))
  })

  it('makes what may not be searched Undefined, and leaves out what may not be read', async () => {
    const { asked } = await search(
      [rule(['read'], { attributes: new Set(['uid']) }), rule(['search'], { except: new Set(['mail']) })],
      ANONYMOUS,
      { filter: { op: 'or', of: [present('uid'), { op: 'not', of: present('mail') }] } },
    )
    expect(asked[0]?.attributes).toEqual(new Set(['uid']))
    expect(asked[0]?.filter).toEqual({ op: 'or', of: [present('uid'), { op: 'not', of: UNDEFINED }] })
  })

  it('shows one’s own entry, and of others what all may see', async () => {
    const own = rule(['read', 'search'], { self: true, who: (p) => p.kind === 'entry' })
    expect((await search([own], ada)).found.map((e) => e.id)).toEqual(['1'])
    expect((await search([own], ANONYMOUS)).found).toEqual([])
    const { found } = await search([own, rule(['read', 'search'], { attributes: new Set(['uid']) })], ada)
    expect(found.map((e) => [...e.attributes.keys()])).toEqual([['uid', 'mail'], ['uid']])
  })

  it('lets nobody compare without the right to', async () => {
    const compare = (rules: readonly Rule[], attr: string) =>
      accessLayer(rules)(recording().directory).compare(
        { view: 'people', names: ['user1'] },
        present(attr),
        context(ANONYMOUS),
      )
    expect(await compare([], 'uid')).toBe('noSuchEntry')
    expect(await compare([rule(['compare'])], 'uid')).toBe(true)
    await expect(compare([rule(['compare'])], 'userPassword')).rejects.toMatchObject({
      code: 'insufficientAccessRights',
    })
  })
})

describe('acting as somebody', () => {
  const views = new Map([
    ['people', viewOf('people', { rdn: ['uid'], attributes: new Map([attribute('uid')]) })],
  ])
  const known = directoryOf({
    views,
    matchingOf: withReferences(standardSchema().matching, views),
    actAs: async (_principal, identity) =>
      'service' in identity
        ? { kind: 'service', name: identity.service }
        : identity.names[0] === 'user1'
          ? { ...ada, names: ['user1'] }
          : undefined,
  })
  const app: Principal = { kind: 'service', name: 'cn=app' }
  const actAs = (rules: readonly Rule[], principal: Principal, identity: Identity) =>
    accessLayer(rules)(known).actAs(principal, identity, context(ANONYMOUS))
  const user = (name: string): Identity => ({ view: 'people', names: [name] })

  it('takes the right to, which no other right brings', async () => {
    expect(
      await actAs(
        [rule(['read', 'search', 'compare', 'add', 'modify', 'delete', 'bind'])],
        app,
        user('user1'),
      ),
    ).toBeUndefined()
    expect(await actAs([rule(['proxy'])], app, user('user1'))).toEqual(ada)
    expect(await actAs([rule(['proxy'])], app, user('user2'))).toBeUndefined()
    expect(await actAs([rule(['proxy'], { views: new Set(['groups']) })], app, user('user1'))).toBeUndefined()
    expect(await actAs([rule(['proxy'], { who: (p) => p === ada })], app, user('user1'))).toBeUndefined()
  })

  it('is for nobody who has not bound, and never as a service account', async () => {
    expect(await actAs([rule(['proxy'])], ANONYMOUS, user('user1'))).toBeUndefined()
    expect(await actAs([rule(['proxy'])], ada, { service: 'cn=app' })).toBeUndefined()
  })

  it('everybody may be themselves', async () => {
    expect(await actAs([], ada, user('USER1'))).toBe(ada)
    expect(await actAs([], app, { service: 'cn=app' })).toBe(app)
    expect(await actAs([], ada, user('user2'))).toBeUndefined()
  })

  it('is the same object each time, by which rights are remembered', async () => {
    const layer = accessLayer([rule(['proxy'])])(known)
    const again = () => layer.actAs(app, user('user1'), context(ANONYMOUS))
    expect(await again()).toBe(await again())
  })
})

describe('guessing', () => {
  let now: number
  let directory: Directory
  const bind = (name: string, password: string, address?: string) =>
    directory.authenticate(
      { view: 'people', names: [name] },
      Buffer.from(password),
      context(ANONYMOUS, address),
    )
  const fail = async (times: number, name: string, address?: string) => {
    for (let i = 0; i < times; i++) expect(await bind(name, 'wrong', address)).toBeUndefined()
  }

  beforeEach(() => {
    now = 1_000_000
    directory = throttleLayer({ perName: 3, perAddress: 5, window: 60_000, now: () => now })(
      recording().directory,
    )
  })

  it('at one name is stopped after so many failures, from wherever, even with the right password', async () => {
    await fail(2, 'ada', '192.0.2.1')
    await fail(1, 'ADA', '192.0.2.2')
    await expect(bind('ada', 'right', '192.0.2.3')).rejects.toMatchObject({ code: 'busy' })
    expect(await bind('bob', 'right', '192.0.2.3')).toEqual(ada)
  })

  it('from one address is stopped, whoever is guessed at', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await fail(1, name)
    await expect(bind('f', 'right')).rejects.toMatchObject({ code: 'busy' })
    expect(await bind('f', 'right', '192.0.2.9')).toEqual(ada)
  })

  it('may go on when the failures have gone out of the window', async () => {
    await fail(3, 'ada')
    now += 59_999
    await expect(bind('ada', 'right')).rejects.toMatchObject({ code: 'busy' })
    now += 1
    expect(await bind('ada', 'right')).toEqual(ada)
  })

  it('is forgiven by a right password', async () => {
    await fail(2, 'ada')
    expect(await bind('ada', 'right')).toEqual(ada)
    await fail(2, 'ada')
    expect(await bind('ada', 'right')).toEqual(ada)
  })

  describe('where a name has bound from', () => {
    const home = '2001:db8:1:2::10'

    it('it is not locked out by failures from elsewhere, nor do these begin anew', async () => {
      expect(await bind('ada', 'right', home)).toEqual(ada)
      await fail(3, 'ada', '192.0.2.1')
      expect(await bind('ada', 'right', home)).toEqual(ada)
      expect(await bind('ada', 'right', '2001:DB8:1:2:ffff::1')).toEqual(ada)
      await expect(bind('ada', 'right', '192.0.2.2')).rejects.toMatchObject({ code: 'busy' })
      await expect(bind('ada', 'right', '2001:db8:1:3::10')).rejects.toMatchObject({ code: 'busy' })
    })

    it('guesses are counted too, apart from others', async () => {
      expect(await bind('ada', 'right', home)).toEqual(ada)
      await fail(3, 'ada', home)
      await expect(bind('ada', 'right', home)).rejects.toMatchObject({ code: 'busy' })
      expect(await bind('ada', 'right', '192.0.2.2')).toEqual(ada)
    })

    it('other names have not', async () => {
      expect(await bind('ada', 'right', home)).toEqual(ada)
      await fail(3, 'bob', '192.0.2.1')
      await expect(bind('bob', 'right', home)).rejects.toMatchObject({ code: 'busy' })
    })

    it('is forgotten after 30 days', async () => {
      expect(await bind('ada', 'right', home)).toEqual(ada)
      now += 30 * 24 * 60 * 60 * 1000
      await fail(3, 'ada', '192.0.2.1')
      await expect(bind('ada', 'right', home)).rejects.toMatchObject({ code: 'busy' })
    })
  })

  it('from one IPv6 network is stopped, whichever of its addresses is used', async () => {
    for (const n of [1, 2, 3, 4, 5]) await fail(1, `name${n}`, `2001:db8::${n}`)
    await expect(bind('f', 'right', '2001:db8::f')).rejects.toMatchObject({ code: 'busy' })
    expect(await bind('f', 'right', '2001:db8:0:1::f')).toEqual(ada)
  })

  describe('is remembered in little memory', () => {
    setFlagsFromString('--expose-gc')
    const collect: () => void = runInNewContext('gc')
    const used = () => {
      collect()
      return process.memoryUsage().heapUsed
    }

    it('however long the names are', async () => {
      const before = used()
      for (let i = 0; i < 100; i++) await fail(1, `${i}`.padEnd(200_000, 'x'), `192.0.2.${i}`)
      expect(used() - before).toBeLessThan(5_000_000)
      await fail(2, '7'.padEnd(200_000, 'x'))
      await expect(bind('7'.padEnd(200_000, 'x'), 'right')).rejects.toMatchObject({ code: 'busy' })
    })

    it('and not beyond the window', async () => {
      const { signal } = new AbortController()
      const guess = (i: number) =>
        directory.authenticate({ view: 'people', names: [`name${i}`] }, Buffer.from('wrong'), {
          principal: ANONYMOUS,
          address: `192.0.${i >> 8}.${i & 255}`,
          signal,
        })
      const before = used()
      for (let i = 0; i < 20_000; i++) await guess(i)
      const full = used() - before
      now += 60_000
      await guess(20_000)
      expect(used() - before).toBeLessThan(full / 2)
    })
  })
})
