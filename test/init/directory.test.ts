/** Directories are known by what they hold: the worked mapping for their kind is put in, with place and account. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adService } from '../data/active-directory.js'
import { serveFile } from '../mappings/served.js'
import type { Domain } from '../servers/samba.js'
import { activeDirectory } from '../servers/shared.js'
import { type Slapd, startSlapd } from '../servers/slapd.js'
import { cleanUp, ran, scratch } from './running.js'

const suffix = 'dc=upstream,dc=example'
const ldif = `dn: ${suffix}
objectClass: domain
dc: upstream

dn: ou=staff,${suffix}
objectClass: organizationalUnit
ou: staff

dn: uid=ada,ou=staff,${suffix}
objectClass: inetOrgPerson
uid: ada
cn: Ada Lovelace
sn: Lovelace
mail: ada@example.org
userPassword: correct horse

dn: cn=Analysts,${suffix}
objectClass: groupOfUniqueNames
cn: Analysts
uniqueMember: uid=ada,ou=staff,${suffix}

dn: ou=hosts,${suffix}
objectClass: organizationalUnit
ou: hosts

dn: uid=backup,ou=hosts,${suffix}
objectClass: account
objectClass: posixAccount
uid: backup
cn: backup
uidNumber: 1001
gidNumber: 1001
homeDirectory: /home/backup

dn: ou=empty,${suffix}
objectClass: organizationalUnit
ou: empty
`

let slapd: Slapd
let domain: Domain
beforeAll(async () => {
  slapd = await startSlapd({ suffix, ldif })
  domain = await activeDirectory()
})
afterAll(async () => {
  await slapd.stop()
  await cleanUp()
})

const secret = (text: string) => {
  const folder = join(scratch(), 'given')
  mkdirSync(folder)
  writeFileSync(join(folder, 'password'), `${text}\n`)
  return join(folder, 'password')
}

describe('a directory', () => {
  test('of people is shown below its own name, with members by whatever attribute it has', async () => {
    const { code, printed, data, out, text } = await ran(slapd.url, {
      bindDn: slapd.rootDn,
      passwordFile: secret(slapd.rootPassword),
    })
    expect(printed).toMatch(
      /recognised: inetOrgPerson in a directory \(inetOrgPerson: 1, .*groupOfUniqueNames: 1/,
    )
    expect(printed).toContain(`dn: uid=ada,ou=people,${suffix}`)
    expect(printed).toMatch(new RegExp(`^member: uid=ada,ou=people,${suffix}$`, 'm'))
    expect(data('gateway.yaml')).toMatchObject({
      suffix,
      sources: {
        directory: {
          url: slapd.url,
          bindDn: slapd.rootDn,
          password: '$' + '{file:secrets/database}',
        },
      },
    })
    expect(text('gateway.yaml')).not.toMatch(/LDAP_|dc=com/)
    expect(code).toBe(0)
    const served = await serveFile(join(out, 'gateway.yaml'), { listen: { http: '127.0.0.1:0' } })
    try {
      expect(await served.accepts(`uid=ada,ou=people,${suffix}`, 'correct horse')).toBe(true)
      expect(await served.accepts(`uid=ada,ou=people,${suffix}`, 'wrong')).toBe(false)
    } finally {
      await served.close()
    }
  })

  test('of POSIX accounts, below the base of the URL, asked anonymously', async () => {
    const { code, printed, data } = await ran(`${slapd.url}/ou=hosts,${suffix}`, {
      suffix: 'dc=example,dc=com',
    })
    expect(printed).toMatch(/recognised: POSIX accounts in a directory \(posixAccount: 1\)/)
    expect(printed).toContain('dn: uid=backup,ou=people,dc=example,dc=com')
    expect((data('gateway.yaml').sources as { directory: object }).directory).toEqual({
      type: 'ldap',
      url: slapd.url,
    })
    expect(code).toBe(0)
  })

  test('that is Active Directory is asked over TLS, for accounts that are enabled', async () => {
    const ca = join(scratch(), 'ca.pem')
    writeFileSync(ca, domain.ca)
    const account = { bindDn: adService.dn, passwordFile: secret(adService.password), ca }
    const { code, printed, data } = await ran(domain.secureUrl, account)
    expect(printed).toMatch(/recognised: Active Directory \(.*user: \d+/)
    expect(printed).toMatch(/^sAMAccountName: /m)
    expect(data('people.yaml')).toMatchObject({
      from: `${domain.suffix}??sub?(&(objectCategory=person)(objectClass=user))`,
      enabled: { column: 'userAccountControl', bit: 2, is: 'clear' },
    })
    expect(data('gateway.yaml')).toMatchObject({ suffix: domain.suffix, sources: { ad: { ca } } })
    expect(code).toBe(0)
    await expect(
      ran(domain.secureUrl, { bindDn: account.bindDn, passwordFile: account.passwordFile }),
    ).rejects.toThrow(/certificate/)
  })

  test('without people is told so, and so is one that cannot be asked', async () => {
    const { code, complained } = await ran(`${slapd.url}/ou=empty,${suffix}`)
    expect(complained).toMatch(/no people of a usual class below ou=empty.* anonymously\n {4}.*--bind-dn/)
    expect(code).toBe(3)
    const named = await ran(slapd.url, { bindDn: slapd.rootDn })
    expect(named.complained).toMatch(/no password for cn=admin/)
    await expect(ran(slapd.url, { bindDn: slapd.rootDn, passwordFile: secret('wrong') })).rejects.toThrow()
    await expect(ran('ldap://127.0.0.1:1')).rejects.toThrow(/no connection to the server/)
    expect((await ran('ldap:///dc=example')).code).toBe(2)
  })
})
