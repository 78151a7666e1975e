/** The standard schemas are those of RFC 7643. */
import { describe, expect, it, test } from 'vitest'
import type { ScimAttribute, ScimSchema } from '../../../../src/model/resource.js'
import { commonAttributes } from '../../../../src/schema/scim/common.js'
import {
  resourceTypeSchema,
  schemaSchema,
  serviceProviderConfigSchema,
} from '../../../../src/schema/scim/service.js'
import { standardAttribute, standardSchemas } from '../../../../src/schema/scim/standard.js'
import { ENTERPRISE_USER, FIDO_DEVICE, FIDO2_DEVICE, GROUP, USER } from '../../../../src/schema/scim/urns.js'

function schemaOf(urn: string): ScimSchema {
  const found = standardSchemas.get(urn)
  if (found === undefined) throw new Error(`there is no ${urn}`)
  return found
}

/** `name`, `name:type` where it is no string, `name[]` where it has several values. */
const outline = ({ name, type, multiValued }: ScimAttribute) =>
  `${name}${multiValued ? '[]' : ''}${type === 'string' ? '' : `:${type}`}`

const outlines = (attributes: readonly ScimAttribute[] | undefined) => (attributes ?? []).map(outline)

function find(path: string, urn = USER): ScimAttribute {
  const [attribute = '', sub] = path.split('.')
  const found = standardAttribute({ schema: urn, attribute, ...(sub !== undefined && { sub }) })
  if (found === undefined) throw new Error(`there is no ${path}`)
  return found
}

describe('a User', () => {
  it('has the attributes of RFC 7643 8.7.1', () => {
    expect(outlines(schemaOf(USER).attributes)).toEqual([
      ...['userName', 'name:complex', 'displayName', 'nickName', 'profileUrl:reference', 'title', 'userType'],
      ...['preferredLanguage', 'locale', 'timezone', 'active:boolean', 'password', 'emails[]:complex'],
      ...['phoneNumbers[]:complex', 'ims[]:complex', 'photos[]:complex', 'addresses[]:complex'],
      ...['groups[]:complex', 'entitlements[]:complex', 'roles[]:complex', 'x509Certificates[]:complex'],
    ])
    expect(outlines(find('name').subAttributes)).toEqual([
      ...['formatted', 'familyName', 'givenName', 'middleName', 'honorificPrefix', 'honorificSuffix'],
    ])
    expect(outlines(find('addresses').subAttributes)).toEqual([
      ...['formatted', 'streetAddress', 'locality', 'region', 'postalCode', 'country', 'type'],
      'primary:boolean',
    ])
    expect(outlines(find('groups').subAttributes)).toEqual(['value', '$ref:reference', 'display', 'type'])
  })

  test.each([
    ['emails', 'value'],
    ['phoneNumbers', 'value'],
    ['ims', 'value'],
    ['photos', 'value:reference'],
    ['entitlements', 'value'],
    ['roles', 'value'],
    ['x509Certificates', 'value:binary'],
  ])('has %s with the parts of RFC 7643 2.4', (name, value) => {
    expect(outlines(find(name).subAttributes)).toEqual([value, 'display', 'type', 'primary:boolean'])
  })

  it('needs nothing but a userName, which is unique', () => {
    expect(schemaOf(USER).attributes.filter((a) => a.required)).toEqual([
      expect.objectContaining({ name: 'userName', uniqueness: 'server', caseExact: false }),
    ])
  })

  it('never tells its password', () => {
    expect(find('password')).toMatchObject({ mutability: 'writeOnly', returned: 'never' })
  })

  it('does not say itself which groups it is in', () => {
    const groups = find('groups')
    expect([groups, ...(groups.subAttributes ?? [])].map((a) => a.mutability)).toEqual(
      Array.from({ length: 5 }, () => 'readOnly'),
    )
    expect(find('groups.type').canonicalValues).toEqual(['direct', 'indirect'])
  })

  test.each<[string, readonly string[]]>([
    ['emails', ['work', 'home', 'other']],
    ['addresses', ['work', 'home', 'other']],
    ['phoneNumbers', ['work', 'home', 'mobile', 'fax', 'pager', 'other']],
    ['ims', ['aim', 'gtalk', 'icq', 'xmpp', 'msn', 'skype', 'qq', 'yahoo']],
    ['photos', ['photo', 'thumbnail']],
  ])('suggests the types of %s that the standard does', (name, types) => {
    expect(find(`${name}.type`).canonicalValues).toEqual(types)
  })

  it('compares references and bytes exactly, text regardless of case', () => {
    expect(find('photos.value')).toMatchObject({ caseExact: true, referenceTypes: ['external'] })
    expect(find('x509Certificates.value').caseExact).toBe(true)
    expect(find('emails.value').caseExact).toBe(false)
  })
})

