/** Attribute types and object classes of named objects and dynamic groups, as OpenLDAP distributes them. */
import type { AttributeDefinition } from '../attribute-types.js'
import type { ObjectClassDefinition } from '../object-classes.js'

export const groupAttributes: readonly AttributeDefinition[] = [
  { oid: '2.16.840.1.113730.3.1.198', names: ['memberURL'], sup: 'labeledURI' },
]

export const groupClasses: readonly ObjectClassDefinition[] = [
  {
    oid: '1.3.6.1.4.1.5427.1.389.6.20',
    names: ['namedObject'],
    sup: ['top'],
    kind: 'structural',
    must: ['cn'],
    may: ['uniqueIdentifier', 'description'],
  },
  {
    oid: '2.16.840.1.113730.3.2.33',
    names: ['groupOfURLs'],
    sup: ['top'],
    kind: 'structural',
    must: ['cn'],
    may: ['memberURL', 'businessCategory', 'description', 'o', 'ou', 'owner', 'seeAlso'],
  },
]
