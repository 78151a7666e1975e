/** Schemas of what a service says of itself (RFC 7643 5, 6, 7 and 8.7.2; pagination by RFC 9865 4). All is read-only. */
import type { ScimAttribute, ScimSchema, ScimType } from '../../model/resource.js'
import { attribute, type Traits } from './attribute.js'
import { RESOURCE_TYPE, SCHEMA, SERVICE_PROVIDER_CONFIG } from './urns.js'

const readOnly = { mutability: 'readOnly' } as const

function told(name: string, type: ScimType, description: string, traits: Traits = {}): ScimAttribute {
  return attribute(name, type, description, { ...readOnly, ...traits })
}

const required = { required: true } as const
const exact = { caseExact: true } as const
const uri = { referenceTypes: ['uri'] }

function option(name: string, description: string, ...more: readonly ScimAttribute[]): ScimAttribute {
  const supported = told('supported', 'boolean', 'Is it supported?', required)
  return told(name, 'complex', description, { ...required, subAttributes: [supported, ...more] })
}

export const serviceProviderConfigSchema: ScimSchema = {
  id: SERVICE_PROVIDER_CONFIG,
  name: 'ServiceProviderConfig',
  description: 'What the service can do',
  attributes: [
    told('documentationUri', 'reference', 'Page for people who use the service', {
      referenceTypes: ['external'],
    }),
    option('patch', 'Changing parts of a resource (PATCH)'),
    option(
      'bulk',
      'Many operations in one request',
      told('maxOperations', 'integer', 'How many operations at most', required),
      told('maxPayloadSize', 'integer', 'How many bytes at most', required),
    ),
    option(
      'filter',
      'Selecting resources by filters',
      told('maxResults', 'integer', 'How many resources an answer holds at most', required),
    ),
    option('changePassword', 'Changing passwords'),
    option('sort', 'Sorting resources'),
    option('etag', 'Entity-tags: conditional requests'),
    told('pagination', 'complex', 'Reading long lists in pages', {
      subAttributes: [
        told('cursor', 'boolean', 'By cursors?', required),
        told('index', 'boolean', 'By the index of the first resource?', required),
        told('defaultPaginationMethod', 'string', 'Which it is if the request does not say', {
          canonicalValues: ['cursor', 'index'],
        }),
        told('defaultPageSize', 'integer', 'How many resources a page holds if the request does not say'),
        told('maxPageSize', 'integer', 'How many resources a page holds at most'),
        told('cursorTimeout', 'integer', 'For how many seconds a cursor is good at least'),
      ],
    }),
    told('authenticationSchemes', 'complex', 'How clients authenticate', {
      ...required,
      multiValued: true,
      subAttributes: [
        told('type', 'string', 'Kind of the scheme', {
          ...required,
          canonicalValues: ['oauth', 'oauth2', 'oauthbearertoken', 'httpbasic', 'httpdigest'],
        }),
        told('name', 'string', 'Name of the scheme', required),
        told('description', 'string', 'What the scheme is', required),
        told('specUri', 'reference', 'Its specification', { referenceTypes: ['external'] }),
        told('documentationUri', 'reference', 'Page for people who use it', { referenceTypes: ['external'] }),
        told('primary', 'boolean', 'Is it the preferred one?'),
      ],
    }),
  ],
}

export const resourceTypeSchema: ScimSchema = {
  id: RESOURCE_TYPE,
  name: 'ResourceType',
  description: 'A kind of resource: where it is and which schemas it follows',
  attributes: [
    told('id', 'string', 'The same as its name'),
    told('name', 'string', 'Name of the resource type', required),
    told('description', 'string', 'What its resources are'),
    told('endpoint', 'reference', 'Path of its resources, below the base', { ...required, ...uri }),
    told('schema', 'reference', 'URN of its core schema', { ...required, ...uri }),
    told('schemaExtensions', 'complex', 'Schemas that extend it', {
      multiValued: true,
      subAttributes: [
        told('schema', 'reference', 'URN of the extension', { ...required, ...uri }),
        told('required', 'boolean', 'Must resources have it?', required),
      ],
    }),
  ],
}

/** RFC 7643 7: what an attribute is, or a sub-attribute, which has none of its own. */
const characteristics: readonly ScimAttribute[] = [
  told('name', 'string', 'Name of the attribute', { ...required, ...exact }),
  told('type', 'string', 'What its values are', {
    ...required,
    canonicalValues: [
      ...['string', 'complex', 'boolean', 'decimal'],
      ...['integer', 'dateTime', 'reference', 'binary'],
    ],
  }),
  told('multiValued', 'boolean', 'Can it have several values?', required),
  told('description', 'string', 'What it is', exact),
  told('required', 'boolean', 'Must it have a value?'),
  told('canonicalValues', 'string', 'Values that are suggested', { ...exact, multiValued: true }),
  told('caseExact', 'boolean', 'Does the case of letters matter?'),
  told('mutability', 'string', 'Can clients change it?', {
    ...exact,
    canonicalValues: ['readOnly', 'readWrite', 'immutable', 'writeOnly'],
  }),
  told('returned', 'string', 'When it is in an answer', {
    ...exact,
    canonicalValues: ['always', 'never', 'default', 'request'],
  }),
  told('uniqueness', 'string', 'Among which resources its value is the only one', {
    ...exact,
    canonicalValues: ['none', 'server', 'global'],
  }),
  told('referenceTypes', 'string', 'What references may refer to', { ...exact, multiValued: true }),
]

export const schemaSchema: ScimSchema = {
  id: SCHEMA,
  name: 'Schema',
  description: 'A schema: the attributes that resources have',
  attributes: [
    told('id', 'string', 'Its URN', required),
    told('name', 'string', 'What people call it', required),
    told('description', 'string', 'What it is for'),
    told('attributes', 'complex', 'Its attributes', {
      ...required,
      multiValued: true,
      subAttributes: [
        ...characteristics,
        told('subAttributes', 'complex', 'What a complex attribute consists of', {
          multiValued: true,
          subAttributes: characteristics,
        }),
      ],
    }),
  ],
}
