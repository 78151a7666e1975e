/** Configurations of other products, imported and served as they come out, before a real directory. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { check } from '../../src/cli/check.js'
import { withCopies } from '../../src/cli/copies.js'
import { importConfiguration } from '../../src/cli/import.js'
import { sync } from '../../src/cli/sync.js'
import { loadGateway } from '../../src/config/load.js'
import { type Slapd, startSlapd } from '../servers/slapd.js'
import { find, type Served, serveFile, valuesOf } from './served.js'

const upstream = 'dc=lg,dc=local'
const person = (uid: string, unit: string, more: string) => `dn: uid=${uid},ou=${unit},${upstream}
objectClass: inetOrgPerson
uid: ${uid}
${more}
`
const ldif = `dn: ${upstream}
objectClass: domain
dc: lg

dn: ou=staff,${upstream}
objectClass: organizationalUnit
ou: staff

dn: ou=guests,${upstream}
objectClass: organizationalUnit
ou: guests

${person('bjensen', 'staff', 'cn: Barbara Jensen\nsn: Jensen\nmail: Babs@lg.local\ntelephoneNumber: +1 2\nuserPassword: hifalutin')}
${person('kv', 'staff', `cn: K\nsn: V\nmail: kv@lg.local\nmanager: uid=bjensen,ou=staff,${upstream}`)}
${person('kv', 'guests', 'cn: K\nsn: V\nmail: kv@lg.local')}
${person('guest', 'guests', 'cn: Guest\nsn: G\nemployeeType: none')}`

let slapd: Slapd
let folder: string
beforeAll(async () => {
  slapd = await startSlapd({ suffix: upstream, ldif })
})
afterAll(() => slapd.stop())
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vitrine-import-'))
  return () => rmSync(folder, { recursive: true })
})

/** What is printed while it runs. */
async function printed(run: () => Promise<number>): Promise<string> {
  const lines: string[] = []
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0)
  try {
    const code = await run()
    return `${lines.join('')}exit code ${code}\n`
  } finally {
    write.mockRestore()
  }
}

function importing(product: string, text: string): Promise<string> {
  const file = join(folder, 'theirs')
  writeFileSync(file, text)
  return printed(() => importConfiguration({ product, file, out: join(folder, 'out') }))
}

async function served(work: (served: Served, password: string) => Promise<void>): Promise<void> {
  const gateway = join(folder, 'out/gateway.yaml')
  const told = await printed(() => check({ config: gateway }))
  expect(told).toMatch(/0 errors.*\nexit code 0/)
  const running = await serveFile(gateway)
  try {
    await work(running, readFileSync(join(folder, 'out/secrets/reader'), 'utf8').trim())
  } finally {
    await running.close()
  }
}