describe('an EnterpriseUser', () => {
  it('has the attributes of RFC 7643 8.7.1', () => {
    expect(outlines(schemaOf(ENTERPRISE_USER).attributes)).toEqual([
      ...['employeeNumber', 'costCenter', 'organization', 'division', 'department', 'manager:complex'],
    ])
    expect(outlines(find('manager', ENTERPRISE_USER).subAttributes)).toEqual([
      ...['value', '$ref:reference', 'displayName'],
    ])
    expect(find('manager.displayName', ENTERPRISE_USER).mutability).toBe('readOnly')
    expect(find('manager.$ref', ENTERPRISE_USER).referenceTypes).toEqual(['User'])
  })
})

describe('a Group', () => {
  it('has a name that must be given, and members that are put in and taken out, not changed', () => {
    expect(outlines(schemaOf(GROUP).attributes)).toEqual(['displayName', 'members[]:complex'])
    expect(find('displayName', GROUP).required).toBe(true)
    expect(find('members', GROUP).mutability).toBe('readWrite')
    for (const part of ['value', '$ref', 'type']) {
      expect(find(`members.${part}`, GROUP).mutability, part).toBe('immutable')
    }
    expect(find('members.$ref', GROUP).referenceTypes).toEqual(['User', 'Group'])
  })
})

describe('devices', () => {
  it('of U2F have the attributes that clients of Gluu know', () => {
    expect(outlines(schemaOf(FIDO_DEVICE).attributes)).toEqual([
      ...['userId', 'creationDate:dateTime', 'application', 'counter:integer', 'deviceData'],
      ...['deviceHashCode:integer', 'deviceKeyHandle', 'deviceRegistrationConf', 'lastAccessTime:dateTime'],
      ...['status', 'displayName', 'description', 'nickname'],
    ])
  })

  it('of FIDO2 have the attributes that clients of Gluu know', () => {
    expect(outlines(schemaOf(FIDO2_DEVICE).attributes)).toEqual([
      ...['userId', 'creationDate:dateTime', 'counter:integer', 'status', 'deviceData:complex'],
      'displayName',
    ])
    expect(outlines(find('deviceData', FIDO2_DEVICE).subAttributes)).toEqual([
      ...['uuid', 'pushToken', 'type', 'platform', 'name', 'osName', 'osVersion', 'customData'],
    ])
  })

  it('may be named and marked, and otherwise stay as they were enrolled', () => {
    const changeable = (urn: string) =>
      schemaOf(urn)
        .attributes.filter((a) => a.mutability === 'readWrite')
        .map((a) => a.name)
    expect(changeable(FIDO_DEVICE)).toEqual(['status', 'displayName', 'description', 'nickname'])
    expect(changeable(FIDO2_DEVICE)).toEqual(['status', 'displayName'])
  })
})

describe('every schema', () => {
  const all = [
    ...standardSchemas.values(),
    ...[serviceProviderConfigSchema, resourceTypeSchema, schemaSchema],
    { id: 'common', name: '', description: '', attributes: commonAttributes },
  ]
  const attributesOf = (attributes: readonly ScimAttribute[]): readonly ScimAttribute[] =>
    attributes.flatMap((a) => [a, ...attributesOf(a.subAttributes ?? [])])

  test.each(all.map((schema) => [schema.id, schema] as const))('%s is well formed', (_id, schema) => {
    const attributes = attributesOf(schema.attributes)
    for (const { name, type, description, subAttributes, referenceTypes } of attributes) {
      expect(name, name).toMatch(/^(?:[A-Za-z][\w-]*|\$ref)$/)
      expect(description, name).not.toBe('')
      expect(subAttributes !== undefined && subAttributes.length > 0, name).toBe(type === 'complex')
      expect(referenceTypes !== undefined, name).toBe(type === 'reference')
    }
    const names = schema.attributes.map((a) => a.name.toLowerCase())
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('an attribute', () => {
  it('is found by names in any case', () => {
    const found = standardAttribute({ schema: USER.toUpperCase(), attribute: 'NAME', sub: 'FAMILYNAME' })
    expect(found?.name).toBe('familyName')
  })

  it('may be externalId in any schema', () => {
    for (const schema of [USER, GROUP, 'urn:example:Badge']) {
      expect(standardAttribute({ schema, attribute: 'externalid' })).toMatchObject({
        name: 'externalId',
        caseExact: true,
        mutability: 'readWrite',
      })
    }
  })

  it('is unknown otherwise', () => {
    expect(standardAttribute({ schema: USER, attribute: 'constructor' })).toBeUndefined()
    expect(standardAttribute({ schema: USER, attribute: 'employeeNumber' })).toBeUndefined()
    expect(standardAttribute({ schema: USER, attribute: 'name', sub: 'value' })).toBeUndefined()
    expect(standardAttribute({ schema: 'urn:example:Badge', attribute: 'userName' })).toBeUndefined()
  })
})
