/**
 * Schemas of what people authenticate with, as identity servers of the Gluu family show them over SCIM. The devices are
 * enrolled elsewhere; here they are seen, named, marked and removed.
 */
import type { ScimSchema } from '../../model/resource.js'
import { attribute, complex, text } from './attribute.js'
import { FIDO_DEVICE, FIDO2_DEVICE } from './urns.js'

const immutable = { mutability: 'immutable' } as const
const enrolled = { mutability: 'immutable', required: true } as const

export const fidoDeviceSchema: ScimSchema = {
  id: FIDO_DEVICE,
  name: 'FidoDevice',
  description: 'A U2F security key or a similar device that a user has enrolled',
  attributes: [
    text('userId', 'Whose device it is', enrolled),
    attribute('creationDate', 'dateTime', 'When it was enrolled', enrolled),
    text('application', 'Identifier of the application that enrolled it', { ...enrolled, caseExact: true }),
    attribute('counter', 'integer', 'How often it has signed, for the U2F server', enrolled),
    text('deviceData', 'JSON text: what the device tells of itself', { ...immutable, caseExact: true }),
    attribute('deviceHashCode', 'integer', 'Hash of what the device is registered with', enrolled),
    text('deviceKeyHandle', 'Handle of its key, base64url', { ...enrolled, caseExact: true }),
    text('deviceRegistrationConf', 'JSON text: its public key and attestation', {
      ...enrolled,
      caseExact: true,
    }),
    attribute('lastAccessTime', 'dateTime', 'When somebody last authenticated with it', immutable),
    text('status', 'May it be used?', { required: true, canonicalValues: ['active', 'compromised'] }),
    text('displayName', 'The name that is shown to its user'),
    text('description', 'Remarks'),
    text('nickname', 'What its user calls it'),
  ],
}

export const fido2DeviceSchema: ScimSchema = {
  id: FIDO2_DEVICE,
  name: 'Fido2Device',
  description: 'A FIDO2 authenticator that a user has enrolled',
  attributes: [
    text('userId', 'Whose device it is', enrolled),
    attribute('creationDate', 'dateTime', 'When it was enrolled', enrolled),
    attribute('counter', 'integer', 'How often it has signed, for the FIDO2 server', enrolled),
    text('status', 'May it be used?', {
      required: true,
      canonicalValues: ['registered', 'pending', 'compromised', 'canceled'],
    }),
    complex(
      'deviceData',
      'What a telephone tells of itself',
      [
        text('uuid', 'Identifier of the device', immutable),
        text('pushToken', 'Where its push messages are sent', { ...immutable, caseExact: true }),
        text('type', 'What kind of device it is', immutable),
        text('platform', 'Its platform', immutable),
        text('name', 'Its model', immutable),
        text('osName', 'Name of its operating system', immutable),
        text('osVersion', 'Version of its operating system', immutable),
        text('customData', 'Anything else', { ...immutable, caseExact: true }),
      ],
      immutable,
    ),
    text('displayName', 'The name that is shown to its user'),
  ],
}
