/** Whatever is asked and written, over LDAP and SCIM and by whomever: with a cache the answers are those without one. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LdapClient, LdapError } from '../../src/ldap/index.js'
import { sqliteDatabase } from '../mappings/databases.js'
import { binding, cachedStaff, fillStaff, serveCached, type ViewCache } from './caching.js'
import type { Served } from './scim/serving.js'
import { admin, crewDn, people, personDn, suffix } from './staff.js'

const logins = ['ann', 'bob', 'cid', 'dee', 'eve', 'kim', 'lee']
const teams = ['red', 'blue', 'green']
const titles = ['Chief', 'Clerk', 'chief']

interface Company {
  readonly served: Served
  readonly database: { remove(): Promise<void> }
  readonly clients: { readonly [who in Who]: LdapClient }
}

type Who = 'boss' | 'eve' | 'nobody'
const whom: readonly Who[] = ['boss', 'eve', 'nobody']

/** Something to do, and what it came to. */
type Step = (company: Company) => Promise<unknown>

async function company(cache: ViewCache | undefined): Promise<Company> {
  const database = sqliteDatabase()
  await fillStaff(database.url)
  const served = await serveCached(cachedStaff(database.url, cache))
  const clients = {
    boss: await served.connect(admin.dn, admin.password),
    eve: await served.connect(binding.dn, binding.password),
    nobody: await LdapClient.connect(served.ldap),
  }
  return { served, database, clients }
}

async function told(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof LdapError) return [error.code, error.matchedDN]
    throw error
  }
}

const login = fc.constantFrom(...logins)
const team = fc.constantFrom(...teams)
const title = fc.constantFrom(...titles)
const who = fc.constantFrom(...whom)

const filters = fc.oneof(
  login.map((one) => `(uid=${one})`),
  title.map((one) => `(title=${one})`),
  fc.constantFrom('(objectClass=*)', '(mail=*)', '(!(title=*))', '(cn=*e*)'),
  login.map((one) => `(manager=${personDn(one)})`),
  team.map((one) => `(memberOf=${crewDn(one)})`),
)
const attributes = fc.constantFrom(['*'], ['uid', 'memberOf'], ['cn', 'title', 'manager'], ['1.1'])

const search = fc
  .record({
    who,
    base: fc.oneof(fc.constantFrom(suffix, people), login.map(personDn), team.map(crewDn)),
    filter: filters,
    attributes,
    sizeLimit: fc.constantFrom(0, 0, 2),
  })
  .map(
    ({ who, base, ...options }): Step =>
      ({ clients }) =>
        told(async () => {
          const { entries } = await clients[who].searchAll(base, options)
          return entries
            .map(({ dn, attributes }) => [
              dn,
              attributes.map(({ type, values }) => [type, values.map(String).sort()]),
            ])
            .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
        }),
  )

const list = fc
  .record({
    path: fc.constantFrom('/Users', '/Groups'),
    filter: fc.oneof(
      login.map((one) => `userName eq "${one}"`),
      team.map((one) => `displayName eq "${one}"`),
      title.map((one) => `title eq "${one}"`),
      fc.constant('id pr'),
    ),
    count: fc.constantFrom(1, 3, 100),
    startIndex: fc.constantFrom(1, 2),
  })
  .map(
    ({ path, ...query }): Step =>
      async ({ served }) => {
        const { status, text } = await served.get(path, query)
        return [status, text.replaceAll(served.base, '')]
      },
  )

const write =
  (work: (client: LdapClient) => Promise<unknown>): Step =>
  ({ clients }) =>
    told(async () => {
      await work(clients.boss)
      return 'written'
    })

const writes = fc.oneof(
  fc
    .tuple(login, title)
    .map(([of, value]) =>
      write((c) => c.modify(personDn(of), [{ operation: 'replace', type: 'title', values: [value] }])),
    ),
  login.map((of) =>
    write((c) =>
      c.add(personDn(of), [
        { type: 'objectClass', values: ['inetOrgPerson'] },
        { type: 'cn', values: [of] },
        { type: 'sn', values: [of] },
      ]),
    ),
  ),
  fc.constantFrom('kim', 'lee').map((of) => write((c) => c.delete(personDn(of)))),
  fc
    .tuple(team, login, fc.constantFrom('add', 'delete'))
    .map(([of, one, operation]) =>
      write((c) =>
        c.modify(crewDn(of), [{ operation: operation as 'add', type: 'member', values: [personDn(one)] }]),
      ),
    ),
  fc
    .tuple(team, team)
    .map(([a, b]) => write((c) => c.modifyDn(crewDn(a), `cn=${b}`, { deleteOldRdn: true }))),
  fc.tuple(fc.integer({ min: 1, max: 7 }), title).map(
    ([id, value]): Step =>
      async ({ served }) => {
        const operations = [{ op: 'replace', path: 'title', value }]
        const { status, text } = await served.patch(`/Users/${id}`, operations)
        return [status, text.replaceAll(served.base, '')]
      },
  ),
)

const steps = fc.array(fc.oneof({ weight: 4, arbitrary: search }, { weight: 2, arbitrary: list }, writes), {
  minLength: 40,
  maxLength: 40,
})

describe('with a cache', () => {
  let cached: Company
  let live: Company

  beforeAll(async () => {
    cached = await company({ ttl: '1h', maxAnswers: 30 })
    live = await company(undefined)
  })

  afterAll(async () => {
    for (const one of [cached, live]) {
      one?.clients.nobody.close()
      await one?.served.close()
      await one?.database.remove()
    }
  })

  it('answers are those without one', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        for (const step of all) expect(await step(cached)).toEqual(await step(live))
      }),
      { numRuns: 6, endOnFailure: true },
    )
  })
})
