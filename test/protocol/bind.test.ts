/** Who can bind and who cannot, what a refused bind leaves behind, and how guessing is slowed down. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type LdapClient, LdapError } from '../../src/ldap/index.js'
import { bind, Wire } from '../unit/ldap/wire.js'
import { admin, companyConfig, companySql, people, personDn, ssha, suffix, teamDn } from './company.js'
import { codeOf, type Database, runSql, type Serving, serve, sources } from './serving.js'

const SUCCESS = 0
const INVALID_CREDENTIALS = 49
const BUSY = 51
const UNWILLING = 53

const mail = { dn: 'cn=mail,ou=services,o=elsewhere', password: ssha('pigeon') }

describe.each(sources)('bind over %s', (_name, create) => {
  let database: Database
  let serving: Serving

  beforeAll(async () => {
    database = await create()
    await runSql(database.url, companySql())
    serving = await serve(
      companyConfig(database.url, { limits: { bindFailures: { perDn: 1000, perAddress: 10_000 } } }),
    )
  })

  afterAll(async () => {
    await serving?.close()
    await database?.remove()
  })

  /** The whole answer, for comparing. */
  async function answer(dn: string, password: string | Buffer) {
    const client = await serving.connect()
    try {
      return { ...(await client.bind(dn, password)), messageId: 0 }
    } catch (error) {
      if (!(error instanceof LdapError)) throw error
      return { code: error.code, message: error.message, matchedDN: error.matchedDN }
    } finally {
      client.close()
    }
  }

  const codeFor = async (dn: string, password: string | Buffer) => (await answer(dn, password)).code

  it('takes the right password, with the name in any spelling, and tells the name as it is', async () => {
    for (const dn of [
      personDn('bjensen'),
      `UID=BJENSEN,OU=People,${suffix}`,
      ` uid = bjensen , ou = people , dc=example , dc=com `,
      `0.9.2342.19200300.100.1.1=\\62jensen,${people}`,
      `userid=#0407626a656e73656e,${people}`,
    ]) {
      const client = await serving.connect(dn, 'hifalutin')
      expect(await client.whoAmI()).toBe(`dn:${personDn('bjensen')}`)
    }
    const client = await serving.connect(`uid=J\\C3\\9CRGEN,${people}`, 'schlüssel')
    expect(await client.whoAmI()).toBe(`dn:${personDn('jürgen')}`)
  })

  it('answers alike to an unknown name, a wrong password, and an account that is locked, deleted or without one', async () => {
    const refused = await answer(personDn('bjensen'), 'wrong')
    expect(refused.code).toBe(INVALID_CREDENTIALS)
    for (const [dn, password] of [
      [personDn('nobody'), 'wrong'],
      [personDn('scarter'), 'sprain'],
      [personDn('scarter'), 'wrong'],
      [personDn('gone'), 'farewell'],
      [personDn('nopass'), 'wrong'],
      [personDn('nopass'), 'null'],
      [`cn=Barbara Jensen,${people}`, 'hifalutin'],
      [`uid=bjensen+sn=Jensen,${people}`, 'hifalutin'],
      [`cn=x,${personDn('bjensen')}`, 'hifalutin'],
      [teamDn('Optics'), 'wrong'],
      [people, 'wrong'],
      [suffix, 'wrong'],
      [admin.dn, 'wrong'],
      [`cn=nobody,${suffix}`, 'wrong'],
      ['cn=admin,dc=elsewhere', admin.password],
      ['', 'wrong'],
    ] as const) {
      expect([dn, await answer(dn, password)]).toEqual([dn, refused])
    }
  })

  it('compares passwords by their octets: no case, spaces or normal forms, and never as patterns', async () => {
    for (const password of [
      'Hifalutin',
      'hifalutin ',
      ' hifalutin',
      'hifaluti',
      'hifalutin\0',
      '*',
      '%',
      "' or 1=1 -- ",
    ]) {
      expect([password, await codeFor(personDn('bjensen'), password)]).toEqual([
        password,
        INVALID_CREDENTIALS,
      ])
    }
    expect(await codeFor(personDn('jürgen'), 'schlüssel'.normalize('NFD'))).toBe(INVALID_CREDENTIALS)
    expect(await codeFor(personDn('jürgen'), Buffer.from('schlüssel', 'latin1'))).toBe(INVALID_CREDENTIALS)
    expect(await codeFor(personDn('jürgen'), 'schlüssel')).toBe(SUCCESS)
    expect(await codeFor(personDn('bjensen'), 'x'.repeat(100_000))).toBe(INVALID_CREDENTIALS)
  })

  it('never takes the stored hash for the password', async () => {
    await runSql(database.url, "update accounts set password_hash = 'plain words' where login = 'staff1'")
    expect(await codeFor(personDn('staff1'), 'plain words')).toBe(INVALID_CREDENTIALS)
    await runSql(database.url, "update accounts set password_hash = '{SSHA}broken' where login = 'staff1'")
    expect(await codeFor(personDn('staff1'), '{SSHA}broken')).toBe(INVALID_CREDENTIALS)
    await runSql(database.url, "update accounts set password_hash = '' where login = 'staff1'")
    expect(await codeFor(personDn('staff1'), ' ')).toBe(INVALID_CREDENTIALS)
  })

  it('refuses a name without password, for whomever, and takes neither for anonymous', async () => {
    for (const dn of [personDn('bjensen'), personDn('nobody'), admin.dn, people]) {
      expect(await codeFor(dn, '')).toBe(UNWILLING)
    }
    expect(await codeFor('', '')).toBe(SUCCESS)
    expect(await (await serving.connect('', '')).whoAmI()).toBe('')
  })

  it.each(['x', 'uid=a,,dc=com', '=x', 'uid=bjensen\\'])('invalidDNSyntax: %j', async (dn) => {
    expect(await codeFor(dn, 'hifalutin')).toBe(34)
  })

  it('a refused bind leaves the connection anonymous, and usable', async () => {
    const guarded = await serve(
      companyConfig(database.url, { access: [{ who: 'authenticated', views: '*' }] }),
    )
    const refusals: readonly ((client: LdapClient) => Promise<unknown>)[] = [
      (client) => client.bind(personDn('bjensen'), 'wrong'),
      (client) => client.bind(personDn('kvaughan'), ''),
      (client) => client.bind('no name', 'x'),
      (client) => client.saslBind('PLAIN', Buffer.from('\0x\0y')),
      (client) => client.bind('', ''),
    ]
    try {
      for (const refusal of refusals) {
        const client = await guarded.connect(personDn('bjensen'), 'hifalutin')
        expect((await client.searchAll(people, { scope: 'baseObject' })).entries).toHaveLength(1)
        await codeOf(refusal(client))
        expect(await client.whoAmI()).toBe('')
        expect(await codeOf(client.searchAll(people))).toBe(50)
        await client.bind(personDn('bjensen'), 'hifalutin')
        expect(await client.whoAmI()).toBe(`dn:${personDn('bjensen')}`)
      }
    } finally {
      await guarded.close()
    }
  })

  it.each(['EXTERNAL', 'GSSAPI', 'DIGEST-MD5', ''])(
    'authMethodNotSupported for SASL %j',
    async (mechanism) => {
      expect(await codeOf((await serving.connect()).saslBind(mechanism))).toBe(7)
    },
  )

  it.each([1, 2, 4, 127])('protocolError for version %i', async (version) => {
    const wire = await Wire.connect(serving.port)
    try {
      const request = bind(1, personDn('bjensen'), 'hifalutin')
      wire.send({ ...request, version } as typeof request)
      expect((await wire.messages(1))[0]).toMatchObject({ op: 'bindResponse', code: 2 })
    } finally {
      wire.destroy()
    }
  })

  it('binds service accounts, wherever their names are', async () => {
    const own = await serve(companyConfig(database.url, { serviceAccounts: [mail] }))
    try {
      const client = await own.connect('CN=Mail, OU=Services, O=Elsewhere', 'pigeon')
      expect(await client.whoAmI()).toBe(`dn:${mail.dn}`)
      expect(await codeOf(own.connect(mail.dn, mail.password))).toBe(INVALID_CREDENTIALS)
      expect(await codeOf(own.connect(admin.dn, admin.password))).toBe(INVALID_CREDENTIALS)
    } finally {
      await own.close()
    }
  })

  it('answers many binds at a time, each with its own answer', async () => {
    const people = ['bjensen', 'kvaughan', 'jürgen'] as const
    const passwords = { bjensen: 'hifalutin', kvaughan: 'bribery', jürgen: 'schlüssel' }
    const tries = Array.from({ length: 60 }, (_, i) => ({
      login: people[i % 3] ?? 'bjensen',
      guess: people[Math.floor(i / 3) % 3] ?? 'bjensen',
    }))
    const codes = await Promise.all(
      tries.map(({ login, guess }) => codeFor(personDn(login), passwords[guess])),
    )
    expect(codes).toEqual(tries.map(({ login, guess }) => (login === guess ? SUCCESS : INVALID_CREDENTIALS)))
  })

  describe('guessing', () => {
    /** Milliseconds by which the clock is set forward. */
    let ahead: number

    beforeEach(() => {
      ahead = 0
      const clock = Date.now.bind(Date)
      vi.spyOn(Date, 'now').mockImplementation(() => clock() + ahead)
    })

    afterEach(() => {
      vi.restoreAllMocks()
    })

    const throttled = async (bindFailures: object, test: (serving: Serving) => Promise<void>) => {
      const own = await serve(companyConfig(database.url, { limits: { bindFailures } }))
      try {
        await test(own)
      } finally {
        await own.close()
      }
    }
    const guess = (serving: Serving, dn: string, password: string) => codeOf(serving.connect(dn, password))

    it('is told "busy" after so many failures for one name, the right password too, and others are not', async () => {
      await throttled({ perDn: 3, window: '1m' }, async (own) => {
        const jensen = personDn('bjensen')
        for (let i = 0; i < 3; i++) expect(await guess(own, jensen, `wrong${i}`)).toBe(INVALID_CREDENTIALS)
        expect(await guess(own, jensen, 'wrong')).toBe(BUSY)
        expect(await guess(own, jensen, 'hifalutin')).toBe(BUSY)
        expect(await guess(own, personDn('kvaughan'), 'bribery')).toBe(SUCCESS)
        ahead = 60_000
        expect(await guess(own, jensen, 'hifalutin')).toBe(SUCCESS)
      })
    })

    it('counts a name in all its spellings as one', async () => {
      await throttled({ perDn: 4 }, async (own) => {
        const spellings = [
          personDn('bjensen'),
          `UID=BJensen,${people}`,
          `uid=\\62jensen,ou=people, ${suffix}`,
          `uid=\\20\\20bjensen\\20,${people}`,
        ]
        for (const dn of spellings) expect(await guess(own, dn, 'wrong')).toBe(INVALID_CREDENTIALS)
        expect(await guess(own, personDn('bjensen'), 'hifalutin')).toBe(BUSY)
        expect(await guess(own, `uid=\\20\\20\\20bjensen,${people}`, 'hifalutin')).toBe(BUSY)
        for (let i = 0; i < 4; i++) await guess(own, `cn=admin,dc=example,${' '.repeat(i)}dc=COM`, 'wrong')
        expect(await guess(own, admin.dn, admin.password)).toBe(BUSY)
      })
    })

    it('treats unknown names like known ones', async () => {
      await throttled({ perDn: 2 }, async (own) => {
        for (const dn of [personDn('nobody'), personDn('scarter'), `cn=nobody,${suffix}`]) {
          expect([await guess(own, dn, 'a'), await guess(own, dn, 'b'), await guess(own, dn, 'c')]).toEqual([
            INVALID_CREDENTIALS,
            INVALID_CREDENTIALS,
            BUSY,
          ])
        }
      })
    })

    it('forgives a name its failures after a success', async () => {
      await throttled({ perDn: 3 }, async (own) => {
        for (let round = 0; round < 3; round++) {
          expect(await guess(own, personDn('bjensen'), 'wrong')).toBe(INVALID_CREDENTIALS)
          expect(await guess(own, personDn('bjensen'), 'wrong')).toBe(INVALID_CREDENTIALS)
          expect(await guess(own, personDn('bjensen'), 'hifalutin')).toBe(SUCCESS)
        }
      })
    })

    it('is told "busy" after so many failures from one address, over all names and connections', async () => {
      await throttled({ perAddress: 5, window: '1m' }, async (own) => {
        for (let i = 0; i < 5; i++)
          expect(await guess(own, personDn(`guess${i}`), 'x')).toBe(INVALID_CREDENTIALS)
        expect(await guess(own, personDn('bjensen'), 'hifalutin')).toBe(BUSY)
        // Who does not bind is not disturbed.
        const client = await own.connect()
        expect((await client.searchAll(suffix, { filter: '(uid=bjensen)' })).entries).toHaveLength(1)
        ahead = 60_000
        expect(await guess(own, personDn('bjensen'), 'hifalutin')).toBe(SUCCESS)
      })
    })

    it('guesses at a time are counted like guesses one after the other', async () => {
      await throttled({ perDn: 5 }, async (own) => {
        const codes = await Promise.all(
          Array.from({ length: 40 }, (_, i) => guess(own, personDn('bjensen'), `wrong${i}`)),
        )
        expect(codes.filter((code) => code === INVALID_CREDENTIALS).length).toBeLessThanOrEqual(5)
        expect(codes.filter((code) => code === BUSY).length).toBeGreaterThanOrEqual(35)
      })
    })
  })
})
