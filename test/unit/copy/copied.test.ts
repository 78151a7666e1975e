/** Copied views: what the store's tables are, and that entries come out of them as they went in. */
import { afterEach, describe, expect, it } from 'vitest'
import { storeTable } from '../../../src/copy/views/tables.js'
import { createSource } from '../../../src/sources/registry.js'
import { runSql, sqliteDatabase } from '../../mappings/databases.js'
import { all, type Copied, copied, ctx } from './copied.js'

const people = {
  view: 'people',
  source: 'hr',
  from: 'users',
  key: 'id',
  uuid: 'guid',
  version: 'changed',
  where: { gone: 0 },
  attributes: {
    uid: 'login',
    cn: '{first} {last}',
    sn: 'last',
    mail: ['email', { table: 'mails', on: 'user_id', value: 'address' }],
    telephoneNumber: {
      table: 'phones',
      on: 'user_id',
      value: 'number',
      parts: { type: 'kind', primary: 'main' },
    },
    uidNumber: 'id',
    jpegPhoto: 'photo',
    modifyTimestamp: 'changed',
    o: { constant: 'Example' },
    manager: { ref: 'people', column: 'boss' },
    memberOf: { ref: 'groups', by: 'member' },
    userPassword: { column: 'hash', verifyOnly: true },
  },
  enabled: { column: 'status', equals: 'A' },
  ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
  scim: {
    resource: 'User',
    attributes: {
      nickName: 'nick',
      addresses: { table: 'places', on: 'user_id', parts: { locality: 'city' } },
    },
  },
}

const groups = {
  view: 'groups',
  source: 'hr',
  from: 'teams',
  key: 'code',
  attributes: {
    cn: 'name',
    member: [
      { ref: 'people', table: 'members', on: 'team', value: 'user_id' },
      { ref: 'groups', table: 'nested', on: 'team', value: 'child' },
    ],
  },
  ldap: { base: 'ou=groups', rdn: 'cn', objectClass: ['groupOfNames'] },
  scim: { resource: 'Group' },
}

const tables = `
  create table users (id integer primary key, login text unique, first text, last text, email text, photo blob,
    changed datetime, boss integer, hash text, status text, gone integer, guid text, nick text);
  create table mails (user_id integer, address text);
  create table phones (user_id integer, number text, kind text, main boolean);
  create table places (user_id integer, city text);
  create table teams (code text primary key, name text);
  create table members (team text, user_id integer);
  create table nested (team text, child text);
  insert into users values
    (1, 'ada', 'Ada', 'Lovelace', 'ada@example.com', x'00ff', '2024-05-06 07:08:09.123', null, '{SSHA}AOZXTSJjj8v7jkxca0p6V81mPb92aXRyaW5lIQ==', 'A', 0,
     'B6FC9A5E-0000-4000-8000-000000000001', 'Countess'),
    (2, 'bob', 'Bob', 'Builder', null, null, null, 1, null, 'S', 0, 'b6fc9a5e-0000-4000-8000-000000000002', null),
    (10, 'eve', 'Eve', 'Ève-Ñ''%_', ' eve@example.com ', null, null, 3, null, 'A', 0, null, null),
    (3, 'old', 'Old', 'One', null, null, null, null, null, 'A', 1, null, null);
  insert into mails values (1, 'lovelace@example.com'), (1, 'ADA@example.com'), (2, 'bob@example.com');
  insert into phones values (1, '+1 555', 'home', 1), (1, '+1 556', null, null), (2, '+1 555', 'work', 0);
  insert into places values (1, 'London'), (1, 'Paris');
  insert into teams values ('dev', 'Developers'), ('ops', 'Operators'), ('DEV', 'Others');
  insert into members values ('dev', 1), ('dev', 2), ('ops', 2), ('dev', 3), ('DEV', 10);
  insert into nested values ('ops', 'dev'), ('dev', 'ops'), ('ops', 'none');
`