describe('an imported configuration is served', () => {
  test('of Kopano ad-connect', async () => {
    const told = await importing(
      'ad-connect',
      `settings: { dry-run: true }
backend:
  ldap:
    addr: ${slapd.url}
    bind_dn: ${slapd.rootDn}
    bind_password: ${slapd.rootPassword}
    base_dn: ${upstream}
    scope: sub
    sync: { page_size: 2, filter: (uid=b*) }
    authentication: { username_attribute: mail, username_filter_template: (mail=%s), timeout: 5 }
`,
    )
    expect(told).toMatch(/Without an equivalent:\n {2}settings\.dry-run: /)
    await served(async ({ connect, accepts }, password) => {
      const client = connect()
      await client.bind(`cn=reader,${upstream}`, password)
      const [entry, ...more] = await find(client, upstream, '(mail=babs@lg.local)')
      expect(more).toEqual([])
      expect(entry).toMatchObject({ dn: `uid=bjensen,ou=people,${upstream}`, cn: 'Barbara Jensen' })
      expect(await accepts(`uid=bjensen,ou=people,${upstream}`, 'hifalutin')).toBe(true)
      expect(await accepts(`uid=bjensen,ou=people,${upstream}`, 'wrong')).toBe(false)
    })
  })

  test('of LoginTC', async () => {
    await importing(
      'logintc',
      `[logintc]
host = cloud.logintc.com
[ldap]
host = ${new URL(slapd.url).host}
encryption = none
bind_dn = ${slapd.rootDn}
bind_password = ${slapd.rootPassword}
base_dn = ou=staff,${upstream}
attr_username = uid
attr_name = cn
attr_email = mail
filter = (objectClass=inetOrgPerson)
attr_alias1 = mail
attr_alias2 = sn
normalize_alias = alias1
`,
    )
    await served(async ({ connect }, password) => {
      const client = connect()
      await client.bind(`cn=reader,${upstream}`, password)
      const [entry] = await find(client, upstream, '(logintcAlias=babs@lg.local)')
      expect(valuesOf(entry, 'logintcAlias')).toEqual(['Jensen', 'babs@lg.local'])
      expect(await find(client, upstream, '(uid=*)')).toHaveLength(2)
    })
  })

  test('of Janssen Link, over two places', async () => {
    const told = await importing(
      'jans-link',
      JSON.stringify({
        sourceConfigs: [
          {
            configId: 'source',
            bindDN: slapd.rootDn,
            bindPassword: slapd.rootPassword,
            servers: [new URL(slapd.url).host],
            maxConnections: 3,
            useSSL: false,
            baseDNs: [`ou=staff,${upstream}`, `ou=guests,${upstream}`],
            enabled: true,
          },
        ],
        inumConfig: { configId: 'local_inum' },
        keyAttributes: ['uid'],
        keyObjectClasses: ['inetOrgPerson'],
        customLdapFilter: '(!(employeeType=none))',
        sourceAttributes: ['mail', 'cn', 'sn'],
        attributeMapping: [
          { source: 'uid', destination: 'uid' },
          { source: 'telephoneNumber', destination: 'jansPhone' },
          { source: 'manager', destination: 'manager' },
        ],
        baseDN: 'o=jans',
        updateMethod: 'copy',
        snapshotFolder: folder,
        pollingInterval: '15',
        problemCount: '3',
      }),
    )
    expect(told).toMatch(/inumConfig: /)
    const streams = { out: process.stdout, err: { write: () => undefined } }
    const copied = await printed(() =>
      withCopies(join(folder, 'out/gateway.yaml'), (copies, signal) =>
        sync(copies, { limit: 10 }, streams, signal),
      ),
    )
    expect(copied).toMatch(/people-source-1 +2 .*people-source-2 +1 .*exit code 0/s)
    await served(async ({ connect }, password) => {
      const client = connect()
      await client.bind('cn=reader,o=jans', password)
      const entries = await find(client, 'o=jans', '(objectClass=jansCustomPerson)')
      expect(entries.map(({ dn }) => dn).sort()).toEqual([
        'uid=bjensen,ou=people,o=jans',
        'uid=kv,ou=people,o=jans',
      ])
      const [kv] = await find(client, 'o=jans', '(manager=uid=bjensen,ou=people,o=jans)')
      expect(kv).toMatchObject({ dn: 'uid=kv,ou=people,o=jans' })
      expect(existsSync(join(folder, 'vitrine-copies.sqlite'))).toBe(true)
      expect(await find(client, 'o=jans', '(jansPhone=+1 2)')).toHaveLength(1)
    })
  })
})

test('what is there is not written over, and secrets are for their owner alone', async () => {
  const adc = `backend: { ldap: { addr: "${slapd.url}", base_dn: "${upstream}" } }`
  await importing('ad-connect', adc)
  expect(statSync(join(folder, 'out/secrets/reader')).mode & 0o777).toBe(0o600)
  expect(statSync(join(folder, 'out/secrets')).mode & 0o777).toBe(0o700)
  writeFileSync(join(folder, 'out/people.yaml'), 'mine')
  await expect(importing('ad-connect', adc)).rejects.toThrow(/gateway\.yaml.*is there already\. .*--force/)
  expect(readFileSync(join(folder, 'out/people.yaml'), 'utf8')).toBe('mine')
  const forced = {
    product: 'ad-connect',
    file: join(folder, 'theirs'),
    out: join(folder, 'out'),
    force: true,
  }
  expect(await printed(() => importConfiguration(forced))).toContain('exit code 0')
  expect(readFileSync(join(folder, 'out/people.yaml'), 'utf8')).toContain('view: people')
})

