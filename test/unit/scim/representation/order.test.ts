import { describe, expect, it } from 'vitest'
import { parsePath } from '../../../../src/scim/path.js'
import { CUSTOM, groups, people, represented, USER } from './views.js'

const users = represented(people)
const by = (path: string, descending = false) => users.order(parsePath(path), descending, 'refuse')

describe('sortBy', () => {
  it.each([
    ['userName', 'uid'],
    ['NAME.FamilyName', 'sn'],
    [`${USER}:title`, 'title'],
    [`${CUSTOM}:floor`, `${CUSTOM}:floor`],
    ['emails', 'mail'],
    ['emails.value', 'mail'],
    ['phoneNumbers.value', 'telephoneNumber'],
    ['meta.lastModified', 'modifyTimestamp'],
    ['externalId', `${USER}:externalId`],
  ])('%s sorts by %s', (path, attr) => {
    expect(by(path, true)).toEqual({ attr, descending: true })
  })

  it('by what all have alike or none has leaves the order as it is', () => {
    for (const path of ['nickName', 'meta.resourceType', 'schemas', 'id', 'name.middleName']) {
      expect(by(path)).toBeUndefined()
    }
    expect(represented(groups).order(parsePath('meta.created'), false, 'refuse')).toBeUndefined()
  })

  it('by id turned round sorts by the UUID', () => {
    expect(by('id', true)).toEqual({ attr: 'entryUUID', descending: true })
  })

  it.each(['name', 'groups', 'emails.type', 'addresses', 'password'])(
    'by %s is refused, but not where several types are sorted',
    (path) => {
      expect(() => by(path)).toThrow(expect.objectContaining({ code: 'inappropriateMatching' }))
      expect(users.order(parsePath(path), false, 'false')).toBeUndefined()
    },
  )

  it('by what nobody knows is refused, but not where several types are sorted', () => {
    expect(() => by('nobody')).toThrow(expect.objectContaining({ code: 'undefinedAttributeType' }))
    expect(users.order(parsePath('nobody'), false, 'false')).toBeUndefined()
  })
})
