/** What a union is as a view, made of the mappings of its members. */
import { describe, expect, it } from 'vitest'
import { extendSchema } from '../../../src/mapping/custom-schema.js'
import { Problems } from '../../../src/mapping/problem.js'
import { mappingSchema } from '../../../src/mapping/schema.js'
import { sameBy, shownViews, withUnions } from '../../../src/mapping/union.js'
import { unionSchema } from '../../../src/mapping/union-schema.js'
import { viewOf } from '../../../src/mapping/view.js'
import { standardSchema } from '../../../src/schema/schema.js'

const ldap = { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] }
const corp = {
  view: 'corp',
  source: 'one',
  from: 'staff',
  writable: true,
  key: 'id',
  attributes: {
    uid: 'login',
    mail: 'mail',
    manager: { ref: 'corp', column: 'boss' },
    userPassword: { column: 'secret', verifyOnly: true },
  },
}
const acme = {
  view: 'acme',
  source: 'two',
  from: 'accounts',
  writable: true,
  key: 'guid',
  attributes: {
    uid: 'acct',
    mail: { table: 'mails', on: 'owner', value: 'address', parts: { type: 'kind' } },
    manager: 'boss_name',
    title: { constant: 'x' },
  },
  enabled: 'active',
  scim: { resource: 'User', attributes: { nickName: 'nick' } },
}

function made(union: object, ...mappings: readonly object[]) {
  const problems = new Problems()
  const written = mappings.map((one) => mappingSchema.parse(one))
  const unions = [unionSchema.parse({ view: 'people', ...union })]
  const specs = withUnions(written, unions)
  const schema = extendSchema(standardSchema(), specs, problems)
  const mapped = new Map(specs.map((spec) => [spec.view, viewOf(spec, schema, problems, specs)]))
  const shown = shownViews(mapped, written, unions, schema, problems)
  const by = unions.flatMap((one) => sameBy(one, mapped, schema, problems))
  return { shown, by, problems: problems.list.map(({ path, message }) => `${path.join('.')}: ${message}`) }
}

const members = ['corp', 'acme']

describe('a union as a view', () => {
  it('has the attributes of all its members, and refers to itself where these refer to each other', () => {
    const { shown, by, problems } = made({ union: { members }, ldap, scim: { resource: 'User' } }, corp, acme)
    expect(problems).toEqual([])
    expect(by).toEqual(['uid'])
    expect([...shown.keys()]).toEqual(['people'])
    const view = shown.get('people')
    expect(view).toMatchObject({ rdn: ['uid'], bindable: true, inTree: true, remembersDeletions: false })
    expect(view?.attributes.get('mail')).toMatchObject({ multiValued: true, writable: true })
    expect(view?.attributes.get('mail')?.parts.map(({ name }) => name)).toEqual(['value', 'type'])
    expect(view?.attributes.get('manager')).toMatchObject({ refers: ['people'], mixed: true })
    expect(view?.attributes.get('userPassword')).toMatchObject({ verifyOnly: true })
    expect(view?.attributes.get('title')).toMatchObject({ writable: false })
  })

  it('is a resource type with what its members add to it', () => {
    const { shown } = made(
      { union: { members }, scim: { resource: 'User', attributes: { title: null } } },
      corp,
      acme,
    )
    const names = shown.get('people')?.resource?.schema.attributes.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['userName', 'nickName', 'active', 'emails']))
    expect(names).not.toContain('title')
  })

  it('stands beside a member that has a place of its own, which refers to the union', () => {
    const alone = { ...corp, ldap: { ...ldap, base: 'ou=corp' } }
    const { shown } = made({ union: { members }, ldap }, alone, { ...acme, scim: undefined })
    expect([...shown.keys()]).toEqual(['corp', 'people'])
    expect(shown.get('corp')).toMatchObject({ base: 'ou=corp', inTree: true })
    expect(shown.get('corp')?.attributes.get('manager')?.refers).toEqual(['people'])
    const same = made({ union: { members }, ldap }, { ...corp, ldap: { ...ldap, base: 'OU = people' } }, acme)
    expect(same.shown.get('corp')?.inTree).toBeUndefined()
  })

  it('needs to know its entries apart', () => {
    const found = (union: object, more: object = {}) =>
      made({ union: { members, ...union }, ldap, ...more }, corp, acme).problems
    expect(found({ by: ['mail', 'employeeNumber'] })).toEqual([
      'union.by: the member corp has no attribute employeeNumber',
      'union.by: the member acme has no attribute employeeNumber',
    ])
    expect(found({ by: 'manager' })).toEqual(['union.by: manager of the member corp cannot be compared'])
    expect(found({ by: 'userPassword' })[0]).toBe(
      'union.by: userPassword of the member corp cannot be compared',
    )
    expect(found({}, { ldap: undefined, scim: { resource: 'User' } })).toEqual([
      'union: without an rdn, nothing tells which entries are the same',
    ])
  })
})
