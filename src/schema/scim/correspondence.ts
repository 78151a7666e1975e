/**
 * Which LDAP attributes hold which SCIM attributes where a mapping says nothing else, by resource type. A `plain` one,
 * `references`, and the `password` are held by the first attribute in `from` that the mapping has; `elements` by all
 * of them, those of a `type` being elements of that type; `enabled` is the view's own state, held by none.
 */
import type { ResourceOperation } from '../../model/resource.js'
import { ENTERPRISE_USER, FIDO_DEVICE, FIDO2_DEVICE, GROUP, USER } from './urns.js'

/** An attribute of a resource, or a sub-attribute of a single-valued complex one, and what holds it. */
export type Correspondence = Held & {
  /** URN of its schema. */
  readonly schema: string
}

type Held = {
  readonly attribute: string
  readonly sub?: string
} & (
  | {
      /**
       * `plain`: one value or several, none of them complex. `references`: elements `{ value, $ref, display, type }`,
       * or one of them where the attribute is single-valued. `password`: written, never read.
       */
      readonly kind: 'plain' | 'references' | 'password'
      readonly from: readonly string[]
    }
  /** Elements `{ value, type, primary, ... }`. */
  | { readonly kind: 'elements'; readonly from: readonly ElementOrigin[] }
  /** Can the entry bind? */
  | { readonly kind: 'enabled' }
)

export interface ElementOrigin {
  readonly attr: string
  /** The `type` of its elements, unless they have one of their own. */
  readonly type?: string
}

export interface StandardResource {
  /** Name of the resource type. */
  readonly type: string
  readonly endpoint: string
  readonly description: string
  /** URN of its core schema. */
  readonly schema: string
  readonly extensions: readonly string[]
  /** What its clients may do where the mapping does not say. */
  readonly operations: readonly ResourceOperation[]
  /** LDAP attributes that hold `meta.created`, and `meta.lastModified`; the first that the mapping has does. */
  readonly created: readonly string[]
  readonly lastModified: readonly string[]
  readonly attributes: readonly Correspondence[]
}

type Strings = readonly string[]

/** @param path an attribute, or `attribute.sub` */
function place(path: string): Pick<Held, 'attribute' | 'sub'> {
  const [attribute = '', sub] = path.split('.', 2)
  return sub === undefined ? { attribute } : { attribute, sub }
}

const plain = (path: string, ...from: Strings): Held => ({ ...place(path), kind: 'plain', from })
const references = (path: string, ...from: Strings): Held => ({ ...place(path), kind: 'references', from })
const password = (path: string, ...from: Strings): Held => ({ ...place(path), kind: 'password', from })
const enabled = (path: string): Held => ({ ...place(path), kind: 'enabled' })
const elements = (path: string, ...from: readonly ElementOrigin[]): Held => ({
  ...place(path),
  kind: 'elements',
  from,
})

function of(schema: string, ...attributes: readonly Held[]): readonly Correspondence[] {
  return attributes.map((held) => ({ schema, ...held }))
}

const times = {
  created: ['createTimestamp', 'whenCreated'],
  lastModified: ['modifyTimestamp', 'whenChanged'],
}

const user: StandardResource = {
  type: 'User',
  endpoint: '/Users',
  description: 'People who have an account',
  schema: USER,
  extensions: [ENTERPRISE_USER],
  operations: ['create', 'update', 'delete'],
  ...times,
  attributes: [
    ...of(
      USER,
      plain('userName', 'uid', 'sAMAccountName', 'userPrincipalName', 'cn'),
      plain('name.formatted', 'cn'),
      plain('name.familyName', 'sn'),
      plain('name.givenName', 'givenName'),
      plain('name.honorificPrefix', 'personalTitle'),
      plain('name.honorificSuffix', 'generationQualifier'),
      plain('displayName', 'displayName'),
      plain('profileUrl', 'labeledURI', 'wWWHomePage'),
      plain('title', 'title'),
      plain('userType', 'employeeType'),
      plain('preferredLanguage', 'preferredLanguage'),
      enabled('active'),
      password('password', 'userPassword'),
      elements('emails', { attr: 'mail', type: 'work' }),
      elements(
        'phoneNumbers',
        { attr: 'telephoneNumber', type: 'work' },
        { attr: 'mobile', type: 'mobile' },
        { attr: 'facsimileTelephoneNumber', type: 'fax' },
        { attr: 'pager', type: 'pager' },
        { attr: 'homePhone', type: 'home' },
      ),
      references('groups', 'memberOf'),
      elements('x509Certificates', { attr: 'userCertificate' }),
    ),
    ...of(
      ENTERPRISE_USER,
      plain('employeeNumber', 'employeeNumber', 'employeeID'),
      plain('organization', 'o', 'company'),
      plain('division', 'division'),
      plain('department', 'department', 'departmentNumber', 'ou'),
      references('manager', 'manager'),
    ),
  ],
}

const group: StandardResource = {
  type: 'Group',
  endpoint: '/Groups',
  description: 'Groups of users and of groups',
  schema: GROUP,
  extensions: [],
  operations: ['create', 'update', 'delete'],
  ...times,
  attributes: of(
    GROUP,
    plain('displayName', 'cn', 'displayName'),
    references('members', 'member', 'uniqueMember'),
  ),
}

/** Devices are enrolled by those who register them, not by clients of SCIM. */
const fidoDevice: StandardResource = {
  type: 'FidoDevice',
  endpoint: '/FidoDevices',
  description: 'U2F devices that users have enrolled',
  schema: FIDO_DEVICE,
  extensions: [],
  operations: ['update', 'delete'],
  ...times,
  attributes: [],
}

const fido2Device: StandardResource = {
  type: 'Fido2Device',
  endpoint: '/Fido2Devices',
  description: 'FIDO2 devices that users have enrolled',
  schema: FIDO2_DEVICE,
  extensions: [],
  operations: ['update', 'delete'],
  ...times,
  attributes: [],
}

const resources = new Map([user, group, fidoDevice, fido2Device].map((resource) => [resource.type, resource]))

/** @param type name of a resource type; there is none for those of one's own */
export function correspondenceOf(type: string): StandardResource | undefined {
  return resources.get(type)
}
