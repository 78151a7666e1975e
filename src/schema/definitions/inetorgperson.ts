/** Attribute types and the object class of the internet person (RFC 2798). */
import type { AttributeDefinition } from '../attribute-types.js'
import type { ObjectClassDefinition } from '../object-classes.js'
import { directoryText } from './families.js'

export const inetOrgPersonAttributes: readonly AttributeDefinition[] = [
  { oid: '2.16.840.1.113730.3.1.1', names: ['carLicense'], ...directoryText },
  { oid: '2.16.840.1.113730.3.1.2', names: ['departmentNumber'], ...directoryText },
  { oid: '2.16.840.1.113730.3.1.241', names: ['displayName'], ...directoryText, singleValued: true },
  { oid: '2.16.840.1.113730.3.1.3', names: ['employeeNumber'], ...directoryText, singleValued: true },
  { oid: '2.16.840.1.113730.3.1.4', names: ['employeeType'], ...directoryText },
  { oid: '0.9.2342.19200300.100.1.60', names: ['jpegPhoto'], syntax: 'jpeg' },
  { oid: '2.16.840.1.113730.3.1.39', names: ['preferredLanguage'], ...directoryText, singleValued: true },
  { oid: '2.16.840.1.113730.3.1.40', names: ['userSMIMECertificate'], syntax: 'binary' },
  { oid: '2.16.840.1.113730.3.1.216', names: ['userPKCS12'], syntax: 'binary' },
]

export const inetOrgPersonClasses: readonly ObjectClassDefinition[] = [
  {
    oid: '2.16.840.1.113730.3.2.2',
    names: ['inetOrgPerson'],
    sup: ['organizationalPerson'],
    kind: 'structural',
    may: [
      'audio',
      'businessCategory',
      'carLicense',
      'departmentNumber',
      'displayName',
      'employeeNumber',
      'employeeType',
      'givenName',
      'homePhone',
      'homePostalAddress',
      'initials',
      'jpegPhoto',
      'labeledURI',
      'mail',
      'manager',
      'mobile',
      'o',
      'pager',
      'photo',
      'roomNumber',
      'secretary',
      'uid',
      'userCertificate',
      'x500UniqueIdentifier',
      'preferredLanguage',
      'userSMIMECertificate',
      'userPKCS12',
    ],
  },
]
