/** People of a directory behind the gateway, written over SCIM: what the directory is told, and what it refuses. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { reader, staff, startDirectory, type Upstream, upstream, ways } from './directory.js'
import { ENTERPRISE, found, people, refusal, type Served, USER, unique } from './serving.js'

describe.each(ways)('over %s', (_name, copied) => {
  let directory: Upstream
  let service: Served

  beforeAll(async () => {
    directory = await startDirectory(
      `dn: cn=policy,${upstream}
objectClass: organizationalRole
objectClass: pwdPolicy
cn: policy
pwdAttribute: userPassword
pwdMinLength: 8
pwdCheckQuality: 2
`,
      {
        copied,
        modules: ['constraint', 'refint', 'ppolicy'],
        config: [
          'overlay constraint',
          'constraint_attribute title regex ^[A-Za-z]*$',
          'overlay refint',
          'refint_attributes member manager',
          'overlay ppolicy',
          `ppolicy_default cn=policy,${upstream}`,
        ],
      },
    )
    service = await directory.serve()
  })

  afterAll(() => directory?.close())

  const dnOf = (userName: string) => `uid=${userName},${staff}`

  interface Person {
    readonly id: string
    readonly userName: string
    readonly path: string
  }

  /** A user with a name of its own; what making it asked for is forgotten. */
  async function make(attributes: Readonly<Record<string, unknown>> = {}): Promise<Person> {
    const userName = unique('user')
    const name = { formatted: 'Ada Lovelace', familyName: 'Lovelace' }
    const { id } = await service.user({ userName, name, ...attributes })
    directory.recorder.clear()
    return { id, userName, path: `/Users/${id}` }
  }

  const bodyOf = (attributes: Readonly<Record<string, unknown>>) => ({ schemas: [USER], ...attributes })

  describe('a new user', () => {
    it('is an entry where the mapping says, with its classes, and can bind', async () => {
      const answer = await service.post(
        '/Users',
        bodyOf({
          userName: 'Grace, H',
          name: { formatted: 'Grace Hopper', familyName: 'Hopper', givenName: 'Grace' },
          emails: [
            { value: 'grace@example.org', type: 'work' },
            { value: 'hopper@example.org', type: 'work' },
          ],
          password: 'COBOL 1959',
        }),
      )
      expect(answer).toMatchObject({
        status: 201,
        body: { userName: 'Grace, H', name: { familyName: 'Hopper' } },
      })
      expect(answer.text).not.toMatch(/password|COBOL/i)
      const dn = `uid=Grace\\, H,${staff}`
      const entry = await directory.read(dn, '*', 'entryUUID', 'userPassword')
      expect(entry).toMatchObject({
        objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson'],
        uid: 'Grace, H',
        cn: 'Grace Hopper',
        sn: 'Hopper',
        mail: ['grace@example.org', 'hopper@example.org'],
        entryUUID: answer.body.id,
        // By RFC 3062, so that the server hashes it.
        userPassword: expect.stringMatching(/^\{SSHA\}/),
      })
      expect(await service.bind(`uid=Grace\\, H,${people}`, 'COBOL 1959')).toBe(0)
      expect(await service.bind(`uid=Grace\\, H,${people}`, 'cobol 1959')).toBe(49)
    })

    it('that is there already is refused, in any spelling', async () => {
      const { userName } = await make()
      const again = bodyOf({ userName: userName.toUpperCase(), name: { formatted: 'x', familyName: 'x' } })
      expect(await service.post('/Users', again)).toMatchObject(refusal(409, 'uniqueness'))
    })

    it('is made once, however many try', async () => {
      const user = bodyOf({ userName: unique('user'), name: { formatted: 'x', familyName: 'x' } })
      const answers = await Promise.all(Array.from({ length: 10 }, () => service.post('/Users', user)))
      expect(answers.map(({ status }) => status).sort()).toEqual([
        201,
        ...Array.from({ length: 9 }, () => 409),
      ])
    })

    it('has a common name made of the others, where none is given', async () => {
      const userName = unique('user')
      await service.user({ userName, name: { givenName: 'Ada', familyName: 'Lovelace' } })
      expect(await directory.read(dnOf(userName), 'cn')).toEqual({ cn: 'Ada Lovelace' })
    })

    it('without what its classes demand is refused', async () => {
      const answer = await service.post('/Users', bodyOf({ userName: unique('user') }))
      expect(answer).toMatchObject(refusal(400, 'invalidValue'))
    })

    it('that the directory refuses for one of its values is not there', async () => {
      const userName = unique('user')
      const name = { formatted: 'x', familyName: 'x' }
      const answer = await service.post('/Users', bodyOf({ userName, name, title: '42' }))
      expect(answer).toMatchObject(refusal(400, 'invalidValue'))
      expect(await directory.read(dnOf(userName))).toBeUndefined()
    })
  })

  describe('a password that the directory refuses', () => {
    it('makes no user', async () => {
      const userName = unique('user')
      const name = { formatted: 'x', familyName: 'x' }
      const answer = await service.post('/Users', bodyOf({ userName, name, password: 'short' }))
      expect(answer).toMatchObject(refusal(400, 'invalidValue'))
      expect(await directory.read(dnOf(userName))).toBeUndefined()
    })

    it('does not become the new one', async () => {
      const { path, userName } = await make({ password: 'Notes of 1843' })
      const answer = await service.patch(path, [{ op: 'replace', path: 'password', value: 'short' }])
      expect(answer).toMatchObject(refusal(400, 'invalidValue'))
      expect(answer.body.detail).toBe('the directory behind does not take this password')
      expect(await service.bind(`uid=${userName},${people}`, 'Notes of 1843')).toBe(0)
    })
  })

  describe('PATCH', () => {
    it('tells the directory what is different, and no more', async () => {
      const { path } = await make({
        title: 'Analyst',
        emails: ['a', 'b', 'c'].map((one) => ({ value: `${one}@example.org`, type: 'work' })),
      })
      const answer = await service.patch(path, [
        { op: 'replace', path: 'title', value: 'Countess' },
        { op: 'add', path: 'emails', value: [{ value: 'd@example.org', type: 'work' }] },
        { op: 'remove', path: 'emails[value eq "b@example.org"]' },
        { op: 'add', path: 'name.givenName', value: 'Ada' },
      ])
      expect(answer).toMatchObject({ status: 200, body: { title: 'Countess' } })
      expect([...directory.written()].sort()).toEqual([
        'add givenName: Ada',
        'add mail: d@example.org',
        'add title: Countess',
        'delete mail: b@example.org',
        'delete title: Analyst',
      ])
    })

    it('that changes nothing writes nothing', async () => {
      const { path } = await make({ title: 'Analyst' })
      expect(await service.patch(path, [{ op: 'replace', path: 'title', value: 'Analyst' }])).toMatchObject({
        status: 200,
      })
      expect(directory.written()).toEqual([])
    })

    it('removes attributes', async () => {
      const { path, userName } = await make({ title: 'Analyst', emails: [{ value: 'a@example.org' }] })
      await service.patch(path, [
        { op: 'remove', path: 'title' },
        { op: 'remove', path: 'emails' },
      ])
      expect(await directory.read(dnOf(userName), 'title', 'mail', 'sn')).toEqual({
        sn: 'Lovelace',
        title: [],
        mail: [],
      })
    })

    it('sets passwords, and takes them away', async () => {
      const { path, userName } = await make()
      const as = (password: string) => service.bind(`uid=${userName},${people}`, password)
      await service.patch(path, [{ op: 'replace', path: 'password', value: 'Notes of 1843' }])
      expect(directory.written()).toEqual(['extended 1.3.6.1.4.1.4203.1.11.1'])
      expect(await as('Notes of 1843')).toBe(0)
      expect(await service.patch(path, [{ op: 'remove', path: 'password' }])).toMatchObject({ status: 200 })
      expect(await as('Notes of 1843')).toBe(49)
    })

    it('of what the directory keeps itself is refused', async () => {
      const { path } = await make()
      for (const attribute of ['id', 'meta', 'groups']) {
        const value = attribute === 'groups' ? [{ value: 'x' }] : 'x'
        expect(await service.patch(path, [{ op: 'replace', path: attribute, value }])).toMatchObject(
          refusal(400, 'mutability'),
        )
      }
      expect(directory.written()).toEqual([])
    })

    it('that the directory refuses leaves everything as it was', async () => {
      const { path, userName } = await make({ title: 'Analyst' })
      const answer = await service.patch(path, [
        { op: 'replace', path: 'name.familyName', value: 'King' },
        { op: 'replace', path: 'title', value: '42' },
      ])
      expect(answer).toMatchObject(refusal(400, 'invalidValue'))
      expect(await directory.read(dnOf(userName), 'sn', 'title')).toEqual({
        sn: 'Lovelace',
        title: 'Analyst',
      })
    })
  })

  describe('PUT', () => {
    it('tells the directory what is different, and takes away what it leaves out', async () => {
      const { path, userName } = await make({ title: 'Analyst', password: 'Notes of 1843' })
      const name = { formatted: 'Ada Lovelace', familyName: 'King' }
      const answer = await service.put(path, bodyOf({ userName, name }))
      expect(answer).toMatchObject({ status: 200, body: { name } })
      expect([...directory.written()].sort()).toEqual([
        'add sn: King',
        'delete sn: Lovelace',
        'delete title: Analyst',
      ])
      expect(await service.bind(`uid=${userName},${people}`, 'Notes of 1843')).toBe(0)
    })
  })

  describe('another userName', () => {
    it('is another name of the same entry', async () => {
      const { id, path, userName } = await make()
      const next = unique('renamed')
      expect(await service.patch(path, [{ op: 'replace', path: 'userName', value: next }])).toMatchObject({
        status: 200,
        body: { id, userName: next },
      })
      expect(directory.written()).toEqual([`rename ${dnOf(userName)} to uid=${next}`])
      expect(await directory.read(dnOf(next), 'uid', 'entryUUID')).toEqual({ uid: next, entryUUID: id })
      expect(await found(service, '/Users', `userName eq "${userName}"`)).toEqual([])
      expect(await service.get(path)).toMatchObject({ status: 200, body: { userName: next } })
    })

    it('that differs by case alone is taken as it is written', async () => {
      const { id, path, userName } = await make()
      const next = userName.toUpperCase()
      expect(await service.patch(path, [{ op: 'replace', path: 'userName', value: next }])).toMatchObject({
        status: 200,
        body: { id, userName: next },
      })
    })

    it('that somebody else has is refused', async () => {
      const { path } = await make()
      const { userName } = await make()
      expect(await service.patch(path, [{ op: 'replace', path: 'userName', value: userName }])).toMatchObject(
        refusal(409, 'uniqueness'),
      )
    })

    it('is taken back where the rest is refused', async () => {
      const { path, userName } = await make({ title: 'Analyst' })
      const next = unique('renamed')
      const answer = await service.patch(path, [
        { op: 'replace', path: 'userName', value: next },
        { op: 'replace', path: 'title', value: '42' },
      ])
      expect(answer).toMatchObject(refusal(400, 'invalidValue'))
      expect(await directory.read(dnOf(userName), 'uid', 'title')).toEqual({
        uid: userName,
        title: 'Analyst',
      })
      expect(await directory.read(dnOf(next))).toBeUndefined()
      expect(await service.get(path)).toMatchObject({ status: 200, body: { userName } })
    })

    it('is followed by references to the entry, if the directory does so', async () => {
      const boss = await make()
      const name = { formatted: 'x', familyName: 'x' }
      const clerk = await service.user({
        userName: unique('user'),
        name,
        [ENTERPRISE]: { manager: { value: boss.id } },
      })
      const next = unique('renamed')
      await service.patch(boss.path, [{ op: 'replace', path: 'userName', value: next }])
      await vi.waitFor(async () =>
        expect(await directory.read(dnOf(String(clerk.userName)), 'manager')).toEqual({
          manager: dnOf(next),
        }),
      )
      const { body } = await service.get(`/Users/${clerk.id}`)
      expect(body[ENTERPRISE]).toMatchObject({ manager: { value: boss.id } })
    })
  })

  describe('DELETE', () => {
    it('deletes the entry', async () => {
      const { path, userName } = await make()
      expect(await service.remove(path)).toMatchObject({ status: 204 })
      expect(await directory.read(dnOf(userName))).toBeUndefined()
      expect(await service.remove(path)).toMatchObject(refusal(404))
    })

    it('of an entry with others below it is refused', async () => {
      const { path, userName } = await make()
      await directory.client.add(`ou=below,${dnOf(userName)}`, {
        objectClass: 'organizationalUnit',
        ou: 'below',
      })
      expect(await service.remove(path)).toMatchObject(refusal(403))
    })
  })

  describe('changes at the same time', () => {
    it('are all done, though each is decided on what was read before', async () => {
      const { path, userName } = await make()
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          service.patch(path, [{ op: 'add', path: 'emails', value: [{ value: `m${i}@example.org` }] }]),
        ),
      )
      expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200))
      const entry = await directory.read(dnOf(userName), 'mail')
      expect([entry?.mail].flat().sort()).toEqual(Array.from({ length: 8 }, (_, i) => `m${i}@example.org`))
    })

    it('do not undo what others write to the directory in between', async () => {
      const { path, userName } = await make({ title: 'Analyst' })
      directory.recorder.before('modifyRequest', async () => {
        await directory.replace(dnOf(userName), 'title', 'Countess')
      })
      const answer = await service.patch(path, [{ op: 'replace', path: 'name.familyName', value: 'King' }])
      expect(answer).toMatchObject({ status: 200, body: { title: 'Countess' } })
      expect(await directory.read(dnOf(userName), 'sn', 'title')).toEqual({ sn: 'King', title: 'Countess' })
    })

    it('of a resource that is no longer as the client knows it are refused', async () => {
      const { path, userName } = await make({ title: 'Analyst' })
      const { headers } = await service.get(path)
      const etag = headers.get('etag') ?? ''
      const patch = (title: string) =>
        service.patch(path, [{ op: 'replace', path: 'title', value: title }], {
          headers: { 'if-match': etag },
        })
      expect((await Promise.all([patch('One'), patch('Two')])).map(({ status }) => status).sort()).toEqual([
        200, 412,
      ])
      expect(await patch('Three')).toMatchObject(refusal(412))
      expect(await service.remove(path, { headers: { 'if-match': etag } })).toMatchObject(refusal(412))
      expect((await directory.read(dnOf(userName), 'title'))?.title).toMatch(/^(One|Two)$/)
    })

    it('are refused where the directory changes between the look and the writing', async () => {
      const { path, userName } = await make({ title: 'Analyst' })
      const etag = (await service.get(path)).headers.get('etag') ?? ''
      directory.recorder.before('modifyRequest', async () => {
        await directory.replace(dnOf(userName), 'sn', 'King')
      })
      const answer = await service.patch(path, [{ op: 'replace', path: 'title', value: 'Countess' }], {
        headers: { 'if-match': etag },
      })
      expect(answer).toMatchObject(refusal(412))
      expect(await directory.read(dnOf(userName), 'sn', 'title')).toEqual({ sn: 'King', title: 'Analyst' })
    })
  })

  describe('an account of the gateway that may only read', () => {
    it('is told so', async () => {
      const readOnly = await directory.serve(reader)
      const { path } = await make()
      const user = bodyOf({ userName: unique('user'), name: { formatted: 'x', familyName: 'x' } })
      expect(await readOnly.post('/Users', user)).toMatchObject(refusal(403))
      expect(await readOnly.patch(path, [{ op: 'replace', path: 'title', value: 'x' }])).toMatchObject(
        refusal(403),
      )
      expect(await readOnly.patch(path, [{ op: 'replace', path: 'userName', value: 'x' }])).toMatchObject(
        refusal(403),
      )
      expect(
        await readOnly.patch(path, [{ op: 'replace', path: 'password', value: 'Notes of 1843' }]),
      ).toMatchObject(refusal(403))
      expect(await readOnly.remove(path)).toMatchObject(refusal(403))
      expect(await readOnly.get(path)).toMatchObject({ status: 200 })
    })
  })
})
