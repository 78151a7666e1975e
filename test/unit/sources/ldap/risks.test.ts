/** Connections that an operator is warned of. */
import { expect, it } from 'vitest'
import type { LdapServerOptions } from '../../../../src/sources/ldap/options.js'
import { risksOf } from '../../../../src/sources/ldap/risks.js'

function risks(host: string, security: LdapServerOptions['security'], verify = true): readonly string[] {
  const servers = [{ host, port: 389, security, priority: 0, weight: 1 }]
  return risksOf({ servers, tls: { minVersion: 'TLSv1.2', verify } }).map(({ message }) => message)
}

it.each(['ldap.example.net', '10.0.0.1', '2001:db8::1'])('warns of passwords in clear to %s', (host) => {
  expect(risks(host, 'none')).toEqual([expect.stringContaining(`what is said to ${host}:389`)])
  expect(risks(host, 'startTls')).toEqual([])
  expect(risks(host, 'ldaps')).toEqual([])
})

it.each(['localhost', '127.0.0.1', '127.1.2.3', '::1'])('lets %s be, which is this machine', (host) => {
  expect(risks(host, 'none')).toEqual([])
})

it('warns of certificates that nobody looks at', () => {
  expect(risks('a', 'ldaps', false)).toEqual([expect.stringContaining('in place of a:389')])
  expect(risks('a', 'startTls', false)).toHaveLength(1)
})
