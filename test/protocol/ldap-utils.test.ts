/** OpenLDAP's command line tools against the gateway: what they print and how they exit. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ldapTool, parseLdif } from './client-programs.js'
import {
  admin,
  companyConfig,
  companySql,
  living,
  people,
  personDn,
  suffix,
  teamDn,
  teams,
} from './company.js'
import { type Database, runSql, type Serving, serve, sources } from './serving.js'

describe.each(sources)('ldap-utils over %s', (_name, create) => {
  let database: Database
  let serving: Serving

  beforeAll(async () => {
    database = await create()
    await runSql(database.url, companySql())
    serving = await serve(companyConfig(database.url))
  })

  afterAll(async () => {
    await serving?.close()
    await database?.remove()
  })

  const search = (...args: string[]) =>
    ldapTool('ldapsearch', serving.url, '-LLL', '-o', 'ldif-wrap=no', ...args)
  const found = async (...args: string[]) => {
    const { code, stdout, stderr } = await search(...args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    return parseLdif(stdout)
  }
  const attributesOf = async (dn: string, ...wanted: string[]) => {
    const [entry] = await found('-b', dn, '-s', 'base', '(objectClass=*)', ...wanted)
    return entry?.attributes
  }

  describe('ldapsearch', () => {
    it('shows an entry with every user attribute, and no operational or secret one', async () => {
      expect(await found('-b', suffix, '(uid=kvaughan)')).toEqual([
        {
          dn: personDn('kvaughan'),
          attributes: {
            uid: ['kvaughan'],
            cn: ['Kirsten Vaughan'],
            sn: ['Vaughan'],
            givenName: ['Kirsten'],
            mail: ['kvaughan@example.com'],
            manager: [personDn('bjensen')],
            memberOf: [teamDn('Optics')],
            objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson'],
          },
        },
      ])
    })

    it('prints what is not ASCII in base64, as LDIF wants it', async () => {
      const { stdout } = await search('-b', suffix, '(sn=MÜLLER)', 'sn')
      const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64')
      expect(stdout.trim()).toBe(`dn:: ${base64(personDn('jürgen'))}\nsn:: ${base64('Müller')}`)
    })

    it('-s: base, one level and the whole tree', async () => {
      const dns = async (...args: string[]) => (await found(...args, '1.1')).map((entry) => entry.dn)
      expect(await dns('-s', 'base', '-b', suffix)).toEqual([suffix])
      expect(await dns('-s', 'one', '-b', suffix)).toEqual([people, teams])
      expect(await dns('-s', 'one', '-b', people)).toHaveLength(living.length)
      expect(await dns('-s', 'one', '-b', personDn('bjensen'))).toEqual([])
      expect(await dns('-s', 'sub', '-b', personDn('bjensen'))).toEqual([personDn('bjensen')])
      expect(await dns('-s', 'sub', '-b', suffix)).toHaveLength(3 + living.length + 6)
      expect(await dns('-s', 'children', '-b', suffix)).toHaveLength(2 + living.length + 6)
    })

    it('exits with 32 and says how far the name leads', async () => {
      const missing = await search('-b', `cn=x,uid=nobody,${people}`)
      expect(missing).toMatchObject({ code: 32, stdout: '' })
      expect(missing.stderr).toContain(`Matched DN: ${people}\n`)
      expect((await search('-b', `cn=x,${personDn('bjensen')}`)).stderr).toContain(
        `Matched DN: ${personDn('bjensen')}\n`,
      )
      expect((await search('-b', 'dc=elsewhere')).code).toBe(32)
      expect((await search('-b', 'no name')).code).toBe(34)
    })

    it.each([1, 2, 7, 29, 30, 1000])('-E pr=%i: all entries, page after page', async (size) => {
      const all = await found('-b', suffix, '-E', `pr=${size}/noprompt`, '(|(uid=*)(cn=*))', '1.1')
      expect(new Set(all.map((entry) => entry.dn)).size).toBe(living.length + 6)
      expect(all).toHaveLength(living.length + 6)
    })

    it('-E sss: in the order of keys, also page after page', async () => {
      const uids = async (...args: string[]) =>
        (await found('-b', people, '-s', 'one', ...args, '(uid=*)', 'uid')).map(
          ({ attributes }) => attributes.uid?.[0],
        )
      const sorted = living.map(({ login }) => login).sort()
      expect(await uids('-E', '!sss=uid')).toEqual(sorted)
      expect(await uids('-E', '!sss=-uid:caseIgnoreOrderingMatch')).toEqual([...sorted].reverse())
      expect(await uids('-E', '!sss=uid', '-E', 'pr=7/noprompt')).toEqual(sorted)
      const byPhone = await uids('-E', '!sss=-telephoneNumber/sn/-uid')
      expect(byPhone.slice(-3)).toEqual(['staff3', 'staff2', 'staff1'])
      expect((await search('-b', people, '-E', '!sss=nosuch')).code).toBe(12)
    })

    it('-E mv: the values that match', async () => {
      const [entry] = await found('-b', personDn('bjensen'), '-E', '!mv=((sn=*)(mail=bjensen@*))')
      expect(entry?.attributes).toEqual({ sn: ['Jensen'], mail: ['bjensen@example.com'] })
    })

    it('-e assert, -E subentries, -E domainScope, -M', async () => {
      const base = ['-b', personDn('bjensen'), '-s', 'base']
      expect(await found(...base, '-e', '!assert=(sn=jensen)', '1.1')).toHaveLength(1)
      expect((await search(...base, '-e', '!assert=(sn=carter)')).code).toBe(122)
      expect(await found(...base, '-E', '!subentries=true', '1.1')).toEqual([])
      expect(await found(...base, '-E', '!subentries=false', '1.1')).toHaveLength(1)
      expect(await found(...base, '-E', '!domainScope', '-MM', '1.1')).toHaveLength(1)
    })

    it('-z: so many entries, and exit code 4 if there are more', async () => {
      const limited = await search('-b', suffix, '-z', '4', '(uid=staff*)', 'uid')
      expect(limited.code).toBe(4)
      expect(parseLdif(limited.stdout)).toHaveLength(4)
      expect(await found('-b', suffix, '-z', '21', '(uid=staff*)')).toHaveLength(21)
      expect(await found('-b', suffix, '-z', '1', '(uid=bjensen)')).toHaveLength(1)
    })

    it('-l: a time limit that is not reached changes nothing', async () => {
      expect(await found('-b', suffix, '-l', '10', '(uid=bjensen)')).toHaveLength(1)
    })

    it('-A: types without values', async () => {
      const { code, stdout } = await search(
        '-A',
        '-b',
        personDn('bjensen'),
        '(objectClass=*)',
        'cn',
        'mail',
        'pager',
      )
      expect(code).toBe(0)
      expect(stdout.trim().split('\n').sort()).toEqual(['cn:', `dn: ${personDn('bjensen')}`, 'mail:'])
    })

    it('selects attributes by name, alias, OID and class, in the names of the schema', async () => {
      const names = async (...wanted: string[]) =>
        Object.keys((await attributesOf(personDn('bjensen'), ...wanted)) ?? {}).sort()
      expect(await names('1.1')).toEqual([])
      expect(await names('SURNAME', 'gn', '0.9.2342.19200300.100.1.3')).toEqual(['givenName', 'mail', 'sn'])
      expect(await names('2.5.4.41')).toEqual(['cn', 'givenName', 'sn'])
      expect(await names('@person')).toEqual(['cn', 'objectClass', 'sn'])
      expect(await names('noSuchAttribute', 'pager')).toEqual([])
      expect(await names('1.1', 'cn')).toEqual(['cn'])
      const operational = [
        'entryDN',
        'entryUUID',
        'hasSubordinates',
        'structuralObjectClass',
        'subschemaSubentry',
      ]
      expect(await names('+')).toEqual(operational)
      expect(await names('*')).toEqual(await names())
      expect(await names('*', '+')).toEqual([...(await names()), ...operational].sort())
      expect(await names('cn', '+')).toEqual([...operational, 'cn'].sort())
    })

    it('finds the entry by the entryUUID that it shows', async () => {
      const uuid = (await attributesOf(personDn('jürgen'), 'entryUUID'))?.entryUUID?.[0] ?? ''
      expect(uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
      const byUuid = await found('-b', suffix, `(entryUUID=${uuid.toUpperCase()})`, '1.1')
      expect(byUuid.map((entry) => entry.dn)).toEqual([personDn('jürgen')])
    })

    it('reads the root DSE and the schema it points to', async () => {
      const [root] = await found('-b', '', '-s', 'base', '*', '+')
      expect(root?.attributes).toMatchObject({
        namingContexts: [suffix],
        supportedLDAPVersion: ['3'],
        supportedExtension: expect.arrayContaining(['1.3.6.1.4.1.4203.1.11.3', '1.3.6.1.1.8']),
      })
      expect(root?.attributes.supportedControl).toContain('1.2.840.113556.1.4.319')
      const at = root?.attributes.subschemaSubentry?.[0] ?? ''
      const [schema] = await found(
        '-b',
        at,
        '-s',
        'base',
        '(objectClass=subschema)',
        'attributeTypes',
        'objectClasses',
      )
      expect(schema?.attributes.attributeTypes?.some((text) => text.includes("'memberOf'"))).toBe(true)
      expect(schema?.attributes.objectClasses?.some((text) => text.includes("'inetOrgPerson'"))).toBe(true)
    })

    it('exits with 12 for a critical control that is not known, and goes on without one that is not critical', async () => {
      expect((await search('-b', suffix, '-E', '!1.2.3.4=:x', '(uid=bjensen)')).code).toBe(12)
      expect((await search('-b', suffix, '-E', '1.2.3.4=:x', '(uid=bjensen)')).code).toBe(0)
    })
  })

  describe('ldapwhoami', () => {
    it('tells the DN, or that it is nobody', async () => {
      const whoami = (...args: string[]) => ldapTool('ldapwhoami', serving.url, ...args)
      expect(await whoami()).toMatchObject({ code: 0, stdout: 'anonymous\n' })
      expect(await whoami('-D', admin.dn, '-w', admin.password)).toMatchObject({
        code: 0,
        stdout: `dn:${admin.dn}\n`,
      })
      expect(await whoami('-D', `UID=BJensen, ${people}`, '-w', 'hifalutin')).toMatchObject({
        code: 0,
        stdout: `dn:${personDn('bjensen')}\n`,
      })
      expect(await whoami('-D', personDn('bjensen'), '-w', 'wrong')).toMatchObject({ code: 49, stdout: '' })
      expect(await whoami('-D', personDn('scarter'), '-w', 'sprain')).toMatchObject({ code: 49, stdout: '' })
    })
  })

  describe('ldapcompare', () => {
    it('exits with 6 for TRUE, 5 for FALSE, and the error otherwise', async () => {
      const compare = async (dn: string, assertion: string) =>
        (await ldapTool('ldapcompare', serving.url, dn, assertion)).code
      expect(await compare(personDn('bjensen'), 'sn:JENSEN')).toBe(6)
      expect(await compare(personDn('bjensen'), 'sn:Vaughan')).toBe(5)
      expect(await compare(personDn('jürgen'), `sn::${Buffer.from('müller').toString('base64')}`)).toBe(6)
      expect(await compare(personDn('bjensen'), 'telephoneNumber:1')).toBe(16)
      expect(await compare(personDn('bjensen'), 'noSuchAttribute:1')).toBe(17)
      expect(await compare(personDn('nobody'), 'sn:Jensen')).toBe(32)
      expect(await compare('no name', 'sn:Jensen')).toBe(34)
    })
  })
})