describe('a SCIM service in place of the one that was written to', () => {
  const imported = async (product: string, text: string, target = 'https://cloud.example.com/scim/v2') => {
    const file = join(folder, 'theirs')
    writeFileSync(file, text)
    const out = join(folder, 'out')
    const told = await printed(() => importConfiguration({ product, file, out, target }))
    vi.stubEnv('TARGET_TOKEN', 'a token')
    const { targets } = await loadGateway(join(out, 'gateway.yaml'))
    vi.unstubAllEnvs()
    return { told, target: targets[0] }
  }

  test('is treated as ad-connect was told to', async () => {
    const settings = 'no-delete: false, delete-disables: true, create-as-disabled: true'
    const rest = `backend: { ldap: { addr: "${slapd.url}", base_dn: "${upstream}" } }`
    const { told, target } = await imported('ad-connect', `settings: { ${settings} }\n${rest}`)
    expect(target).toMatchObject({
      url: 'https://cloud.example.com/scim/v2',
      credentials: { kind: 'bearer', token: 'a token' },
      views: ['people'],
      sync: { modes: { mode: 'delete', deleteDisables: true, createAsDisabled: true, noCreate: false } },
    })
    expect(told).not.toMatch(/settings\./)
  })

  test('has nothing done to it where that was a dry run', async () => {
    const rest = `backend: { ldap: { addr: "${slapd.url}", base_dn: "${upstream}" } }`
    const { told, target } = await imported('ad-connect', `settings: { dry-run: true }\n${rest}`)
    expect(target?.sync.modes).toMatchObject({ noCreate: true, noUpdate: true, noDelete: true })
    expect(told).toMatch(/To be done:\n.*settings\.dry-run/s)
  })

  test('is only added to, through the proxy that LoginTC had', async () => {
    const { target } = await imported(
      'logintc',
      `[logintc]
host = cloud.logintc.com
proxy_host = proxy.example.com
proxy_port = 3128
proxy_user = me
proxy_pass = p@ss
[ldap]
host = ldap.example.com
encryption = ssl
base_dn = ou=people,dc=example,dc=com
attr_username = uid
attr_name = cn
attr_email = mail
attr_phone = mobile
`,
    )
    expect(target).toMatchObject({
      connection: { proxy: 'http://me:p%40ss@proxy.example.com:3128' },
      sync: {
        modes: { mode: 'add_only' },
        guard: { maxRemove: 0 },
        validation: { additive: ['telephoneNumber'] },
      },
    })
  })

  test('is given the aliases that LoginTC had', async () => {
    const made: unknown[] = []
    // It says nothing of itself, has nobody yet, and takes everything.
    const service = createServer(async (request, response) => {
      let body = ''
      for await (const part of request) body += String(part)
      const isNew = request.method === 'POST'
      if (isNew) made.push(JSON.parse(body))
      const isList = request.method === 'GET' && request.url?.startsWith('/Users?') === true
      response.writeHead(isNew ? 201 : isList ? 200 : 404, { 'content-type': 'application/scim+json' })
      response.end(JSON.stringify(isNew ? { id: String(made.length) } : { totalResults: 0 }))
    })
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
    const target = `http://127.0.0.1:${(service.address() as AddressInfo).port}`
    const text = `[ldap]
host = ${new URL(slapd.url).host}
encryption = none
bind_dn = ${slapd.rootDn}
bind_password = ${slapd.rootPassword}
base_dn = ou=staff,${upstream}
attr_username = uid
attr_name = cn
attr_email = mail
filter = (objectClass=person)
attr_alias1 = sn
attr_alias2 = title
normalize_alias = alias1
`
    try {
      const { told, target: read } = await imported('logintc', text, target)
      expect(told).toMatch(/To be done:\n.*in people\.yaml, what the service calls them/s)
      expect(read?.sync.validation.absent).toEqual({ logintcAlias: 'keep' })
      vi.stubEnv('TARGET_TOKEN', 'a token')
      const streams = { out: { write: () => true }, err: { write: () => true } }
      const code = await withCopies(join(folder, 'out/gateway.yaml'), (copies, signal) =>
        sync(copies, { limit: 10, target: 'cloud' }, streams, signal),
      )
      expect(code).toBe(0)
      expect(made).toHaveLength(2)
      expect(made).toContainEqual(
        expect.objectContaining({
          userName: 'bjensen',
          'urn:ietf:params:scim:schemas:extension:logintc:2.0:User': { aliases: ['jensen'] },
        }),
      )
    } finally {
      vi.unstubAllEnvs()
      service.close()
    }
  })
})
