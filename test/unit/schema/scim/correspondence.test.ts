/** SCIM attributes and the LDAP attributes that hold them. */
import { describe, expect, it, test } from 'vitest'
import { standardSchema } from '../../../../src/schema/schema.js'
import { correspondenceOf, type StandardResource } from '../../../../src/schema/scim/correspondence.js'
import { standardAttribute, standardSchemas } from '../../../../src/schema/scim/standard.js'

function resource(type: string): StandardResource {
  const found = correspondenceOf(type)
  if (found === undefined) throw new Error(`there is no ${type}`)
  return found
}

/** The LDAP attributes that may hold a SCIM attribute, in order of preference. */
function holders(type: string, path: string): readonly string[] {
  const [attribute, sub] = path.split('.')
  const found = resource(type).attributes.find((a) => a.attribute === attribute && a.sub === sub)
  if (found === undefined || found.kind === 'enabled') return []
  return found.kind === 'elements' ? found.from.map((o) => o.attr) : found.from
}

const types = ['User', 'Group', 'FidoDevice', 'Fido2Device']

describe.each(types)('what a %s is', (type) => {
  it('is a schema that is known, as are its extensions', () => {
    const { schema, extensions } = resource(type)
    for (const urn of [schema, ...extensions]) expect(standardSchemas.has(urn), urn).toBe(true)
  })

  it('names attributes of its schemas, once each', () => {
    const { attributes, schema, extensions } = resource(type)
    for (const path of attributes) {
      expect([schema, ...extensions]).toContain(path.schema)
      expect(standardAttribute(path), `${path.attribute}.${path.sub}`).toBeDefined()
    }
    const paths = attributes.map((a) => `${a.schema}:${a.attribute}.${a.sub}`)
    expect(new Set(paths).size).toBe(paths.length)
  })

  it('is held by attributes that LDAP knows, spelt as its schema spells them', () => {
    const { attributes, created, lastModified } = resource(type)
    const names = attributes.flatMap((a) =>
      a.kind === 'enabled' ? [] : a.from.map((o) => (typeof o === 'string' ? o : o.attr)),
    )
    for (const name of [...names, ...created, ...lastModified]) {
      expect(standardSchema().attribute(name)?.name, name).toBe(name)
    }
  })

  it('binds elements to multi-valued complex attributes, and plain values to others', () => {
    for (const held of resource(type).attributes) {
      const { type: kind, multiValued } = standardAttribute(held) ?? {}
      const shape = `${kind}${multiValued === true ? '[]' : ''}`
      if (held.kind === 'elements') expect(shape, held.attribute).toBe('complex[]')
      else if (held.kind === 'references') expect(shape, held.attribute).toMatch(/^complex/)
      else expect(kind, held.attribute).not.toBe('complex')
    }
  })
})

describe('the correspondence', () => {
  test.each([
    ['userName', ['uid', 'sAMAccountName', 'userPrincipalName', 'cn']],
    ['name.familyName', ['sn']],
    ['name.givenName', ['givenName']],
    ['emails', ['mail']],
    ['phoneNumbers', ['telephoneNumber', 'mobile', 'facsimileTelephoneNumber', 'pager', 'homePhone']],
    ['password', ['userPassword']],
    ['groups', ['memberOf']],
    ['manager', ['manager']],
    ['department', ['department', 'departmentNumber', 'ou']],
  ])('finds %s of a User', (path, names) => {
    expect(holders('User', path)).toEqual(names)
  })

  it('finds a Group’s name and members', () => {
    expect(holders('Group', 'displayName')).toContain('cn')
    expect(holders('Group', 'members')).toEqual(['member', 'uniqueMember'])
  })

  it('tells telephone numbers apart by type', () => {
    const phones = resource('User').attributes.find((a) => a.attribute === 'phoneNumbers')
    const known = standardAttribute({
      schema: resource('User').schema,
      attribute: 'phoneNumbers',
      sub: 'type',
    })
    const given = phones?.kind === 'elements' ? phones.from.map((o) => o.type) : []
    expect(given).toEqual(['work', 'mobile', 'fax', 'pager', 'home'])
    expect(known?.canonicalValues).toEqual(expect.arrayContaining(given))
  })

  it('does not let clients create devices', () => {
    expect(resource('FidoDevice').operations).toEqual(['update', 'delete'])
    expect(resource('Fido2Device').operations).toEqual(['update', 'delete'])
    expect(resource('User').operations).toContain('create')
  })

  it('knows nothing of resource types of one’s own', () => {
    expect(correspondenceOf('Badge')).toBeUndefined()
    expect(correspondenceOf('constructor')).toBeUndefined()
  })
})
