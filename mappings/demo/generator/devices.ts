/** Security keys and telephones that some people authenticate with. */
import { createHash } from 'node:crypto'
import type { Person } from './people.js'
import type { SqlValue } from './sql.js'

const HOUR = 3_600_000

const digest = (text: string) => createHash('sha256').update(text).digest()

/** Version 8 (RFC 9562 5.8): bytes of our own. */
function uuidOf(bytes: Buffer): string {
  const digits = bytes.toString('hex', 0, 16)
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-8$3-8$4-$5')
}

/** Columns of `fido_devices`. */
export const fidoColumns = [
  ...['id', 'user_id', 'application', 'counter', 'device_data', 'hash_code', 'key_handle'],
  ...['registration_conf', 'status', 'display_name', 'description', 'nickname', 'last_access_at'],
  ...['created_at', 'updated_at'],
]

/** Columns of `fido2_devices`. */
export const fido2Columns = [
  ...['id', 'user_id', 'counter', 'status', 'display_name', 'device_uuid', 'push_token', 'device_type'],
  ...['platform', 'device_name', 'os_name', 'os_version', 'custom_data', 'created_at', 'updated_at'],
]

export function fidoRows(people: readonly Person[]): readonly (readonly SqlValue[])[] {
  return people.slice(0, 8).map((person, at) => {
    const handle = digest(`key of ${person.login}`)
    const conf = { publicKey: digest(`public ${person.login}`).toString('base64url'), attestation: 'none' }
    const last = at % 3 === 2 ? null : new Date(person.updated.getTime() + at * HOUR)
    return [
      ...[at + 1, person.id, 'https://login.example.com', at * 17],
      ...[at % 2 === 0 ? '{"name":"SK-5","platform":"usb"}' : null, handle.readInt32BE(0)],
      ...[handle.toString('base64url'), JSON.stringify(conf), at === 5 ? 'compromised' : 'active'],
      ...[`Key of ${person.displayName}`, at === 0 ? 'In the safe' : null, at === 4 ? 'the blue one' : null],
      ...[last, person.updated, person.updated],
    ]
  })
}

const statuses = ['registered', 'registered', 'registered', 'pending', 'compromised', 'canceled'] as const

export function fido2Rows(people: readonly Person[]): readonly (readonly SqlValue[])[] {
  return people.slice(0, 12).map((person, at) => {
    const bytes = digest(`telephone of ${person.login}`)
    const phone: readonly SqlValue[] =
      at % 3 === 2
        ? [null, null, null, null, null, null, null, null]
        : [
            ...[uuidOf(bytes), bytes.toString('base64url')],
            ...['normal', at % 2 === 0 ? 'android' : 'ios', at % 2 === 0 ? 'Fairphone 5' : 'iPhone 15'],
            ...[at % 2 === 0 ? 'Android' : 'iOS', at % 2 === 0 ? '14' : '17.4', null],
          ]
    return [
      ...[at + 1, person.id, at * 3, statuses[at % statuses.length] ?? 'registered'],
      ...[`Passkey ${at + 1}`, ...phone, person.updated, person.updated],
    ]
  })
}
