/** What Entra's provisioning sends that the RFC does not know: taken in its profile, refused without it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { employee } from './persons.js'
import {
  databases,
  ENTERPRISE,
  refusal,
  type Service,
  serveDemo,
  sqlite,
  USER,
  unique,
  values,
} from './serving.js'

describe.each(databases)('the Entra profile and %s', (_name, create) => {
  let scim: Service

  beforeAll(async () => {
    scim = await serveDemo(create, { scim: { profile: 'entra' } })
  })
  afterAll(() => scim?.close())

  const patched = async (path: string, ...operations: readonly unknown[]) => {
    const { status, text } = await scim.patch(path, operations)
    expect(status, text).toBeLessThan(300)
    return (await scim.get(path)).body
  }

  it('takes truth as text, when made and when changed', async () => {
    const { status, body } = await scim.post('/Users', { ...employee(unique('entra')), active: 'True' })
    expect(status).toBe(201)
    expect(body.active).toBe(true)
    const path = `/Users/${body.id}`
    expect(await patched(path, { op: 'Replace', path: 'active', value: 'False' })).toMatchObject({
      active: false,
    })
    expect(await patched(path, { op: 'Replace', path: 'active', value: 'True' })).toMatchObject({
      active: true,
    })
  })

  it('makes the element that a path tells of where there is none', async () => {
    const { id } = await scim.user({ userName: unique('entra') })
    const body = await patched(
      `/Users/${id}`,
      { op: 'Replace', path: 'emails[type eq "work"].value', value: 'made@example.com' },
      { op: 'Add', path: 'addresses[type eq "work"].locality', value: 'Oslo' },
    )
    expect(body.emails).toEqual([expect.objectContaining({ type: 'work', value: 'made@example.com' })])
    expect(body.addresses).toEqual([expect.objectContaining({ type: 'work', locality: 'Oslo' })])
    const again = await patched(`/Users/${id}`, {
      op: 'Add',
      path: 'emails[type eq "work"].value',
      value: 'changed@example.com',
    })
    expect(values(again.emails)).toEqual(['changed@example.com'])
  })

  it('takes several attributes by their paths in one value', async () => {
    const { id } = await scim.user(employee(unique('entra')))
    const body = await patched(
      `/Users/${id}`,
      { op: 'replace', path: 'emails[type eq "work" and primary eq true].value', value: 'new@example.com' },
      {
        op: 'replace',
        value: {
          displayName: 'Changed',
          'name.givenName': 'Kimberley',
          'name.familyName': 'Bark',
          [`${ENTERPRISE}:employeeNumber`]: unique('E'),
        },
      },
    )
    expect(body).toMatchObject({
      displayName: 'Changed',
      name: { givenName: 'Kimberley', familyName: 'Bark' },
      [ENTERPRISE]: { employeeNumber: expect.stringMatching(/^E-/) },
    })
    expect(values(body.emails)).toContain('new@example.com')
  })

  it('takes a manager by id alone', async () => {
    const boss = await scim.user(employee(unique('entra')))
    const { id } = await scim.user(employee(unique('entra')))
    const path = `${ENTERPRISE}:manager`
    const managed = await patched(`/Users/${id}`, { op: 'Add', path, value: boss.id })
    expect(managed[ENTERPRISE]).toMatchObject({ manager: { value: boss.id } })
    const alone = await patched(`/Users/${id}`, { op: 'Remove', path })
    expect(alone[ENTERPRISE] ?? {}).not.toHaveProperty('manager')
  })

  it('answers a change of membership with nothing', async () => {
    const user = await scim.user(employee(unique('entra')))
    const { id } = await scim.group({ displayName: unique('Entra Group') })
    const add = [{ op: 'Add', path: 'members', value: [{ $ref: null, value: user.id }] }]
    const { status, text } = await scim.patch(`/Groups/${id}`, add)
    expect({ status, text }).toEqual({ status: 204, text: '' })
    const leave = [{ op: 'Remove', path: 'members', value: [{ value: user.id }] }]
    expect((await scim.patch(`/Groups/${id}`, leave)).status).toBe(204)
    expect((await scim.get(`/Groups/${id}`)).body).not.toHaveProperty('members')
  })

  it('leaves out what it does not know', async () => {
    const login = unique('entra')
    const { id } = await scim.user({ ...employee(login), adreses: [{ country: 'Nowhere' }] })
    const put = {
      ...employee(login),
      adreses: 'Nowhere',
      [ENTERPRISE]: { department: 'D', unheardOf: 'Nowhere' },
    }
    const { status, text, body } = await scim.put(`/Users/${id}`, put)
    expect(status, text).toBe(200)
    expect(text).not.toContain('Nowhere')
    expect(body[ENTERPRISE]).toEqual({ department: 'D' })
  })

  it('lets go of a manager who is nobody here', async () => {
    const body = {
      ...employee(unique('entra')),
      [ENTERPRISE]: { department: 'D', manager: { value: 'SuzzyQ' } },
    }
    const made = await scim.post('/Users', body)
    expect(made.status, made.text).toBe(201)
    expect(made.body[ENTERPRISE]).toEqual({ department: 'D' })
  })

  it('does nothing where there is nothing to do', async () => {
    const { id } = await scim.user(employee(unique('entra')))
    expect((await scim.patch(`/Users/${id}`, [])).status).toBeLessThan(300)
  })
})

describe.each(sqlite)('without the Entra profile, %s', (_name, create) => {
  let scim: Service

  beforeAll(async () => {
    scim = await serveDemo(create)
  })
  afterAll(() => scim?.close())

  it('takes no text for truth, makes no element for a path, and wants operations', async () => {
    expect(
      await scim.post('/Users', { schemas: [USER], userName: unique('x'), active: 'True' }),
    ).toMatchObject(refusal(400, 'invalidValue'))
    const { id } = await scim.user({ userName: unique('x') })
    for (const [operations, scimType] of [
      [[{ op: 'replace', path: 'active', value: 'False' }], 'invalidValue'],
      [[{ op: 'replace', path: 'emails[type eq "work"].value', value: 'a@example.com' }], 'noTarget'],
      [[], 'invalidSyntax'],
    ] as const) {
      expect(await scim.patch(`/Users/${id}`, operations)).toMatchObject(refusal(400, scimType))
    }
  })
})
