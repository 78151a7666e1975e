/** New entries: where they go in a directory, and what their rows are given besides what the client says. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Value } from '../../../src/model/value.js'
import { directoryTable } from '../../data/memory-directory.js'
import { type Served, served } from '../../data/memory-gateway.js'
import { compiled, tableOf } from './compiled.js'

const people = directoryTable('ou=people', {
  objectClass: { kind: 'text', several: true },
  uid: { kind: 'text', several: true },
  cn: { kind: 'text', several: true },
  l: 'text',
  displayName: 'text',
  mail: { kind: 'text', several: true },
  userAccountControl: 'integer',
  entryUUID: { kind: 'uuid', readOnly: true },
  entryCSN: { kind: 'text', readOnly: true },
  modifyTimestamp: { kind: 'time', readOnly: true },
})
const view = {
  from: 'ou=people',
  writable: true,
  uuid: 'entryUUID',
  version: 'entryCSN',
  where: { objectClass: 'inetOrgPerson', l: 'Oslo' },
  attributes: {
    uid: 'uid',
    cn: 'cn',
    mail: 'mail',
    acmeDisabled: { column: 'userAccountControl', bit: 2 },
    modifyTimestamp: 'modifyTimestamp',
  },
  create: {
    dn: 'uid={uid}+l={l},ou=people,dc=corp',
    objectClass: ['top', 'person'],
    userAccountControl: 512,
    mail: 'all@example.com',
  },
  ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
}
const over = (spec: object) => served({ people: spec }, (source) => source.add(people, []))

let gateway: Served
beforeEach(async () => {
  gateway = await over(view)
})

const add = (attributes: Readonly<Record<string, readonly Value[]>>) =>
  gateway.directory.add({ view: 'people', attributes: new Map(Object.entries(attributes)) }, gateway.ctx)

describe('a new entry of a directory', () => {
  it('is named as the mapping says, and is given what else it says', async () => {
    const id = await add({ uid: ['ada, c', 'countess'], cn: ['Ada'] })
    expect(id).toBe('uid=ada\\, c+l=Oslo,ou=people,dc=corp')
    expect(gateway.source.entry('ou=people', id)).toEqual({
      dn: [id],
      uid: ['ada, c', 'countess'],
      cn: ['Ada'],
      objectClass: ['top', 'person', 'inetOrgPerson'],
      userAccountControl: [512n],
      mail: ['all@example.com'],
      l: ['Oslo'],
    })
  })

  it('keeps what is given besides when a client says some of it, too', async () => {
    const id = await add({ uid: ['ada'], mail: ['ALL@example.com', 'ada@example.com'], acmeDisabled: [true] })
    expect(gateway.source.entry('ou=people', id)).toMatchObject({
      mail: ['ALL@example.com', 'ada@example.com'],
      userAccountControl: [514n],
    })
  })

  it('is given what templates make of it where a client gives nothing', async () => {
    gateway = await over({ ...view, create: { ...view.create, cn: '{mail}  of {l}', l: 'Oslo' } })
    const id = await add({ uid: ['ada'], mail: ['ada@example.com'] })
    expect(gateway.source.entry('ou=people', id)).toMatchObject({ cn: ['ada@example.com of Oslo'] })
    const named = await add({ uid: ['bob'], cn: ['Bob'] })
    expect(gateway.source.entry('ou=people', named)).toMatchObject({ cn: ['Bob'] })
  })

  it('may be named by what a template makes', async () => {
    gateway = await over({ ...view, create: { dn: 'cn={cn},ou=people,dc=corp', cn: '{uid} {displayName}' } })
    expect(await add({ uid: ['ada'] })).toBe('cn=ada,ou=people,dc=corp')
    await expect(add({ mail: ['x@example.com'] })).rejects.toMatchObject({ code: 'constraintViolation' })
  })

  it('is not made without a name', async () => {
    await expect(add({ cn: ['Ada'] })).rejects.toMatchObject({ code: 'constraintViolation' })
  })

  it('is not made where the mapping does not say how it is named', async () => {
    const { create: _, ...unplaced } = view
    gateway = await over(unplaced)
    await expect(add({ uid: ['ada'] })).rejects.toMatchObject({ code: 'unwillingToPerform' })
  })
})

it('is given constants in a database', async () => {
  const tables = [tableOf('users', { id: 'integer', login: 'text', status: 'text' })]
  const spec = { view: 'people', from: 'users', writable: true, attributes: { uid: 'login' } }
  const ldap = { base: '', rdn: 'uid', objectClass: ['account'] }
  const { create } = await compiled(tables, { ...spec, ldap, create: { status: 'A' } })
  expect(create?.key).toBeUndefined()
  expect(create?.constants.map(({ column, values }) => [column.name, values])).toEqual([['status', ['A']]])
  await expect(compiled(tables, { ...spec, ldap, create: { id: 1 } })).rejects.toThrow(/id is the key/)
})

describe('a mapping is refused', () => {
  it.each([
    [{ dn: 'uid={uid}', sn: 'x' }, /has no column sn/],
    [{ dn: 'uid={login},o=x' }, /has no column login/],
    [{ dn: 'nowhere' }, /"nowhere" is no DN/],
    [{ dn: ['uid={uid}', 'cn={cn}'] }, /a name is one DN/],
    [{ dn: 'uid={uid}', l: ['Oslo', 'Bergen'] }, /column l holds one value/],
    [{ dn: 'uid={uid}', userAccountControl: 'x' }, /can never be "x"/],
    [{ dn: 'uid={uid}', cn: '{unheard}' }, /has no column unheard/],
    [{ dn: 'uid={uid}', cn: '{uid} {' }, /unbalanced braces/],
    [{ dn: 'uid={uid}', userAccountControl: '{uid}' }, /not text/],
    [{ dn: 'uid={uid}', entryCSN: 'x' }, /written by the source itself/],
  ])('that would create %o', async (create, message) => {
    await expect(over({ ...view, create })).rejects.toThrow(message)
  })
})
