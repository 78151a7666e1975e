/** Unions in configurations: what they are told with, and what is wrong between them and their members. */
import { describe, expect, it } from 'vitest'
import { gateway, groups, load, people, problems, staff, union } from './files.js'

const views = gateway.replace('[ people.yaml ]', '[ people.yaml, staff.yaml, union.yaml ]')
const files = { 'gateway.yaml': views, 'staff.yaml': staff, 'union.yaml': union }

describe('a union', () => {
  it('is a mapping file of its own, beside those of its members', async () => {
    const config = await load(files)
    expect(config.views.map(({ mapping }) => mapping.view)).toEqual(['people', 'staff'])
    expect(config.unions).toMatchObject([
      {
        union: {
          view: 'everybody',
          union: { members: ['people', 'staff'], by: 'mail', duplicates: 'error', onFailure: 'fail' },
        },
      },
    ])
  })

  it.each([
    [
      'members: [ people, staf ]',
      'union.members[1]: "staf" is no view that can be a member. Did you mean "staff"?',
    ],
    [
      'members: [ people, people ]',
      'union.members[1]: "people" is a member of everybody already. A view is a member once.',
    ],
    ['members: [ people ]', 'union.members: must be at least 2.'],
    [
      'members: [ people, staff ], create: other',
      'union.create: "other" is no member. Known members: people, staff.',
    ],
    [
      'members: [ people, staff ], duplicates: last',
      'union.duplicates: "last" is not "error", "first" or "merge".',
    ],
    [
      'members: [ people, staff ], onfailure: fail',
      'union.onfailure: unknown key. Did you mean "onFailure"?',
    ],
  ])('with %s', async (text, expected) => {
    const wrong = union.replace('members: [ people, staff ]', text)
    const found = await problems({ ...files, 'union.yaml': wrong })
    const told = found.map((line) => line.replace(/^union\.yaml:2:\d+ {2}/, ''))
    expect(told).toContain(expected)
  })

  it('names entries as its members do', async () => {
    const wrong = union.replace('rdn: uid', 'rdn: mail')
    expect(await problems({ ...files, 'union.yaml': wrong })).toEqual([
      'people.yaml:9:31  ldap.rdn: its union everybody names entries by mail. Name them alike.',
    ])
  })

  it('shows members that are shown nowhere else; others must be shown', async () => {
    const lone = { ...files, 'gateway.yaml': views.replace(', union.yaml', '') }
    expect(await problems(lone)).toEqual([
      'staff.yaml:1:1  ldap: shown nowhere: neither ldap nor scim says where. Add one of them.',
    ])
  })

  it('is not what others refer to, but its members are', async () => {
    const wrong = groups.replace('ref: people', 'ref: everybody')
    const withGroups = {
      ...files,
      'gateway.yaml': views.replace('people.yaml,', 'people.yaml, groups.yaml,'),
    }
    expect(await problems({ ...withGroups, 'groups.yaml': wrong })).toEqual([
      'groups.yaml:7:18  attributes.member.ref: "everybody" is a union. Refer to one of its members: people, staff; it is shown as a reference to the union.',
    ])
  })

  it('is what rules name, not members that are seen through it alone', async () => {
    const rule = (view: string) => `${views}access: [ { who: anonymous, views: ${view} } ]\n`
    expect(await problems({ ...files, 'gateway.yaml': rule('staff') })).toEqual([
      'gateway.yaml:5:36  access[0].views: "staff" is shown through everybody only. Name everybody.',
    ])
    // At the union's own place a member is not shown a second time.
    expect(await problems({ ...files, 'gateway.yaml': rule('people') })).toHaveLength(1)
    const elsewhere = people.replace('ou=people', 'ou=old')
    const config = await load({ ...files, 'gateway.yaml': rule('people'), 'people.yaml': elsewhere })
    expect(config.access).toHaveLength(1)
  })
})
