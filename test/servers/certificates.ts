/** A certificate authority and a server's certificate of its own, for tests that connect by TLS. */
import { chmodSync, chownSync } from 'node:fs'
import { join } from 'node:path'
import { runAs } from './prepare.js'
import { programPath } from './programs.js'
import type { Account } from './scratch.js'

/** Paths of PEM files. */
export interface Certificates {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/**
 * Made in the folder, which the account owns; good for a month.
 * @param names as RFC 5280's subjectAltName in openssl's words, e.g. `DNS:dc1.example.net`, `IP:127.0.0.1`
 */
export async function makeCertificates(
  account: Account | undefined,
  folder: string,
  names: readonly string[],
): Promise<Certificates> {
  const path = (name: string) => join(folder, name)
  const make = (name: string, subject: string, ...options: readonly string[]) =>
    runAs(account, programPath('openssl'), [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-days', '30', '-subj', subject, '-keyout', path(`${name}.key`), '-out', path(`${name}.pem`)],
      ...options,
    ])
  await make('ca', '/CN=Authority of the tests', '-addext', 'keyUsage=critical,keyCertSign')
  await make(
    'server',
    '/CN=Server of the tests',
    ...['-CA', path('ca.pem'), '-CAkey', path('ca.key')],
    ...['-addext', `subjectAltName=${names.join(',')}`, '-addext', 'basicConstraints=critical,CA:FALSE'],
  )
  const key = path('server.key')
  chmodSync(key, 0o600)
  if (account !== undefined) chownSync(key, account.uid, account.gid)
  return { ca: path('ca.pem'), cert: path('server.pem'), key }
}
