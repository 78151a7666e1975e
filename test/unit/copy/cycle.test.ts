import { describe, expect, it } from 'vitest'
import type { EntryHook } from '../../../src/copy/cycle/view-pass.js'
import { Ref } from '../../../src/model/value.js'
import { mirror, person, viewSettings, World } from './cycle-world.js'

const codes = ({ violations }: { violations: readonly { code: string }[] }) =>
  violations.map(({ code }) => code)

describe.each([
  { atomic: true, name: 'that shows a cycle as a whole' },
  { atomic: false, name: 'that shows everything at once' },
])('a cycle into a target $name', ({ atomic }) => {
  it('adds, changes, removes and leaves alone', async () => {
    const world = new World(atomic).people(person('1'), person('2'), person('3'))
    const first = await world.run()
    expect(first.views.get('people')).toMatchObject({ add: 3, update: 0, remove: 0, unchanged: 0 })
    expect(world.has()).toEqual(['1=user1', '2=user2', '3=user3'])
    world.people(person('1'), person('2', 'other'), person('4'))
    const second = await world.run()
    expect(second.views.get('people')).toMatchObject({ add: 1, update: 1, remove: 1, unchanged: 1 })
    expect(world.has()).toEqual(['1=user1', '2=other', '4=user4'])
    expect(second.violations).toEqual([])
  })

  it('does nothing when nothing has changed', async () => {
    const world = new World(atomic).people(person('1'), person('2'))
    await world.run()
    const { length } = world.target.done
    const again = await world.run()
    expect(again.views.get('people')).toMatchObject({ add: 0, update: 0, remove: 0, unchanged: 2 })
    expect(world.target.done).toHaveLength(length)
  })

  it('is held where many values are missing since all was read', async () => {
    const values = new Map([['people', { uid: 30, mail: 60 }]])
    const all = Array.from({ length: 30 }, (_, i) => person(String(i), `user${i}`, { mail: ['a', 'b'] }))
    const world = new World(atomic).people(...all)
    expect((await world.run({ values })).violations).toEqual([])
    world.people(...all.slice(0, 20), ...all.slice(20).map(({ key }) => person(key, `user${key}`)))
    expect((await world.run({ values })).violations).toEqual([])
    world.people(...all.map(({ key }) => person(key, `user${key}`, { mail: ['a'] })))
    expect(await world.run({ values })).toMatchObject({
      violations: [{ code: 'tooManyLosses', attribute: 'mail', count: 30 }],
      held: ['people', 'groups'],
    })
    const approved = await world.run({ values, isApproved: ({ approvable }) => approvable })
    expect(approved.views.get('people')).toMatchObject({ update: 30 })
  })

  it('says what it would do, and does not do it', async () => {
    const world = new World(atomic).people(person('1'), person('2'), person('3'))
    await world.run()
    world.people(person('1', 'other'), person('3'), person('4'))
    const { views } = await world.run({ dryRun: true })
    expect(views.get('people')).toMatchObject({ add: 1, update: 1, remove: 1, unchanged: 1 })
    expect(world.lines.map(({ action, key, why }) => `${action} ${key}: ${why}`)).toEqual([
      'update 1: changed',
      'add 4: new',
      'remove 2: its source no longer has it',
    ])
    expect(world.has()).toEqual(['1=user1', '2=user2', '3=user3'])
  })

  it.each([
    ['has nothing at all', [], 'empty'],
    ['has lost most of its rows', ['1'], 'tooManyRemovals'],
    ['has a key twice', ['1', '2', '2', '3', '4', '5', '6'], 'duplicateKey'],
  ])('leaves all as it was where the source %s', async (_what, keys, code) => {
    const all = ['1', '2', '3', '4', '5', '6']
    const world = new World(atomic).people(...all.map((key) => person(key)))
    await world.run()
    const { length } = world.target.done
    world.people(...keys.map((key) => person(key, `new${key}`)))
    const result = await world.run({
      isApproved: ({ approvable }) => approvable && code === 'none',
    })
    expect(codes(result)).toContain(code)
    expect(result.held).toContain('people')
    expect(world.has()).toEqual(all.map((key) => `${key}=user${key}`))
    if (!atomic) expect(world.target.done).toHaveLength(length)
  })

  it('leaves all as it was where the source fails half-way', async () => {
    const world = new World(atomic).people(...['1', '2', '3', '4', '5', '6'].map((key) => person(key)))
    await world.run()
    world.people(...['1', '2', '3', '4', '5', '6'].map((key) => person(key, `new${key}`)))
    world.reader.failing.set('people', 4)
    const result = await world.run({ isApproved: ({ approvable }) => approvable })
    expect(codes(result)).toEqual(['incomplete'])
    expect(result.violations[0]?.message).toContain('connection lost')
    expect(world.has()).toEqual(['1', '2', '3', '4', '5', '6'].map((key) => `${key}=user${key}`))
  })

  it('leaves all as it was where everybody is somebody else', async () => {
    const world = new World(atomic).people(...['1', '2', '3'].map((key) => person(key)))
    await world.run()
    world.people(...['11', '12', '13'].map((key) => person(key)))
    expect(codes(await world.run())).toEqual(['tooManyRemovals'])
    world.people(...['1', '2', '3'].map((key) => person(key, `new${key}`)))
    expect(codes(await world.run())).toEqual(['tooManyRenames'])
    expect(world.has()).toEqual(['1=user1', '2=user2', '3=user3'])
  })

  it('does it after all once it is approved', async () => {
    const world = new World(atomic).people(...['1', '2', '3'].map((key) => person(key)))
    await world.run()
    world.people(person('1'))
    const { held } = await world.run({
      isApproved: ({ code, count }) => code === 'tooManyRemovals' && count <= 2,
    })
    expect(held).toEqual([])
    expect(world.has()).toEqual(['1=user1'])
  })

  it('goes on with the views of other sources where one is held, and with none of the same', async () => {
    const world = new World(atomic)
    world.views = [
      viewSettings('people'),
      viewSettings('groups'),
      viewSettings('devices', { sources: ['stock'] }),
    ]
    const all = ['1', '2', '3', '4']
    const thing = (key: string, cn: string) => ({ key, attributes: { cn: [cn] } })
    world.people(...all.map((key) => person(key))).groups(thing('g', 'staff'))
    world.reader.views.set('devices', [thing('d', 'phone')])
    await world.run()
    world.people(person('1')).groups(thing('g', 'all staff'))
    world.reader.views.set('devices', [thing('d', 'tablet')])
    const { held, views } = await world.run()
    expect(held).toEqual(['people', 'groups'])
    expect(world.has('people')).toHaveLength(4)
    expect(world.has('groups')).toEqual(['g=staff'])
    expect(world.has('devices')).toEqual(['d=tablet'])
    expect(views.get('devices')).toMatchObject({ update: 1 })
    expect(views.get('people')).toMatchObject({ remove: 3 })
  })

  it('goes on with the views of other sources where one cannot be asked', async () => {
    const world = new World(atomic).people(person('1'))
    world.views = [viewSettings('people'), viewSettings('devices', { sources: ['stock'] })]
    world.reader.away.add('devices')
    const { held, violations } = await world.run()
    expect(held).toEqual(['devices'])
    expect(violations).toMatchObject([{ code: 'incomplete', view: 'devices', approvable: false }])
    expect(violations[0]?.message).toContain('no route to host')
    expect(world.has()).toEqual(['1=user1'])
  })

  it('puts what fails on the list of problems, goes on with the rest, and tries again later', async () => {
    const world = new World(atomic)
    const validation = { ...viewSettings('people').validation, required: ['mail'] }
    world.views = [viewSettings('people', { validation })]
    world.people(person('1'), person('2', 'ben', { mail: ['b@x'] }))
    const { views } = await world.run()
    expect(views.get('people')).toMatchObject({ add: 1, problems: 1 })
    expect(await world.problems()).toMatchObject([
      { view: 'people', key: '1', name: 'user1', reason: { code: 'missing', message: 'it has no mail' } },
    ])
    await world.run()
    expect(await world.problems()).toMatchObject([{ attempts: 1 }])
    world.now = new Date(world.now.getTime() + 3_600_000)
    await world.run()
    expect(await world.problems()).toMatchObject([{ attempts: 2, firstSeen: '2026-05-01T12:00:00.000Z' }])
    world.people(person('1', 'anna', { mail: ['a@x'] }), person('2', 'ben', { mail: ['b@x'] }))
    await world.run()
    expect(await world.problems()).toEqual([])
    expect(world.has()).toEqual(['2=ben', '1=anna'])
  })

  it('does not remove an entry that has become a problem', async () => {
    const world = new World(atomic).people(person('1'), person('2'))
    await world.run()
    const validation = { ...viewSettings('people').validation, required: ['mail'] }
    world.views = [viewSettings('people', { validation })]
    const { views } = await world.run()
    expect(views.get('people')).toMatchObject({ remove: 0, problems: 2 })
    expect(world.has()).toEqual(['1=user1', '2=user2'])
    world.people(person('1'))
    await world.run()
    expect((await world.problems()).map(({ key }) => key)).toEqual(['1'])
  })

  it('keeps what the target refuses, and why', async () => {
    const world = new World(atomic).people(person('1'), person('2'))
    world.target.refusals.set('1', { code: 'refused', message: 'no such department' })
    const { views } = await world.run()
    expect(views.get('people')).toMatchObject({ add: 1, problems: 1 })
    expect(await world.problems()).toMatchObject([{ key: '1', reason: { message: 'no such department' } }])
    world.target.refusals.clear()
    const again = await world.run({ retry: true })
    expect(again.views.get('people')).toMatchObject({ add: 1, problems: 0 })
    expect(await world.problems()).toEqual([])
  })

  it('keeps what the target refuses to remove', async () => {
    const world = new World(atomic).people(person('1'), person('2'), person('3'))
    await world.run()
    world.target.refusals.set('1', { code: 'refused', message: 'it is the last administrator' })
    world.people(person('2'), person('3'))
    expect((await world.run()).views.get('people')).toMatchObject({ remove: 0, problems: 1 })
    await world.run()
    expect(await world.problems()).toMatchObject([{ key: '1', attempts: 2 }])
    world.target.refusals.clear()
    await world.run()
    expect(world.has()).toEqual(['2=user2', '3=user3'])
    expect(await world.problems()).toEqual([])
  })

  it('knows people again under new keys, and what refers to them follows', async () => {
    const world = new World(atomic)
    world.views = [viewSettings('people', { correlate: ['mail', 'uid'] }), viewSettings('groups')]
    const group = (...keys: string[]) => ({
      key: 'g',
      attributes: { cn: ['staff'], member: keys.map((key) => new Ref('people', [], key)) },
    })
    world
      .people(person('1', 'anna', { manager: [new Ref('people', [], '2')] }), person('2', 'ben'))
      .groups(group('1', '2'))
    await world.run()
    world.people(person('901', 'anna', { manager: [new Ref('people', [], '902')] }), person('902', 'ben'))
    world.groups(group('901', '902'))
    const { views, violations } = await world.run()
    expect(violations).toEqual([])
    expect(views.get('people')).toMatchObject({ add: 0, update: 2, adopt: 2, remove: 0 })
    expect(world.has()).toEqual(['1=anna', '2=ben'])
    expect(world.target.of('people').map(({ key }) => key)).toEqual(['901', '902'])
    const refs = world.target.of('groups')[0]?.entry?.attributes.get('member')
    expect(refs).toEqual([new Ref('people', [], '1'), new Ref('people', [], '2')])
    expect(world.target.of('people')[0]?.entry?.attributes.get('manager')).toEqual([
      new Ref('people', [], '2'),
    ])
    const again = await world.run()
    expect(again.views.get('people')).toMatchObject({ unchanged: 2 })
    expect(again.views.get('groups')).toMatchObject({ unchanged: 1 })
  })

  it('takes nobody for somebody else who is still there, or where several could be meant', async () => {
    const world = new World(atomic)
    world.views = [viewSettings('people', { correlate: ['uid'] })]
    world.people(person('1', 'anna'), person('2', 'ben'), person('3', 'cleo'))
    await world.run()
    world.people(
      person('1', 'anna'),
      person('2', 'ben'),
      person('9', 'anna'),
      person('31', 'cleo'),
      person('32', 'cleo'),
    )
    const { views } = await world.run()
    expect(views.get('people')).toMatchObject({ add: 1, adopt: 0, remove: 0, problems: 2 })
    expect(world.has()).toEqual(['1=anna', '2=ben', '3=cleo', '9=anna'])
    expect((await world.problems()).map(({ key, reason }) => `${key} ${reason.code}`)).toEqual([
      '31 duplicate',
      '32 duplicate',
    ])
  })

  it('goes on keeping those whom somebody may be who could not be told from others', async () => {
    const world = new World(atomic)
    world.views = [viewSettings('people', { correlate: ['uid'] })]
    world.people(person('1', 'anna'), person('2', 'ben'), person('3', 'cleo'))
    await world.run()
    world.people(person('1', 'anna'), person('2', 'ben'), person('31', 'cleo'), person('32', 'cleo'))
    for (let cycle = 0; cycle < 3; cycle++) {
      expect((await world.run()).views.get('people')).toMatchObject({ remove: 0, problems: 2 })
      expect(world.has()).toEqual(['1=anna', '2=ben', '3=cleo'])
    }
    expect(await world.problems()).toMatchObject([{ attempts: 1 }, { attempts: 1 }])
    world.people(person('1', 'anna'), person('2', 'ben'), person('32', 'cleo'))
    expect((await world.run()).views.get('people')).toMatchObject({ adopt: 1, remove: 0, problems: 0 })
    expect(world.target.of('people').map(({ id, key }) => `${id} ${key}`)).toEqual(['1 1', '2 2', '3 32'])
    expect(await world.problems()).toEqual([])
  })

  it('removes nobody who may be back under a new key with something that is not valid', async () => {
    const world = new World(atomic)
    const validation = { ...viewSettings('people').validation, required: ['mail'] }
    world.views = [viewSettings('people', { correlate: ['uid'], validation })]
    world.people(person('1', 'anna', { mail: ['a@x'] }), person('2', 'ben', { mail: ['b@x'] }))
    await world.run()
    world.people(person('1', 'anna', { mail: ['a@x'] }), person('902', 'ben'))
    for (let cycle = 0; cycle < 3; cycle++) {
      expect((await world.run()).views.get('people')).toMatchObject({ remove: 0, problems: 1 })
      expect(world.has()).toEqual(['1=anna', '2=ben'])
    }
    world.people(person('1', 'anna', { mail: ['a@x'] }), person('902', 'ben', { mail: ['b@x'] }))
    expect((await world.run()).views.get('people')).toMatchObject({ adopt: 1, remove: 0, problems: 0 })
    expect(world.has()).toEqual(['1=anna', '2=ben'])
  })

  it('tries at once whoever failed for somebody that is gone now, and waits again if that fails too', async () => {
    const world = new World(atomic)
    world.views = [viewSettings('people', { correlate: ['uid'] })]
    world.people(person('1', 'anna'), person('2', 'ben'))
    await world.run()
    world.target.refusals.set('902', { code: 'duplicate', message: 'there is a ben already' })
    world.people(person('1', 'anna'), person('2', 'ben'), person('902', 'ben'))
    expect((await world.run()).views.get('people')).toMatchObject({ add: 0, problems: 1 })
    world.people(person('1', 'anna'), person('902', 'ben'))
    for (let cycle = 0; cycle < 3; cycle++) {
      expect((await world.run()).views.get('people')).toMatchObject({ remove: 0, problems: 1 })
      expect(await world.problems()).toMatchObject([{ key: '902', attempts: 2 }])
    }
    world.target.refusals.clear()
    world.now = new Date(world.now.getTime() + 3_600_000)
    expect((await world.run()).views.get('people')).toMatchObject({ adopt: 1, remove: 0, problems: 0 })
    expect(world.target.of('people').map(({ id, key }) => `${id} ${key}`)).toEqual(['1 1', '2 902'])
  })

  it('waits with what a hook changed and the target refused', async () => {
    const world = new World(atomic).people(person('1', 'anna'))
    world.target.refusals.set('1', { code: 'refused', message: 'no' })
    const hook: EntryHook = async (_view, entries) =>
      entries.map((one) => ({
        ...one,
        entry: { ...one.entry, attributes: new Map([...one.entry.attributes, ['uid', ['ANNA']]]) },
      }))
    await world.run({ hook })
    await world.run({ hook })
    expect(await world.problems()).toMatchObject([{ key: '1', attempts: 1 }])
  })

  it('finds again who has gone from one place to another while all was read', async () => {
    const world = new World(atomic)
    world.views = [viewSettings('people', { correlate: ['uid'] })]
    world.reader.scattered.add('people')
    world.people(person('1', 'anna'), person('2', 'ben'), person('3', 'cleo'))
    await world.run()
    // Where he was, he was no longer, and where he is now, he was not yet.
    world.people(person('1', 'anna'), person('3', 'cleo'))
    world.reader.afterAll = () => world.people(person('1', 'anna'), person('3', 'cleo'), person('902', 'ben'))
    expect((await world.run()).views.get('people')).toMatchObject({ adopt: 1, remove: 0, add: 0 })
    expect(world.target.of('people').map(({ id, key }) => `${id} ${key}`)).toEqual(['1 1', '2 902', '3 3'])
    world.reader.afterAll = undefined
    world.people(person('1', 'anna'), person('3', 'cleo'))
    expect((await world.run()).views.get('people')).toMatchObject({ remove: 1 })
    expect(world.has()).toEqual(['1=anna', '3=cleo'])
  })

  it('gives a new person under an old key an id of its own', async () => {
    const world = new World(atomic)
    world.views = [viewSettings('people', { correlate: ['uid'] })]
    world.people(person('1', 'anna'), person('2', 'ben'))
    await world.run()
    world.people(person('901', 'anna'), person('2', 'ben'))
    await world.run()
    world.people(person('901', 'anna'), person('2', 'ben'), person('1', 'dora'))
    await world.run()
    const dora = world.target.of('people').find(({ key }) => key === '1')
    expect(dora?.id).not.toBe('1')
    expect(world.has()).toEqual(['1=anna', '2=ben', `${dora?.id}=dora`])
    expect((await world.run()).views.get('people')).toMatchObject({ unchanged: 3 })
  })

  it('disables and brings back, where the mode says so', async () => {
    const world = new World(atomic)
    world.views = [viewSettings('people', { modes: { ...mirror, mode: 'remove' } })]
    world.people(person('1'), person('2'))
    await world.run()
    world.people(person('2'))
    expect((await world.run()).views.get('people')).toMatchObject({ remove: 1 })
    expect(world.has()).toEqual(['(1=user1 disabled)', '2=user2'])
    expect((await world.run()).views.get('people')).toMatchObject({ remove: 0, unchanged: 1 })
    world.people(person('1'), person('2'))
    expect((await world.run()).views.get('people')).toMatchObject({ update: 1 })
    expect(world.has()).toEqual(['1=user1', '2=user2'])
  })

  it('has entries changed or refused by a hook', async () => {
    const world = new World(atomic).people(person('1', 'anna'), person('2', 'ben'))
    await world.run({
      hook: async (_view, entries) =>
        entries.map((one) => {
          if (one.entry.id === '2') return { code: 'hook', message: 'no contractors' }
          const attributes = new Map([...one.entry.attributes, ['uid', ['ANNA']]])
          return { ...one, entry: { ...one.entry, attributes } }
        }),
    })
    expect(world.has()).toEqual(['1=ANNA'])
    expect(await world.problems()).toMatchObject([{ key: '2', reason: { message: 'no contractors' } }])
  })
})

it('leaves who gets a new key between two readings to the next cycle, and removes nobody', async () => {
  const world = new World(false)
  world.views = [viewSettings('people', { correlate: ['uid'] })]
  world.people(person('1', 'anna'), person('2', 'ben'))
  await world.run()
  world.target.refusals.set('902', { code: 'duplicate', message: 'there is a ben already' })
  // A target that cannot undo is told of a change after all was read, and then it is read once more.
  world.people(person('1', 'ANNA'), person('2', 'ben'))
  const planned = () => world.people(person('1', 'ANNA'), person('902', 'ben'))
  expect((await world.run({ onPlanned: planned })).views.get('people')).toMatchObject({ add: 0, problems: 0 })
  expect(await world.problems()).toEqual([])
  world.target.refusals.clear()
  expect((await world.run()).views.get('people')).toMatchObject({ adopt: 1, remove: 0, problems: 0 })
  expect(world.target.of('people').map(({ id, key }) => `${id} ${key}`)).toEqual(['1 1', '2 902'])
})

it('reads a source once where the target shows a cycle as a whole', async () => {
  const world = new World(true).people(person('1'))
  await world.run()
  expect(world.reader.reads).toBe(2)
})