describe('a copied view', () => {
  let made: Copied | undefined
  afterEach(() => made?.close())

  const copy = async (options = {}) => {
    const { url } = sqliteDatabase()
    await runSql(url, tables)
    const source = createSource({
      type: 'sql',
      url,
      pool: { max: 2, acquireTimeout: 5000 },
      statementTimeout: 20_000,
      connectTimeout: 5000,
    })
    made = await copied(source, [people, groups], options)
    return made
  }

  it('has a row per entry, and tables for what an entry may have several of', async () => {
    const { views } = await copy()
    const [view] = views
    if (view === undefined) throw new Error('no view')
    const table = storeTable(view, (name) => ({
      key: name === 'people' ? 'integer' : 'text',
      unique: new Set(name === 'people' ? ['uid'] : []),
    }))
    expect(table).toMatchObject({ name: 'people', key: 'entry_id' })
    expect(table.columns.map(({ name, kind, index }) => [name, kind, index])).toEqual([
      ['entry_id', 'integer', undefined],
      ['entry_version', 'text', undefined],
      ['entry_uuid', 'uuid', 'unique'],
      ['entry_enabled', 'boolean', undefined],
      ['uid', 'text', 'unique'],
      ['cn', 'text', 'plain'],
      ['sn', 'text', undefined],
      ['mail', 'text', 'plain'],
      ['uidNumber', 'integer', 'plain'],
      ['jpegPhoto', 'binary', undefined],
      ['modifyTimestamp', 'time', undefined],
      ['o', 'text', undefined],
      ['manager', 'integer', 'plain'],
      [expect.stringMatching(/^nickName_[0-9a-f]{8}$/), 'text', undefined],
    ])
    expect(table.children.map(({ name, columns }) => [name, columns.map((c) => [c.name, c.kind])])).toEqual([
      ['people_mail', [['value', 'text']]],
      [
        'people_telephoneNumber_elements',
        [
          ['value', 'text'],
          ['part_type', 'text'],
          ['part_primary', 'boolean'],
        ],
      ],
      [expect.stringMatching(/^people_addresses_/), [['part_locality', 'text']]],
    ])
  })

  it('shows the entries of its origin', async () => {
    const { origin, copy: copies, refresh } = await copy()
    await refresh()
    for (const view of ['people', 'groups']) {
      const [there, here] = [await all(origin, view, true), await all(copies, view, true)]
      expect(here).toEqual(there)
      expect(here.length).toBeGreaterThan(1)
    }
    expect((await all(copies, 'groups')).map(({ id }) => id)).toEqual(['DEV', 'dev', 'ops'])
  })

  it('calls them as the origin does', async () => {
    const { origin, copy: copies, refresh } = await copy()
    await refresh()
    const [there, here] = [await origin.handles('groups'), await copies.handles('groups')]
    for (const id of ['dev', 'a key that is too long for a UUID']) expect(here.of(id)).toBe(there.of(id))
    expect(here.idOf(there.of('ops') ?? '')).toBe('ops')
    expect((await copies.handles('people')).declared).toBe(true)
    expect(await copies.uniqueAttributes('people')).toEqual(await origin.uniqueAttributes('people'))
  })

  it('holds no password unless told to', async () => {
    const { copy: copies, refresh } = await copy()
    await refresh()
    const password = Buffer.from('secret')
    const identity = { view: 'people', names: ['ada'] }
    expect(await copies.authenticate(identity, password, ctx())).toBeUndefined()
  })

  it('holds hashes of passwords where told to, and who may bind', async () => {
    const { copy: copies, refresh, store } = await copy({ passwords: true })
    await refresh()
    const ada = { view: 'people', names: ['ada'] }
    expect(await copies.authenticate(ada, Buffer.from('secret'), ctx())).toMatchObject({ id: '1' })
    expect(await copies.authenticate(ada, Buffer.from('wrong'), ctx())).toBeUndefined()
    expect(await copies.vouchFor({ view: 'people', names: ['bob'] }, ctx())).toBeUndefined()
    expect(await copies.vouchFor({ view: 'people', names: ['ada'] }, ctx())).toMatchObject({ id: '1' })
    const table = await store.source.describe('people')
    expect([...(table?.columns.keys() ?? [])]).toContain('entry_secret_1')
  })
})
