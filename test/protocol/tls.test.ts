/** LDAP over TLS as clients meet it: ldaps, StartTLS, what is refused without, and certificates that are renewed. */
import { execFile } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { Client } from 'ldapts'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createGateway, type Gateway, type GatewayInput } from '../../src/index.js'
import { runSql, sqliteDatabase } from '../mappings/databases.js'
import { Authority, type Certificate } from '../servers/authority.js'
import { programPath } from '../servers/programs.js'
import { ldapToolOverTls, parseLdif } from './client-programs.js'
import { admin, companyConfig, companySql, personDn, suffix } from './company.js'

const START_TLS = '1.3.6.1.4.1.1466.20037'
const database = sqliteDatabase()
const folder = mkdtempSync(join(tmpdir(), 'vitrine-tls-'))
let authority: Authority
let server: Certificate
let gateways: Gateway[] = []

beforeAll(async () => {
  await runSql(database.url, companySql())
  authority = await Authority.make()
  server = await authority.issue({ names: ['DNS:localhost', 'IP:127.0.0.1'], subject: '/CN=first' })
})

afterEach(async () => {
  for (const gateway of gateways) await gateway.close()
  gateways = []
})

afterAll(async () => {
  await database.remove()
  authority?.remove()
  rmSync(folder, { recursive: true })
})

/** The URLs of LDAP and LDAP over TLS. */
async function serve(more: Partial<GatewayInput> = {}): Promise<{ ldap: string; ldaps: string }> {
  const gateway = await createGateway({
    ...companyConfig(database.url),
    listen: { ldap: 0, ldaps: 0 },
    tls: { certificate: server.cert, key: server.key },
    log: { level: 'silent' },
    ...more,
  })
  gateways.push(gateway)
  const { ldap, ldaps } = await gateway.listen()
  return { ldap: `ldap://127.0.0.1:${ldap?.port}`, ldaps: `ldaps://127.0.0.1:${ldaps?.port}` }
}

const trusting = () => ({ LDAPTLS_CACERT: authority.cert })
const bound = ['-x', '-D', admin.dn, '-w', admin.password]

describe('ldap-utils', () => {
  it('search over ldaps and by StartTLS, and do not without a certificate that they trust', async () => {
    const { ldap, ldaps } = await serve()
    for (const args of [
      ['-H', ldaps],
      ['-ZZ', '-H', ldap],
    ]) {
      const search = [...args, ...bound, '-LLL', '-b', suffix, '(uid=bjensen)', 'cn']
      const { code, stdout } = await ldapToolOverTls('ldapsearch', trusting(), ...search)
      expect({ code, entries: parseLdif(stdout) }).toEqual({
        code: 0,
        entries: [{ dn: personDn('bjensen'), attributes: { cn: ['Barbara Jensen'] } }],
      })
      expect((await ldapToolOverTls('ldapsearch', {}, ...search)).code).not.toBe(0)
      const other = await Authority.make('Another')
      expect((await ldapToolOverTls('ldapsearch', { LDAPTLS_CACERT: other.cert }, ...search)).code).not.toBe(
        0,
      )
      other.remove()
    }
  })

  it('read that StartTLS is to be had, where it is', async () => {
    const extensions = async (url: string, ...more: string[]) => {
      const args = ['-x', '-LLL', '-H', url, ...more, '-s', 'base', '-b', '', 'supportedExtension']
      const [root] = parseLdif((await ldapToolOverTls('ldapsearch', trusting(), ...args)).stdout)
      return root?.attributes.supportedExtension ?? []
    }
    const { ldap, ldaps } = await serve()
    expect(await extensions(ldap)).toContain(START_TLS)
    expect(await extensions(ldaps)).toContain(START_TLS)
    expect(await extensions(ldap, '-ZZ')).toContain('1.3.6.1.1.8')
    const gateway = await createGateway({ ...companyConfig(database.url), log: { level: 'silent' } })
    gateways.push(gateway)
    const without = `ldap://127.0.0.1:${(await gateway.listen()).ldap?.port}`
    expect(await extensions(without)).not.toContain(START_TLS)
    const refused = await ldapToolOverTls('ldapwhoami', trusting(), '-x', '-ZZ', '-H', without)
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('Protocol error (2)') })
  })

  it('are told that TLS is required, where it is, and get in with it', async () => {
    const { ldap, ldaps } = await serve({ requireTls: true })
    const whoami = (...args: string[]) => ldapToolOverTls('ldapwhoami', trusting(), ...args)
    expect(await whoami('-H', ldap, ...bound)).toMatchObject({
      code: 13,
      stderr: expect.stringContaining('Confidentiality required (13)'),
    })
    expect((await whoami('-H', ldap, '-x')).code).toBe(13)
    expect(await whoami('-ZZ', '-H', ldap, ...bound)).toMatchObject({ code: 0, stdout: `dn:${admin.dn}\n` })
    expect(await whoami('-H', ldaps, ...bound)).toMatchObject({ code: 0, stdout: `dn:${admin.dn}\n` })
  })
})

