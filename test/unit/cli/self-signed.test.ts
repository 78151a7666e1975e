/** The demonstration's certificate: what X.509 readers make of it, and that TLS clients take it. */

import { execFileSync } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, expect, it } from 'vitest'
import { selfSigned } from '../../../src/cli/self-signed.js'
import { createLdapServer } from '../../../src/ldap/index.js'
import { ldapToolOverTls } from '../../protocol/client-programs.js'
import { programPath } from '../../servers/programs.js'

const folder = mkdtempSync(join(tmpdir(), 'vitrine-certificate-'))
const file = join(folder, 'own.pem')
afterAll(() => rmSync(folder, { recursive: true }))

it('names this machine, fits its key, is signed by itself and good for the time given', () => {
  for (let i = 0; i < 20; i++) {
    const { certificate, key } = selfSigned(['localhost', '127.0.0.1', '::1', '2001:db8::7'], 30)
    const read = new X509Certificate(certificate)
    expect(read.subject).toBe('CN=localhost')
    expect(read.subjectAltName).toBe(
      'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:2001:DB8:0:0:0:0:0:7',
    )
    expect(read.checkPrivateKey(createPrivateKey(key))).toBe(true)
    expect(read.verify(read.publicKey) && read.checkIssued(read) && read.ca).toBe(true)
    expect(Date.parse(read.validFrom)).toBeLessThan(Date.now())
    const days = (Date.parse(read.validTo) - Date.now()) / 86_400_000
    expect(Math.round(days)).toBe(30)
  }
})

it('is good beyond 2049, where times are written otherwise', () => {
  expect(new X509Certificate(selfSigned(['localhost'], 20_000).certificate).validTo).toMatch(/20[78]\d GMT$/)
})

it('is taken by Node.js, OpenSSL and ldap-utils', async () => {
  const { certificate, key } = selfSigned(['localhost', '127.0.0.1'], 30)
  writeFileSync(file, certificate)
  const verified = execFileSync(programPath('openssl'), ['verify', '-x509_strict', '-CAfile', file, file])
  expect(verified.toString()).toContain('OK')
  const server = createLdapServer(
    { bind: () => ({ code: 0 }), extended: () => ({ code: 0, value: Buffer.alloc(0) }) },
    { tls: { cert: certificate, key } },
  )
  const { port } = await server.listen(0, '127.0.0.1', { secure: true })
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', ca: certificate }, () => {
      socket.end()
      resolve()
    })
    socket.on('error', reject)
  })
  const run = await ldapToolOverTls(
    'ldapwhoami',
    { LDAPTLS_CACERT: file },
    '-x',
    '-H',
    `ldaps://127.0.0.1:${port}`,
  )
  expect(run).toMatchObject({ code: 0, stdout: 'anonymous\n' })
  await server.close({ graceMs: 0 })
})
