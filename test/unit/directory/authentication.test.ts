/** Binds whose password the source itself checks: always asked, never remembered, and silent about who is there. */
import { beforeEach, describe, expect, it } from 'vitest'
import { VitrineError } from '../../../src/model/errors.js'
import { directoryTable } from '../../data/memory-directory.js'
import { type Served, served } from '../../data/memory-gateway.js'

const people = directoryTable('ou=people', {
  uid: { kind: 'text', several: true },
  state: 'text',
  userPassword: { kind: 'binary', secret: true, several: true },
})
const dn = (uid: string) => `uid=${uid},ou=people`
const mapped = {
  people: {
    from: 'ou=people',
    writable: true,
    attributes: { uid: 'uid', userPassword: { column: 'userPassword', verifyOnly: true } },
    authentication: 'source',
    enabled: { column: 'state', not: 'left' },
    ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['account'] },
  },
}
const entries = [
  { dn: dn('ada'), uid: ['ada', 'countess'], state: 'here', userPassword: 'right' },
  { dn: dn('bob'), uid: 'bob', state: 'left', userPassword: 'right' },
]

let gateway: Served
beforeEach(async () => {
  gateway = await served(mapped, (source) => source.add(people, entries))
})

const bind = (uid: string, password: string) =>
  gateway.directory.authenticate({ view: 'people', names: [uid] }, Buffer.from(password), gateway.ctx)

describe('a password', () => {
  it('is right where the source says so', async () => {
    expect(gateway.directory.views.get('people')?.bindable).toBe(true)
    expect(await bind('ADA', 'right')).toEqual({
      kind: 'entry',
      view: 'people',
      id: dn('ada'),
      names: ['ada'],
    })
    expect(await bind('ada', 'wrong')).toBeUndefined()
    expect(gateway.source.checked).toEqual([dn('ada'), dn('ada')])
  })

  it('is asked for each time', async () => {
    await bind('ada', 'right')
    await gateway.change('people', dn('ada'), [{ op: 'replace', attr: 'userPassword', values: ['other'] }])
    expect(await bind('ada', 'right')).toBeUndefined()
    expect(await bind('ada', 'other')).toBeDefined()
  })

  it('of somebody who is unknown, disabled or called otherwise is not asked for', async () => {
    for (const uid of ['nobody', 'bob', 'countess']) expect(await bind(uid, 'right')).toBeUndefined()
    expect(gateway.source.checked).toEqual([])
  })

  it('that is empty is none', async () => {
    expect(await bind('ada', '')).toBeUndefined()
    expect(gateway.source.checked).toEqual([])
  })

  it('cannot be told wrong while the source cannot be asked', async () => {
    gateway.source.failure = new VitrineError('unavailable')
    await expect(bind('ada', 'right')).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('is written in clear, and removed', async () => {
    const kept = () => gateway.source.entry('ou=people', dn('ada'))?.userPassword?.map(String)
    await gateway.change('people', dn('ada'), [{ op: 'replace', attr: 'userPassword', values: ['new'] }])
    expect(kept()).toEqual(['new'])
    await gateway.change('people', dn('ada'), [{ op: 'delete', attr: 'userPassword', values: [] }])
    expect(kept()).toBeUndefined()
  })

  it('is neither shown nor read', async () => {
    expect([...(await gateway.entry('people', dn('ada'))).keys()]).not.toContain('userPassword')
    expect(gateway.directory.views.get('people')?.attributes.get('userPassword')?.verifyOnly).toBe(true)
  })
})

it('of a name that nobody has takes as long as one that was refused', async () => {
  gateway.source.delay = 60
  const timeOf = async (uid: string) => {
    const started = performance.now()
    await bind(uid, 'wrong')
    return performance.now() - started
  }
  await timeOf('ada')
  expect(await timeOf('nobody')).toBeGreaterThan(50)
  expect(await timeOf('bob')).toBeGreaterThan(50)
  expect(gateway.source.checked).toEqual([dn('ada')])
})

it('ends waiting where the client has gone', async () => {
  gateway.source.delay = 60
  await bind('ada', 'wrong')
  const client = new AbortController()
  const ctx = { ...gateway.ctx, signal: client.signal }
  const waiting = gateway.directory.authenticate({ view: 'people', names: ['nobody'] }, Buffer.from('x'), ctx)
  client.abort(new VitrineError('canceled'))
  await expect(waiting).rejects.toMatchObject({ code: 'canceled' })
})

describe('a mapping is refused', () => {
  const people_ = mapped.people
  const compiled = (spec: object, verifies = true) =>
    served(
      { people: spec },
      (source) => source.add(people, entries),
      (source) => (verifies ? source : Object.assign(source, { verify: undefined })),
    )

  it('that has hashes besides', async () => {
    const attributes = { uid: 'uid', userPassword: { column: 'state', verifyOnly: true } }
    await expect(compiled({ ...people_, attributes })).rejects.toThrow(/checked by the source, and hashes in/)
  })

  it('that has nobody check passwords', async () => {
    const { authentication: _, ...unchecked } = people_
    await expect(compiled(unchecked)).rejects.toThrow(/nobody can bind by them.*authentication: source/)
  })

  it('whose source checks none', async () => {
    await expect(compiled(people_, false)).rejects.toThrow(/the source checks no passwords/)
  })

  it('that would show passwords', async () => {
    for (const description of ['userPassword', '{userPassword}', { column: 'userPassword', equals: 'x' }]) {
      const attributes = { uid: 'uid', description }
      await expect(compiled({ ...people_, attributes })).rejects.toThrow(
        /holds passwords, which are never read/,
      )
    }
  })
})
