/** The Group schema (RFC 7643 4.2 and 8.7.1). */
import type { ScimSchema } from '../../model/resource.js'
import { attribute, complex, text } from './attribute.js'
import { GROUP } from './urns.js'

const immutable = { mutability: 'immutable' } as const

export const groupSchema: ScimSchema = {
  id: GROUP,
  name: 'Group',
  description: 'A set of users, and of groups where they may be nested',
  attributes: [
    text('displayName', 'Name of the group', { required: true }),
    complex(
      'members',
      'Who belongs to the group',
      [
        text('value', 'id of the member', immutable),
        attribute('$ref', 'reference', 'URI of the member', {
          ...immutable,
          referenceTypes: ['User', 'Group'],
        }),
        text('type', 'What the member is', { ...immutable, canonicalValues: ['User', 'Group'] }),
        text('display', 'Name of the member', { mutability: 'readOnly' }),
      ],
      { multiValued: true },
    ),
  ],
}
