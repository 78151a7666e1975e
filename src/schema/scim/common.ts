/** Attributes that every resource has whatever its schema (RFC 7643 3.1). */
import type { ScimAttribute } from '../../model/resource.js'
import { attribute, complex, text } from './attribute.js'

const readOnly = { mutability: 'readOnly' } as const

/** The client's own identifier; kept only where a mapping says where. */
export const externalId: ScimAttribute = text('externalId', 'What the client calls the resource', {
  caseExact: true,
})

export const commonAttributes: readonly ScimAttribute[] = [
  attribute('schemas', 'reference', 'URNs of the schemas that the resource follows', {
    multiValued: true,
    required: true,
    returned: 'always',
    referenceTypes: ['uri'],
  }),
  text('id', 'What the service calls the resource, for ever', {
    ...readOnly,
    caseExact: true,
    returned: 'always',
    uniqueness: 'server',
  }),
  externalId,
  complex(
    'meta',
    'What the service knows about the resource',
    [
      text('resourceType', 'Name of its resource type', { ...readOnly, caseExact: true }),
      attribute('created', 'dateTime', 'When it was made', readOnly),
      attribute('lastModified', 'dateTime', 'When it last changed', readOnly),
      attribute('location', 'reference', 'Its URI', { ...readOnly, referenceTypes: ['uri'] }),
      text('version', 'Its entity-tag', { ...readOnly, caseExact: true }),
    ],
    readOnly,
  ),
]
