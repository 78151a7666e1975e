/** The people of the reference servers as users of SCIM, with all that the gateway's mapping of them tells. */
import { USER_URN } from '../data.js'
import { idOf } from '../ids.js'

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const GROUP_URN = 'urn:ietf:params:scim:schemas:core:2.0:Group'
/** The group with many members, in all databases. */
export const LARGE_GROUP = { id: 1_000_000, name: 'everyone' } as const

/** In the order of the columns. */
export interface Person {
  readonly id: number
  readonly username: string
  readonly first: string
  readonly last: string
  readonly email: string
  readonly department: string
  readonly phone: string
  readonly active: boolean
}

export function user(person: Person, base: string): Record<string, unknown> & { readonly id: string } {
  const { username, first, last, email, department, phone, active } = person
  const id = idOf.people(person.id)
  return {
    schemas: [USER_URN, ENTERPRISE],
    id,
    meta: { resourceType: 'User', location: `${base}/Users/${id}` },
    userName: username,
    name: { formatted: `${first} ${last}`, familyName: last, givenName: first },
    userType: active ? 'active' : 'inactive',
    emails: [{ value: email, type: 'work', primary: true }],
    phoneNumbers: [{ value: phone, type: 'work', primary: true }],
    [ENTERPRISE]: { employeeNumber: String(person.id), department },
  }
}

export function largeGroup(members: readonly Person[], base: string): object {
  const id = idOf.groups(LARGE_GROUP.id)
  return {
    schemas: [GROUP_URN],
    id,
    meta: { resourceType: 'Group', location: `${base}/Groups/${id}` },
    displayName: LARGE_GROUP.name,
    members: members.map((person) => {
      const value = idOf.people(person.id)
      const display = `${person.first} ${person.last}`
      return { value, $ref: `${base}/Users/${value}`, display, type: 'User' }
    }),
  }
}
