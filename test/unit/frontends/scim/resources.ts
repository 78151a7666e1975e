/** Resource types to try the SCIM frontend on: users and groups with all that the standard has, and an extension. */
import type { Resource, ScimAttribute } from '../../../../src/model/resource.js'
import { attribute, complex, text } from '../../../../src/schema/scim/attribute.js'
import { externalId } from '../../../../src/schema/scim/common.js'
import { enterpriseUserSchema } from '../../../../src/schema/scim/enterprise-user.js'
import { groupSchema } from '../../../../src/schema/scim/group.js'
import { userSchema } from '../../../../src/schema/scim/user.js'

export const USER = userSchema.id
export const GROUP = groupSchema.id
export const ENTERPRISE = enterpriseUserSchema.id
export const CUSTOM = 'urn:example:scim:custom:1.0'

const rest = {
  description: '',
  operations: new Set(['create', 'update', 'delete'] as const),
  bindings: new Map(),
}

export const user: Resource = {
  ...rest,
  type: 'User',
  endpoint: '/Users',
  schema: { ...userSchema, attributes: [...userSchema.attributes, externalId] },
  extensions: [
    { schema: enterpriseUserSchema, required: false },
    {
      required: false,
      schema: {
        id: CUSTOM,
        name: 'Custom',
        description: '',
        attributes: [
          text('badge', '', { mutability: 'immutable' }),
          attribute('visits', 'dateTime', '', { multiValued: true }),
          attribute('floor', 'integer', ''),
          attribute('height', 'decimal', ''),
          attribute('photo', 'binary', ''),
          text('tags', '', { multiValued: true, caseExact: true }),
          complex('contract', '', [
            text('number', '', { required: true }),
            text('terms', '', { multiValued: true }),
          ]),
          complex('keys', '', [text('value', '', { required: true }), text('note', '')], {
            multiValued: true,
          }),
        ],
      },
    },
  ],
}

export const group: Resource = {
  ...rest,
  type: 'Group',
  endpoint: '/Groups',
  schema: { ...groupSchema, attributes: [...groupSchema.attributes, externalId] },
  extensions: [],
}

/** The user type, keeping only these attributes of the core schema. */
export function userWith(...names: readonly string[]): Resource {
  const { schema } = user
  const attributes = schema.attributes.filter(({ name }) => names.includes(name))
  return { ...user, schema: { ...schema, attributes }, extensions: [] }
}

export function attributeOf(resource: Resource, name: string): ScimAttribute {
  const all = [resource.schema, ...resource.extensions.map(({ schema }) => schema)].flatMap(
    (s) => s.attributes,
  )
  const found = all.find((a) => a.name === name)
  if (found === undefined) throw new Error(`no attribute ${name}`)
  return found
}
