/** The domain controller that other tests put behind the gateway: it behaves as Active Directory does, where that is peculiar. */
import { Client, type Entry, type SearchOptions } from 'ldapts'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  adGroupDn,
  adGroups,
  adPeople,
  adPersonDn,
  adService,
  LARGE_GROUP,
  portrait,
  staff,
} from '../data/active-directory.js'
import type { Domain } from '../servers/samba.js'
import { activeDirectory } from '../servers/shared.js'
import { limitValues } from '../servers/value-limit.js'

const PERSON = '(&(objectCategory=person)(objectClass=user))'
const BITS_SET = '1.2.840.113556.1.4.803'
const IN_CHAIN = '1.2.840.113556.1.4.1941'

let domain: Domain
let open: Client[] = []

beforeAll(async () => {
  domain = await activeDirectory()
})

afterEach(async () => {
  await Promise.all(open.map((client) => client.unbind()))
  open = []
})

function connect(url = domain.secureUrl, ca = domain.ca): Client {
  const client = new Client({
    url,
    connectTimeout: 5000,
    ...(url.startsWith('ldaps') && { tlsOptions: { ca } }),
  })
  open.push(client)
  return client
}

async function search(base: string, options: SearchOptions, client = connect()): Promise<readonly Entry[]> {
  await client.bind(adService.dn, adService.password)
  return (await client.search(base, { scope: 'sub', ...options })).searchEntries
}

const logins = async (filter: string) =>
  (await search(staff, { filter, attributes: ['sAMAccountName'] }))
    .map((entry) => entry.sAMAccountName)
    .sort()

describe('binds', () => {
  const codeOf = (name: string, password: string, client = connect()) =>
    client.bind(name, password).then(
      () => 0,
      (error: { code?: number }) => error.code,
    )

  it.each([
    ['DN', adPersonDn('ada')],
    ['userPrincipalName', 'ada@ad.example.net'],
    ['domain and sAMAccountName', 'ADEX\\ada'],
  ])('by %s', async (_what, name) => {
    expect(await codeOf(name, 'Analytical 1')).toBe(0)
    expect(await codeOf(name, 'analytical 1')).toBe(49)
  })

  it('of those who are not disabled and have not expired', async () => {
    expect(await codeOf('juergen@ad.example.net', 'Schlüssel 3')).toBe(0)
    expect(await codeOf('locked@ad.example.net', 'Locked Out 4')).toBe(49)
    expect(await codeOf('expired@ad.example.net', 'Ended 2020')).toBe(49)
  })

  it('encrypted only, to the server whose certificate the authority has signed', async () => {
    expect(await codeOf(adPersonDn('ada'), 'Analytical 1', connect(domain.url))).toBe(8)
    const trusting = connect(domain.url)
    await trusting.startTLS({ ca: domain.ca, host: new URL(domain.url).hostname })
    expect(await codeOf(adPersonDn('ada'), 'Analytical 1', trusting)).toBe(0)
    await expect(connect(domain.secureUrl, '').bind(adPersonDn('ada'), 'Analytical 1')).rejects.toThrow(
      /certificate/,
    )
  })
})

describe('searches', () => {
  it('of the root DSE, by anybody', async () => {
    const { searchEntries } = await connect(domain.url).search('', { scope: 'base' })
    expect(searchEntries[0]).toMatchObject({
      defaultNamingContext: domain.suffix,
      dnsHostName: 'dc1.ad.example.net',
    })
  })

  it('of people: computers are users too, but no persons', async () => {
    expect(await logins(PERSON)).toEqual(adPeople.map((person) => person.login).sort())
    expect(await logins('(objectClass=user)')).toContain('PC1$')
  })

  it('of bits', async () => {
    expect(await logins(`(&${PERSON}(userAccountControl:${BITS_SET}:=2))`)).toEqual(['locked', 'nobody'])
  })

  it('of nested groups, round in circles', async () => {
    const chained = (cn: string) =>
      logins(`(memberOf:${IN_CHAIN}:=${adGroupDn(cn).replaceAll('\\', '\\5c')})`)
    expect(await chained('Engines')).toEqual(['ada', 'charles', 'juergen', 'locked'])
    expect(await chained('Hen')).toEqual(['madonna'])
  })

  it('show bytes, several addresses and references', async () => {
    const [ada] = await search(adPersonDn('ada'), {
      explicitBufferAttributes: ['thumbnailPhoto', 'objectGUID'],
      scope: 'base',
    })
    expect(ada).toMatchObject({ memberOf: adGroupDn('Engines'), userAccountControl: '512' })
    expect([ada?.proxyAddresses].flat()).toHaveLength(3)
    expect(Buffer.from(portrait).equals(ada?.thumbnailPhoto as Buffer)).toBe(true)
    expect(ada?.objectGUID).toHaveLength(16)
  })

  describe('of a large group', () => {
    const members = async (attribute: string, client?: Client, cn = LARGE_GROUP.cn) => {
      const [group] = await search(adGroups, { filter: `(cn=${cn})`, attributes: [attribute] }, client)
      const [name = '', values = []] = Object.entries(group ?? {}).find(([name]) => name !== 'dn') ?? []
      return { name, count: [values].flat().length }
    }
    const first = { name: 'member;range=0-1499', count: 1500 }
    const last = { name: 'member;range=1500-*', count: 100 }

    it('give its members in ranges, if asked for', async () => {
      expect(await members('member;range=0-1499')).toEqual(first)
      expect(await members('member;range=1500-*')).toEqual(last)
      expect(await members('member')).toEqual({ name: 'member', count: LARGE_GROUP.size })
    })

    it('give them so always, behind what makes a controller of Windows of it', async () => {
      const limit = await limitValues(domain)
      try {
        expect(await members('member', connect(limit.url))).toEqual(first)
        const [whole] = await search(adGroups, { filter: `(cn=${LARGE_GROUP.cn})` }, connect(limit.url))
        expect(Object.keys(whole ?? {}).filter((name) => /^member/.test(name))).toEqual([first.name])
        expect(await members('member;range=1500-*', connect(limit.url))).toEqual(last)
        expect(await members('member', connect(limit.url), 'Mills')).toEqual({
          name: 'member;range=0-*',
          count: 3,
        })
      } finally {
        await limit.close()
      }
    })
  })
})
