/** The User schema (RFC 7643 4.1 and 8.7.1). */
import type { ScimSchema } from '../../model/resource.js'
import { attribute, complex, elements, label, text } from './attribute.js'
import { USER } from './urns.js'

const readOnly = { mutability: 'readOnly' } as const
const external = { referenceTypes: ['external'] }
const places = ['work', 'home', 'other']

export const userSchema: ScimSchema = {
  id: USER,
  name: 'User',
  description: 'User Account',
  attributes: [
    text('userName', 'What the person logs in with; no two users have the same', {
      required: true,
      uniqueness: 'server',
    }),
    complex('name', "The parts of the person's name", [
      text('formatted', 'The whole name, as it is written'),
      text('familyName', 'Family name, or last name'),
      text('givenName', 'Given name, or first name'),
      text('middleName', 'Middle names'),
      text('honorificPrefix', 'Title before the name, e.g. Dr.'),
      text('honorificSuffix', 'What follows the name, e.g. III'),
    ]),
    text('displayName', 'The name that is shown to others'),
    text('nickName', 'What the person is called casually'),
    attribute('profileUrl', 'reference', 'A page about the person', external),
    text('title', "The person's position, e.g. Vice President"),
    text('userType', 'The relation to the organization, e.g. Employee or Contractor'),
    text('preferredLanguage', 'Languages the person reads, as the header Accept-Language gives them'),
    text('locale', 'How numbers, dates and currencies are written for the person, e.g. en-US'),
    text('timezone', 'Name of the time zone, e.g. Europe/Zurich'),
    attribute('active', 'boolean', 'Can the account be used?'),
    text('password', 'A new password; it is never shown', {
      caseExact: true,
      mutability: 'writeOnly',
      returned: 'never',
    }),
    elements('emails', 'E-mail addresses', text('value', 'The address'), places),
    elements('phoneNumbers', 'Telephone numbers', text('value', 'The number'), [
      'work',
      'home',
      'mobile',
      'fax',
      'pager',
      'other',
    ]),
    elements('ims', 'Instant messaging addresses', text('value', 'The address'), [
      ...['aim', 'gtalk', 'icq', 'xmpp'],
      ...['msn', 'skype', 'qq', 'yahoo'],
    ]),
    elements(
      'photos',
      'Pictures of the person',
      attribute('value', 'reference', 'URL of a picture', external),
      ['photo', 'thumbnail'],
    ),
    complex(
      'addresses',
      'Postal addresses',
      [
        text('formatted', 'The whole address, as it is written on an envelope; may have several lines'),
        text('streetAddress', 'Street, house number and the like; may have several lines'),
        text('locality', 'City or town'),
        text('region', 'State or region'),
        text('postalCode', 'Postal code'),
        text('country', 'Country, as ISO 3166-1 abbreviates it in two letters'),
        ...label(places),
      ],
      { multiValued: true },
    ),
    complex(
      'groups',
      'Groups that the user belongs to; they are changed at the groups',
      [
        text('value', 'id of the group', readOnly),
        attribute('$ref', 'reference', 'URI of the group', {
          ...readOnly,
          referenceTypes: ['User', 'Group'],
        }),
        text('display', 'Name of the group', readOnly),
        text('type', 'Member of the group itself, or of a group within it', {
          ...readOnly,
          canonicalValues: ['direct', 'indirect'],
        }),
      ],
      { ...readOnly, multiValued: true },
    ),
    elements('entitlements', 'What the person is entitled to', text('value', 'The entitlement')),
    elements('roles', 'What the person is, taken together', text('value', 'The role')),
    elements(
      'x509Certificates',
      'Certificates issued to the person',
      attribute('value', 'binary', 'The certificate, DER in base64'),
    ),
  ],
}
