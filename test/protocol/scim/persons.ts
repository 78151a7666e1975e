/** Users with a value for every attribute that the suites of others know, made up here. */
import { USER } from './serving.js'

/** A user with a value for every attribute that their tests know. */
export function full(login: string) {
  return {
    schemas: [USER],
    externalId: `${login}-elsewhere`,
    userName: login,
    name: {
      honorificPrefix: 'Dr.',
      honorificSuffix: 'jr.',
      formatted: 'Dr. Nora N. Nilsen jr.',
      familyName: 'Nilsen',
      givenName: 'Nora',
      middleName: 'Nell',
    },
    displayName: 'Nora',
    nickName: 'Nono',
    profileUrl: 'https://www.example.com/nora',
    emails: [{ value: 'nora@example.com', type: 'work', primary: true }],
    addresses: [
      {
        type: 'other',
        streetAddress: '9 Fjord Lane',
        locality: 'Bergen',
        region: 'Vestland',
        postalCode: '5003',
        country: 'NO',
        primary: true,
      },
    ],
    phoneNumbers: [{ value: '555 123 4567', type: 'home' }],
    ims: [{ value: 'nora_im', type: 'Skype' }],
    userType: 'Chief',
    title: 'Head of Fjords',
    locale: 'nb_NO',
    active: true,
    password: 'fjord fjord',
    roles: [{ value: 'Owner' }],
    entitlements: [{ value: 'full access' }],
    x509Certificates: [{ value: 'MIIBIjANBgkqhkiG9w0BAQ==' }],
  }
}

/** Everything Microsoft's collection sends about somebody, nulls, empty lists and its own `meta` included. */
export function employee(login: string) {
  return {
    userName: login,
    active: true,
    addresses: [
      {
        country: 'Bermuda',
        formatted: '12 Front Street\nHamilton HM 11',
        locality: 'Hamilton',
        postalCode: 'HM 11',
        region: 'Pembroke',
        streetAddress: '12 Front Street',
        type: 'work',
        primary: false,
      },
      {
        country: null,
        formatted: '3 Cavendish Road\nPaget PG 04',
        locality: null,
        postalCode: null,
        region: null,
        streetAddress: null,
        type: 'other',
        primary: false,
      },
    ],
    displayName: 'Kim Barker',
    emails: [
      { type: 'work', primary: true, value: 'kim.barker@example.com' },
      { type: 'work', primary: false, value: 'kim.barker@example.net' },
    ],
    meta: { created: '2019-09-18T18:15:26.5788954+00:00', resourceType: 'User' },
    name: {
      formatted: 'Kim the Barker',
      familyName: 'Barker',
      givenName: 'Kim',
      honorificPrefix: null,
      honorificSuffix: null,
    },
    phoneNumbers: [
      { type: 'fax', primary: false, value: '312-555-0100' },
      { type: 'mobile', primary: false, value: '312-555-0101' },
      { type: 'work', primary: true, value: '312-555-0102' },
    ],
    preferredLanguage: 'xh',
    roles: [],
    title: 'Site engineer',
    externalId: '5b9f9e2a-1f0e-4c1b-9d3a-c0ffee000000',
    schemas: [USER],
  }
}