it('ldapts binds by StartTLS and over ldaps', async () => {
  const { ldap, ldaps } = await serve()
  const tlsOptions = { ca: readFileSync(authority.cert), servername: 'localhost' }
  for (const [url, start] of [
    [ldap, true],
    [ldaps, false],
  ] as const) {
    const client = new Client(start ? { url } : { url, tlsOptions })
    if (start) await client.startTLS({ ...tlsOptions })
    await client.bind(personDn('bjensen'), 'hifalutin')
    const { searchEntries } = await client.search(suffix, { filter: '(uid=kvaughan)', attributes: ['sn'] })
    expect(searchEntries).toMatchObject([{ sn: 'Vaughan' }])
    await client.unbind()
  }
})

it('openssl finds the certificate by StartTLS and the least version kept', async () => {
  const { ldap } = await serve({ tls: { certificate: server.cert, key: server.key, minVersion: '1.3' } })
  const at = ['-connect', new URL(ldap).host, '-starttls', 'ldap', '-CAfile', authority.cert]
  expect(await openssl('s_client', ...at)).toMatch(/subject=CN ?= ?first[\s\S]*Verify return code: 0/)
  expect(await openssl('s_client', ...at, '-tls1_2')).toMatch(/alert protocol version/)
})

describe('a certificate that is renewed', () => {
  const paths = { certificate: join(folder, 'server.pem'), key: join(folder, 'server.key') }
  const put = ({ cert, key }: Certificate) => {
    copyFileSync(cert, paths.certificate)
    copyFileSync(key, paths.key)
  }
  const shown = (port: number) =>
    new Promise<string>((resolve, reject) => {
      const socket = connectTls({ port, host: 'localhost', ca: readFileSync(authority.cert) }, () => {
        resolve(String(socket.getPeerCertificate().subject.CN))
        socket.end()
      })
      socket.on('error', reject)
    })

  it('is shown to who comes then, and not where it is of no use', async () => {
    put(server)
    const told: string[] = []
    const note = (_: object, message: string) => told.push(message)
    const gateway = await createGateway(
      { ...companyConfig(database.url), listen: { ldaps: 0 }, tls: paths },
      { log: { error: note, warn: note, info: note, debug: () => {} } },
    )
    gateways.push(gateway)
    const port = (await gateway.listen()).ldaps?.port ?? 0
    expect(await shown(port)).toBe('first')
    const renewed = await authority.issue({ names: ['DNS:localhost'], subject: '/CN=second' })
    put(renewed)
    await expect.poll(() => shown(port), { timeout: 10_000 }).toBe('second')
    expect(told).toContain('a new certificate is in use')
    writeFileSync(paths.certificate, 'nonsense')
    await expect
      .poll(() => told.join(), { timeout: 10_000 })
      .toContain(
        'the new certificate is of no use, the old one is kept: tls.certificate holds no certificate',
      )
    expect(await shown(port)).toBe('second')
    put(server)
    await expect.poll(() => shown(port), { timeout: 10_000 }).toBe('first')
  })
})

function openssl(...args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile(programPath('openssl'), args, { timeout: 20_000 }, (_error, stdout, stderr) =>
      resolve(`${stdout}${stderr}`),
    )
    child.stdin?.end()
  })
}
