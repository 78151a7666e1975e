/** `limits.rate`: who asks more often than that is told to wait, on both faces; the others notice nothing. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { createGateway, type GatewayInput } from '../../src/index.js'
import { LdapClient, LdapError } from '../../src/ldap/index.js'
import { runSql, sqliteDatabase } from '../mappings/databases.js'

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo()
})

async function serve(limits: GatewayInput['limits']) {
  const database = sqliteDatabase()
  cleanUp.push(() => database.remove())
  await runSql(
    database.url,
    `CREATE TABLE users (id INTEGER PRIMARY KEY, login TEXT NOT NULL UNIQUE); INSERT INTO users VALUES (1, 'ada')`,
  )
  const names = ['one', 'two'].map((name) => `cn=${name},dc=example,dc=com`)
  const gateway = await createGateway({
    suffix: 'dc=example,dc=com',
    listen: { ldap: 0, http: 0 },
    sources: { hr: { type: 'sql', url: database.url } },
    views: [
      {
        view: 'people',
        source: 'hr',
        from: 'users',
        key: 'id',
        attributes: { uid: 'login' },
        ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['account'] },
        scim: { resource: 'User' },
      },
    ],
    serviceAccounts: names.map((dn) => ({ dn, password: '{CLEARTEXT}secret' })),
    scim: {
      tokens: names.map((as, i) => ({
        name: as,
        token: `{CLEARTEXT}token-of-number-${i}`,
        as,
        scopes: '*' as const,
      })),
    },
    access: [{ who: names, views: 'people' }],
    limits,
    log: { level: 'silent' },
  })
  cleanUp.push(() => gateway.close())
  const { ldap, http } = await gateway.listen()
  return {
    bound: async (i: number) => {
      const client = await LdapClient.connect({ port: ldap?.port ?? 0 })
      cleanUp.push(() => client.close())
      await client.bind(names[i] ?? '', 'secret')
      return client
    },
    status: async (i: number) =>
      (
        await fetch(`http://127.0.0.1:${http?.port}/scim/v2/Users`, {
          headers: { authorization: `Bearer token-of-number-${i}` },
        })
      ).status,
  }
}

const search = async (client: LdapClient) => {
  try {
    return (await client.searchAll('dc=example,dc=com', { filter: '(uid=ada)' })).entries.length
  } catch (error) {
    if (error instanceof LdapError && error.code === 51) return 'busy'
    throw error
  }
}

const times = <T>(count: number, ask: () => Promise<T>) => Promise.all(Array.from({ length: count }, ask))

it('an identity is held to its rate wherever it asks from, over LDAP and SCIM together, and no other', async () => {
  const { bound, status } = await serve({ rate: { perIdentity: 5 } })
  const [first, again, other] = [await bound(0), await bound(0), await bound(1)]
  const answers = (await Promise.all([first, again].map((client) => times(10, () => search(client))))).flat()
  expect(answers.filter((answer) => answer === 1).length).toBeGreaterThanOrEqual(5)
  expect(new Set(answers)).toEqual(new Set([1, 'busy']))
  expect(await times(15, () => status(0))).toContain(429)
  expect(await search(other)).toBe(1)
  expect(await status(1)).toBe(200)
  await sleep(1100)
  expect(await search(first)).toBe(1)
  expect(await status(0)).toBe(200)
})

it('an address is held to its rate whoever asks from there, binds and wrong tokens among it', async () => {
  const { bound, status } = await serve({ rate: { perAddress: 4 } })
  const [first, other] = [await bound(0), await bound(1)]
  const answers = await Promise.all([first, other].map((client) => times(6, () => search(client))))
  expect(answers.flat()).toContain('busy')
  expect(await times(10, () => bound(0).catch((error: LdapError) => error.code))).toContain(51)
  expect(await times(10, () => status(7))).toContain(429)
})

it('nobody is held to any by default', async () => {
  const { bound } = await serve({})
  const client = await bound(0)
  expect(await Promise.all(Array.from({ length: 60 }, () => search(client)))).not.toContain('busy')
})
