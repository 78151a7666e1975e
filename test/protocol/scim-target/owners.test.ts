/** What is others' at a service, or was made there by hand, and what becomes of it. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { allOf, gatewayService, type RemoteService, scimmyService } from './services.js'
import { type Company, company, MODES, push, type Settings } from './source.js'

const rows = `
insert into people values
  (1, 'ada', 'Ada', 'Lovelace', 'ada@example.com', null, null, null, 1, null),
  (2, 'bob', 'Bob', 'Bo', 'bob@example.com', null, null, null, 1, 1);
insert into teams values (1, 'Analysts');
insert into team_people values (1, 1), (1, 2);
`

let service: RemoteService
let source: Company
beforeAll(async () => {
  service = await gatewayService()
})
beforeEach(async () => {
  source = await company(rows)
})
afterEach(async () => {
  await source.close()
  for (const path of ['/Users', '/Groups'])
    for (const { id } of await allOf(service, path)) await service.client.remove(`${path}/${id}`)
})
afterAll(() => service.close())

const target = (modes: Partial<typeof MODES> = {}, more: Settings = {}) =>
  source.target(
    { url: service.url, credentials: { kind: 'bearer', token: service.token } },
    { modes: () => ({ ...MODES, ...modes }), ...more },
  )
const user = async (name: string) =>
  (await allOf(service, '/Users')).find(({ userName }) => userName === name)
const members = async () => {
  const [found] = await allOf(service, '/Groups')
  return (await service.client.get(`/Groups/${found?.id}`)).body.members?.map(({ display }) => display).sort()
}

describe('Somebody who is there already', () => {
  it('is taken over by the user name, and keeps what the source says nothing of', async () => {
    const made = await service.client.user({ userName: 'ADA', nickName: 'Countess', title: 'x' })
    expect(await push(source, target())).toMatchObject({ problems: [] })
    const ada = await user('ada')
    expect(ada).toMatchObject({ id: made.id, nickName: 'Countess', name: { givenName: 'Ada' } })
    expect(ada?.externalId).toEqual(expect.any(String))
  })

  it('is left alone if somebody else keeps it', async () => {
    await service.client.user({ userName: 'ada', externalId: 'theirs' })
    const { problems } = await push(source, target())
    expect(problems).toEqual(['people 1: refused it is somebody else\'s: its externalId is "theirs"'])
    expect((await user('ada'))?.name).toBeUndefined()
    expect(await members()).toEqual(['Bob Bo'])
  })

  it('is taken over from others where told', async () => {
    await service.client.user({ userName: 'ada', externalId: 'theirs' })
    expect(await push(source, target({ noUpdateProviderMismatch: false }))).toMatchObject({ problems: [] })
    expect((await user('ada'))?.externalId).not.toBe('theirs')
  })

  it('is nobody who has the name of two', async () => {
    const other = await scimmyService()
    await other.client.group({ displayName: 'Analysts' })
    await other.client.group({ displayName: 'Analysts' })
    const to = source.target({ url: other.url, credentials: { kind: 'bearer', token: other.token } })
    const { problems } = await push(source, to)
    expect(problems).toEqual(['teams 1: duplicate the service has 2 of the displayName "Analysts"'])
    await other.close()
  })

  it('is one entry only', async () => {
    await source.sql(`insert into people values (3, 'ADA', 'Other', 'Ada', null, null, null, null, 1, null)`)
    const { problems } = await push(source, target())
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^people [13]: duplicate /)
  })
})

describe('Members who were refused at first', () => {
  it('are added when they are there, though nobody had to make them', async () => {
    const other = await service.client.user({ userName: 'ada', externalId: 'theirs' })
    expect((await push(source, target())).problems).toHaveLength(1)
    await service.client.patch(`/Users/${other.id}`, [{ op: 'remove', path: 'externalId' }])
    expect(await push(source, target())).toMatchObject({ add: 1, update: 0, problems: [] })
    expect(await members()).toEqual(['Ada Lovelace', 'Bob Bo'])
  })
})

describe('New accounts', () => {
  it('can be made so that they cannot be used until somebody enables them', async () => {
    const old = await service.client.user({ userName: 'bob', active: true })
    const to = target({ createAsDisabled: true })
    expect(await push(source, to)).toMatchObject({ problems: [] })
    const ada = await user('ada')
    expect(ada?.active).toBe(false)
    expect(await user('bob')).toMatchObject({ id: old.id, active: true })
    await service.client.patch(`/Users/${ada?.id}`, [{ op: 'replace', path: 'active', value: true }])
    await source.sql(`update people set title = 'Dr'`)
    await push(source, to)
    expect(await user('ada')).toMatchObject({ title: 'Dr', active: true })
    await source.sql('update people set active = 0')
    await push(source, to)
    expect((await user('ada'))?.active).toBe(false)
  })
})

describe('What has gone from the service', () => {
  it('is made anew, and becomes a member again', async () => {
    await push(source, target())
    await service.client.remove(`/Users/${(await user('bob'))?.id}`)
    await source.sql(`update people set title = 'Dr' where id = 2`)
    expect(await push(source, target())).toMatchObject({ update: 1, problems: [] })
    expect(await user('bob')).toMatchObject({ title: 'Dr' })
    // Who refers to it is looked at again, and nobody else.
    expect(await push(source, target())).toMatchObject({ update: 1, problems: [] })
    expect(await members()).toEqual(['Ada Lovelace', 'Bob Bo'])
    expect(await push(source, target())).toMatchObject({ update: 0 })
  })

  it('is told of where nothing is to be made', async () => {
    await push(source, target())
    await service.client.remove(`/Users/${(await user('bob'))?.id}`)
    await source.sql(`update people set title = 'Dr' where id = 2`)
    const { problems } = await push(source, target({ noCreate: true }))
    expect(problems).toEqual(['people 2: refused the service no longer has this User, and none are made'])
  })

  it('is no trouble when it is to be deleted anyway', async () => {
    await push(source, target())
    await service.client.remove(`/Users/${(await user('bob'))?.id}`)
    await source.sql('delete from people where id = 2')
    expect(await push(source, target())).toMatchObject({ remove: 1, problems: [] })
    expect(await push(source, target())).toMatchObject({ remove: 0, problems: [] })
  })
})

describe('What others do at the service', () => {
  it('stays: members that they have added', async () => {
    await push(source, target())
    const guest = await service.client.user({ userName: 'guest', displayName: 'Guest' })
    const [team] = await allOf(service, '/Groups')
    const added = { op: 'add', path: 'members', value: [{ value: guest.id }] }
    await service.client.patch(`/Groups/${team?.id}`, [added])
    await source.sql('delete from team_people where person = 2')
    await push(source, target())
    expect(await members()).toEqual(['Ada Lovelace', 'Guest'])
    await source.sql('insert into team_people values (1, 2)')
    await push(source, target({ keepExternalPerson: false }))
    expect(await members()).toEqual(['Ada Lovelace', 'Bob Bo'])
  })

  it('counts: whom they have taken over is not deleted', async () => {
    await push(source, target())
    const bob = await user('bob')
    await service.client.patch(`/Users/${bob?.id}`, [{ op: 'replace', path: 'externalId', value: 'theirs' }])
    await source.sql('delete from people where id = 2')
    expect(await push(source, target())).toMatchObject({ remove: 1, problems: [] })
    expect(await user('bob')).toMatchObject({ externalId: 'theirs', active: true })
  })
})

describe('A group whose source no longer has it', () => {
  it('has no members while it is disabled', async () => {
    await push(source, target())
    await source.sql('delete from teams')
    expect(await push(source, target(), { how: 'disable' })).toMatchObject({ remove: 1, problems: [] })
    expect(await members()).toBeUndefined()
    await source.sql(`insert into teams values (1, 'Analysts')`)
    await push(source, target())
    expect(await members()).toEqual(['Ada Lovelace', 'Bob Bo'])
    expect(await allOf(service, '/Groups')).toHaveLength(1)
  })

  it('is gone with a tombstone, and known when it is back', async () => {
    await push(source, target())
    const [before] = await allOf(service, '/Groups')
    await source.sql('delete from teams')
    expect(await push(source, target(), { how: 'tombstone' })).toMatchObject({ remove: 1, problems: [] })
    expect(await allOf(service, '/Groups')).toEqual([])
    await source.sql(`insert into teams values (1, 'Analysts')`)
    expect(await push(source, target())).toMatchObject({ add: 0, update: 1, problems: [] })
    const [after] = await allOf(service, '/Groups')
    expect(after?.externalId).toBe(before?.externalId)
  })
})
