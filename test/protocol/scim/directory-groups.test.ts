/** Groups of a directory behind the gateway, written over SCIM: the directory is told who comes and goes, and no more. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { staff, startDirectory, teams, type Upstream, ways } from './directory.js'
import { GROUP, refusal, type Served, unique, values } from './serving.js'

const LARGE = 5000
const foreign = 'cn=printer,dc=example,dc=org'
/** The member that keeps groups from being empty. */
const nobody = 'cn=nobody'

describe.each(ways)('over %s', (_name, copied) => {
  let directory: Upstream
  let service: Served
  /** ids of five people. */
  let ids: readonly string[]

  const person = (n: number) => `uid=p${n},${staff}`

  beforeAll(async () => {
    const people = [0, 1, 2, 3, 4, ...Array.from({ length: 20 }, (_, i) => 100 + i)].map(
      (n) => `dn: ${person(n)}
objectClass: inetOrgPerson
uid: p${n}
cn: Person ${n}
sn: Person ${n}
`,
    )
    const large = `dn: cn=large,${teams}
objectClass: groupOfNames
cn: large
${Array.from({ length: LARGE }, (_, i) => `member: uid=member${i},ou=elsewhere,dc=example,dc=org`).join('\n')}
`
    directory = await startDirectory([...people, large].join('\n'), { copied, globals: ['sortvals member'] })
    service = await directory.serve()
    const { body } = await service.get('/Users', { sortBy: 'userName', count: 200 })
    const byName = new Map(body.Resources?.map(({ userName, id }) => [userName, id ?? '']))
    ids = [0, 1, 2, 3, 4].map((n) => byName.get(`p${n}`) ?? '')
  })

  afterAll(() => directory?.close())

  const id = (n: number) => ids[n] ?? ''
  const elements = (...people: readonly number[]) => people.map((n) => ({ value: id(n) }))
  const dnOf = (displayName: unknown) => `cn=${displayName},${teams}`
  const membersOf = async (displayName: unknown) =>
    [(await directory.read(dnOf(displayName), 'member'))?.member ?? []].flat().sort()

  async function make(members: readonly { value: string }[] = []) {
    const displayName = unique('team')
    const group = await service.group({ displayName, ...(members.length > 0 && { members }) })
    directory.recorder.clear()
    return { ...group, displayName, path: `/Groups/${group.id}` }
  }

  const add = (...people: readonly number[]) => ({ op: 'add', path: 'members', value: elements(...people) })

  describe('a new group', () => {
    it('has its members, and one that nobody sees', async () => {
      const inner = await make()
      const displayName = unique('team')
      const members = [...elements(0, 1), { value: inner.id }]
      const answer = await service.post('/Groups', { schemas: [GROUP], displayName, members })
      expect(answer).toMatchObject({ status: 201 })
      expect(values(answer.body.members)).toEqual([id(0), id(1), inner.id].sort())
      expect(answer.body.members).toContainEqual(
        expect.objectContaining({
          value: id(0),
          type: 'User',
          $ref: expect.stringContaining(`/Users/${id(0)}`),
        }),
      )
      expect(await membersOf(displayName)).toEqual(
        [nobody, dnOf(inner.displayName), person(0), person(1)].sort(),
      )
    })

    it('may be without members', async () => {
      const { displayName, path } = await make()
      expect(await membersOf(displayName)).toEqual([nobody])
      expect((await service.get(path)).body.members).toBeUndefined()
    })

    it('with a member that is not there is refused', async () => {
      const displayName = unique('team')
      const members = [{ value: '11111111-1111-4111-8111-111111111111' }]
      const answer = await service.post('/Groups', { schemas: [GROUP], displayName, members })
      expect(answer).toMatchObject(refusal(400, 'invalidValue'))
      expect(await directory.read(dnOf(displayName))).toBeUndefined()
    })
  })

  describe('PATCH of members', () => {
    it('tells the directory who comes and goes', async () => {
      const { path, displayName } = await make(elements(0, 1))
      const answer = await service.patch(path, [
        add(2, 3),
        { op: 'remove', path: `members[value eq "${id(0)}"]` },
      ])
      expect(answer).toMatchObject({ status: 204, text: '' })
      expect(answer.headers.get('etag')).toMatch(/^W\//)
      expect([...directory.written()].sort()).toEqual([
        `add member: ${person(2)}, ${person(3)}`,
        `delete member: ${person(0)}`,
      ])
      expect(await membersOf(displayName)).toEqual([nobody, person(1), person(2), person(3)].sort())
    })

    it('is answered with the group where it is asked for', async () => {
      const { path } = await make(elements(0))
      const answer = await service.patch(`${path}?attributes=members`, [add(1)])
      expect(answer).toMatchObject({ status: 200 })
      expect(values(answer.body.members)).toEqual([id(0), id(1)].sort())
    })

    it('of those who are there, or are not, writes nothing', async () => {
      const { path } = await make(elements(0, 1))
      expect(await service.patch(path, [add(0)])).toMatchObject({ status: 204 })
      const gone = { op: 'remove', path: `members[value eq "${id(4)}"]` }
      expect(await service.patch(path, [gone])).toMatchObject({ status: 204 })
      expect(directory.written()).toEqual([])
    })

    it('with somebody who is not there is refused', async () => {
      const { path } = await make(elements(0))
      const op = { op: 'add', path: 'members', value: [{ value: '11111111-1111-4111-8111-111111111111' }] }
      expect(await service.patch(path, [op])).toMatchObject(refusal(400, 'invalidValue'))
      expect(directory.written()).toEqual([])
    })

    it('takes all away that are shown, and leaves the others', async () => {
      const { path, displayName } = await make(elements(0, 1))
      await directory.replace(dnOf(displayName), 'member', nobody, foreign, person(0), person(1))
      expect(await service.patch(path, [{ op: 'remove', path: 'members' }])).toMatchObject({ status: 200 })
      expect(await membersOf(displayName)).toEqual([nobody, foreign].sort())
      expect(await service.patch(path, [add(2)])).toMatchObject({ status: 204 })
      expect(await service.patch(path, [{ op: 'replace', path: 'members', value: [] }])).toMatchObject({
        status: 200,
      })
      expect(await membersOf(displayName)).toEqual([nobody, foreign].sort())
    })

    it('replaces them by those that are given', async () => {
      const inner = await make()
      const { path, displayName } = await make(elements(0, 1))
      await directory.replace(dnOf(displayName), 'member', foreign, person(0), person(1))
      directory.recorder.clear()
      const value = [...elements(1, 2), { value: inner.id }]
      const answer = await service.patch(path, [{ op: 'replace', path: 'members', value }])
      expect(values(answer.body.members)).toEqual([id(1), id(2), inner.id].sort())
      expect(await membersOf(displayName)).toEqual(
        [foreign, dnOf(inner.displayName), person(1), person(2)].sort(),
      )
      expect([...directory.written()].sort()).toEqual([
        `add member: ${person(2)}, ${dnOf(inner.displayName)}`,
        `delete member: ${person(0)}`,
      ])
    })

    it('is refused where the directory lets no group be empty', async () => {
      const { path, displayName } = await make(elements(0))
      await directory.replace(dnOf(displayName), 'member', person(0))
      const answer = await service.patch(path, [{ op: 'remove', path: `members[value eq "${id(0)}"]` }])
      expect(answer).toMatchObject(refusal(400, 'invalidValue'))
      expect(await membersOf(displayName)).toEqual([person(0)])
    })

    it('by twenty at a time loses none', async () => {
      const { path, displayName } = await make()
      const { body } = await service.get('/Users', { filter: 'userName sw "p1"', count: 100 })
      const many = (body.Resources ?? []).filter(({ userName }) => userName !== 'p1')
      expect(many).toHaveLength(20)
      const answers = await Promise.all(
        many.map(({ id: value }) =>
          service.patch(path, [{ op: 'add', path: 'members', value: [{ value }] }]),
        ),
      )
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(204))
      expect(await membersOf(displayName)).toHaveLength(21)
    })

    it('in a bulk request may name a user made by it', async () => {
      const { id: group, displayName } = await make()
      const userName = unique('user')
      const data = {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
        userName,
        name: { formatted: 'x', familyName: 'x' },
      }
      const answer = await service.post('/Bulk', {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
        Operations: [
          { method: 'POST', path: '/Users', bulkId: 'u', data },
          {
            method: 'PATCH',
            path: `/Groups/${group}`,
            data: {
              schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
              Operations: [{ op: 'add', path: 'members', value: [{ value: 'bulkId:u' }] }],
            },
          },
        ],
      })
      expect(answer.body.Operations?.map(({ status }) => status)).toEqual(['201', '200'])
      expect(await membersOf(displayName)).toEqual([nobody, `uid=${userName},${staff}`])
    })
  })

  describe('PUT', () => {
    it('makes the members those that are given, and leaves those that are not shown', async () => {
      const inner = await make()
      const { path, displayName } = await make([...elements(0, 1), { value: inner.id }])
      await directory.replace(
        dnOf(displayName),
        'member',
        foreign,
        dnOf(inner.displayName),
        person(0),
        person(1),
      )
      directory.recorder.clear()
      const answer = await service.put(path, { schemas: [GROUP], displayName, members: elements(1, 2) })
      expect(values(answer.body.members)).toEqual([id(1), id(2)].sort())
      expect(await membersOf(displayName)).toEqual([foreign, person(1), person(2)].sort())
      expect(await service.put(path, { schemas: [GROUP], displayName })).toMatchObject({ status: 200 })
      expect(await membersOf(displayName)).toEqual([foreign])
    })

    it('renames the group', async () => {
      const { path, displayName, id: group } = await make(elements(0))
      const next = unique('renamed')
      const answer = await service.put(path, { schemas: [GROUP], displayName: next, members: elements(0) })
      expect(answer).toMatchObject({ status: 200, body: { id: group, displayName: next } })
      expect(directory.written()).toEqual([`rename ${dnOf(displayName)} to cn=${next}`])
    })
  })

  describe(`a group of ${LARGE} members`, () => {
    const path = async () => {
      const { body } = await service.get('/Groups', { filter: 'displayName eq "large"', attributes: 'id' })
      return `/Groups/${body.Resources?.[0]?.id}`
    }

    it.each([
      ['', {}],
      [', who is not looked for', { 'group-overhead-bypass': 'true' }],
    ])('gains and loses one without being read%s', async (_, headers) => {
      const at = await path()
      directory.recorder.clear()
      expect(await service.patch(at, [add(0)], { headers })).toMatchObject({ status: 204 })
      const remove = { op: 'remove', path: `members[value eq "${id(0)}"]` }
      expect(await service.patch(at, [remove], { headers })).toMatchObject({ status: 204 })
      expect(directory.written()).toEqual([`add member: ${person(0)}`, `delete member: ${person(0)}`])
      // Into a copy comes what is read again.
      if (copied) return
      const asked = directory.recorder.requests.flatMap((r) => (r.op === 'searchRequest' ? r.attributes : []))
      expect(asked.map((name) => name.toLowerCase())).not.toContain('member')
      expect(directory.recorder.answered).toBeLessThan(20_000)
    })
  })

  describe('DELETE', () => {
    it('deletes the group, and no member', async () => {
      const { path, displayName } = await make(elements(0))
      expect(await service.remove(path)).toMatchObject({ status: 204 })
      expect(directory.written()).toEqual([`delete ${dnOf(displayName)}`])
      expect(await service.get(`/Users/${id(0)}`)).toMatchObject({ status: 200 })
    })
  })
})
