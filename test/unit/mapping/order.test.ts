/** Rows are put in the order of an attribute by the source only where the column's order is the attribute's. */
import { expect, it } from 'vitest'
import { compiled, operationsOf, tableOf } from './compiled.js'

const tables = [
  tableOf('users', {
    id: 'integer',
    login: 'text',
    digits: 'text',
    at: 'time',
    bytes: 'binary',
    isMain: 'boolean',
    level: 'integer',
    seconds: { name: 'seconds', kind: 'integer', range: [-(2n ** 31n), 2n ** 31n - 1n] },
    millis: { name: 'millis', kind: 'integer', range: [-(2n ** 63n), 2n ** 63n - 1n] },
  }),
]

const orders = async (attr: string, spec: unknown) => {
  const mapping = await compiled(tables, {
    view: 'people',
    from: 'users',
    attributes: { uid: 'login', [attr]: spec },
    ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['account'] },
  })
  return operationsOf(mapping, attr).every((operation) => operation.order !== undefined)
}

it.each<readonly [what: string, attr: string, spec: unknown]>([
  ['text', 'cn', 'login'],
  ['text in one case, where case does not count', 'cn', { column: 'login', case: 'upper' }],
  ['numbers', 'uidNumber', 'level'],
  ['times', 'xTime', { column: 'at', syntax: 'generalizedTime' }],
  ['seconds that are all times', 'xTime', { column: 'seconds', type: 'epoch', syntax: 'generalizedTime' }],
  ['truth values', 'xFlag', { column: 'isMain', syntax: 'boolean' }],
  ['bytes', 'jpegPhoto', 'bytes'],
  ['columns with spaces between them', 'cn', '{login} {digits}'],
])('leaves %s to the source', async (_what, attr, spec) => {
  expect(await orders(attr, spec)).toBe(true)
})

it.each<readonly [what: string, attr: string, spec: unknown]>([
  ['text in one case, where case counts', 'homeDirectory', { column: 'login', case: 'upper' }],
  ['what a map shows', 'cn', { column: 'level', map: { 1: 'b', 2: 'a' } }],
  ['what a test tells', 'xFlag', { column: 'level', equals: 1, syntax: 'boolean' }],
  ['numbers written as text', 'uidNumber', 'digits'],
  ['numbers shown as truth values', 'xFlag', { column: 'level', syntax: 'boolean' }],
  ['times written as text', 'xTime', { column: 'digits', syntax: 'generalizedTime' }],
  ['numbers beyond all times', 'xTime', { column: 'millis', type: 'epochMillis', syntax: 'generalizedTime' }],
  ['bytes written as text', 'jpegPhoto', { column: 'digits', type: 'hex' }],
  ['columns with text between them', 'cn', '{login}, {digits}'],
])('does not leave %s to it', async (_what, attr, spec) => {
  expect(await orders(attr, spec)).toBe(false)
})
