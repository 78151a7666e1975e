/** Where the elements of an attribute are put that is kept in a column and in further rows. */
import { describe, expect, it } from 'vitest'
import { type Element, found, refusal, USER } from './serving.js'
import { serving, withAttributes } from './tables.js'

const serve = serving()

const tables = [
  'create table users (id integer primary key, login text unique, mail text)',
  'create table mails (person integer, address text, kind text, main boolean)',
  `insert into users values (1, 'a', 'first@example.com')`,
]
const further = { table: 'mails', on: 'person', value: 'address', parts: { type: 'kind' } }
const work = (value: string): Element => ({ value, type: 'work' })
const home = (value: string): Element => ({ value, type: 'home' })

async function served(mail: unknown) {
  // What the column and the rows hold is shown apart, as the databases' own readers see it.
  const plain = {
    ...withAttributes({ mail: 'mail' }),
    view: 'columns',
    scim: { resource: 'Column', attributes: { mail: { attribute: 'mail' } } },
  }
  const { as } = await serve(tables, [withAttributes({ mail }), plain])
  const admin = as('admin')
  const [id = ''] = await found(admin, '/Users', 'userName eq "a"')
  const [column = ''] = await found(admin, '/Columns', 'mail pr')
  return {
    put: (emails: readonly Element[]) =>
      admin.put(`/Users/${id}`, { schemas: [USER], userName: 'a', emails }),
    patch: (operation: object) => admin.patch(`/Users/${id}`, [operation]),
    emails: async () => (await admin.get(`/Users/${id}`)).body.emails,
    inColumn: async () => (await admin.get(`/Columns/${column}`)).body.mail,
  }
}

describe('elements in a column and in further rows', () => {
  it('that are what the column shows stand in the column, others in rows', async () => {
    const { put, emails, inColumn } = await served(['mail', further])
    const given = [home('home@example.com'), work('new@example.com'), work('second@example.com')]
    expect((await put(given)).status).toBe(200)
    expect(await inColumn()).toBe('new@example.com')
    expect(await emails()).toEqual(expect.arrayContaining(given))
  })

  it('stay where they are when others come and go', async () => {
    const { put, patch, emails, inColumn } = await served(['mail', further])
    await put([work('second@example.com'), work('first@example.com')])
    expect(await inColumn()).toBe('first@example.com')
    await patch({ op: 'add', path: 'emails', value: [home('first@example.com')] })
    expect(await inColumn()).toBe('first@example.com')
    expect(await emails()).toHaveLength(3)
    await patch({ op: 'remove', path: 'emails[value eq "first@example.com" and type eq "work"]' })
    expect(await emails()).toEqual(
      expect.arrayContaining([work('second@example.com'), home('first@example.com')]),
    )
  })

  it('say what type they are of as they were given it', async () => {
    const { put, emails } = await served(['mail', further])
    const given = [{ value: 'x@example.com', type: 'Work' }]
    await put(given)
    expect(await emails()).toEqual(given)
  })

  it('go to rows that keep all of their parts, or are refused', async () => {
    const main = { ...further, where: { kind: 'work' }, parts: { type: 'kind', primary: 'main' } }
    const { put, emails, inColumn } = await served(['mail', { ...further, where: { kind: 'home' } }, main])
    const given = [{ ...work('main@example.com'), primary: true }, home('home@example.com')]
    expect((await put(given)).status).toBe(200)
    expect(await emails()).toEqual(expect.arrayContaining(given))
    expect(await inColumn()).toBeUndefined()
    const refused = await put([{ ...home('main@example.com'), primary: true }])
    expect(refused).toMatchObject(refusal(400, 'invalidValue'))
    expect(refused.body.detail).toBe('mail: an element with type and primary cannot be kept as it is')
    expect(await emails()).toEqual(expect.arrayContaining(given))
  })

  it('are refused where there is no more room for their kind', async () => {
    const { put, emails } = await served(['mail', { ...further, where: { kind: 'home' } }])
    const refused = await put([work('one@example.com'), work('two@example.com')])
    expect(refused).toMatchObject(refusal(400, 'invalidValue'))
    expect(refused.body.detail).toBe('mail: one more element of this kind cannot be kept')
    expect(await emails()).toEqual([work('first@example.com')])
  })
})
