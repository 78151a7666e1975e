/**
 * The same people behind the gateway, in SQL or in a directory with a schema of its own, and in slapd: random filters
 * must select the same entries. The seed is printed with every difference; VITRINE_SEED and VITRINE_FILTERS repeat or
 * widen a run.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGateway, type Gateway } from '../../src/index.js'
import { LdapClient } from '../../src/ldap/index.js'
import { randomFilters } from '../data/filters.js'
import { populationConfig, suffix } from '../data/gateway.js'
import { toLdif } from '../data/ldif.js'
import { makePopulation } from '../data/people.js'
import { Random } from '../data/random.js'
import { startSlapd } from '../servers/slapd.js'
import { type Database, loadPopulation, sources } from './serving.js'

const seed = Number(process.env.VITRINE_SEED ?? 20261121)
const count = Number(process.env.VITRINE_FILTERS ?? 2000)
const population = makePopulation({ seed, people: 250, groups: 40 })
const filters = [
  ...randomFilters(
    { random: new Random(seed), population, about: 'people', suffix },
    Math.ceil(count * 0.8),
  ).map((filter) => ({ base: `ou=people,${suffix}`, filter })),
  ...randomFilters(
    { random: new Random(seed + 1), population, about: 'groups', suffix },
    Math.ceil(count * 0.2),
  ).map((filter) => ({ base: `ou=groups,${suffix}`, filter })),
]

let slapd: Awaited<ReturnType<typeof startSlapd>>
let oracle: LdapClient
const expected = new Map<number, readonly string[]>()

beforeAll(async () => {
  slapd = await startSlapd({ suffix, ldif: toLdif(population, suffix) })
  oracle = await LdapClient.connect({ host: slapd.host, port: slapd.port })
  for (const [i, { base, filter }] of filters.entries()) expected.set(i, await select(oracle, base, filter))
})

afterAll(async () => {
  await oracle?.close()
  await slapd?.stop()
})

/** Names of the entries that a filter selects, in a spelling that both servers share. */
async function select(client: LdapClient, base: string, filter: string): Promise<readonly string[]> {
  const { entries } = await client.searchAll(base, {
    scope: 'singleLevel',
    filter,
    attributes: ['uid', 'cn'],
  })
  return entries.map((entry) => nameOf(entry)).sort()
}

function nameOf(entry: {
  readonly dn: string
  readonly attributes: readonly { type: string; values: readonly Buffer[] }[]
}): string {
  const rdn = entry.dn.slice(0, entry.dn.indexOf('=')).toLowerCase()
  return String(entry.attributes.find((a) => a.type.toLowerCase() === rdn)?.values[0] ?? entry.dn)
}

describe.each(sources)('%s answers as slapd does', (_name, create) => {
  let database: Database
  let gateway: Gateway
  let client: LdapClient

  beforeAll(async () => {
    database = await create()
    await loadPopulation(database.url, population)
    gateway = await createGateway(populationConfig(database.url))
    const { ldap } = await gateway.listen()
    client = await LdapClient.connect({ host: ldap?.host ?? '', port: ldap?.port ?? 0 })
  })

  afterAll(async () => {
    await client?.close()
    await gateway?.close()
    await database?.remove()
  })

  it(`to ${count} random filters (seed ${seed})`, { timeout: 300_000 }, async () => {
    const differences: string[] = []
    for (const [i, { base, filter }] of filters.entries()) {
      const wanted = expected.get(i) ?? []
      const got = await select(client, base, filter).catch((error: Error) => [`failed: ${error.message}`])
      const missing = wanted.filter((n) => !got.includes(n))
      const extra = got.filter((n) => !wanted.includes(n))
      if (missing.length + extra.length > 0)
        differences.push(
          `${filter}: missing ${JSON.stringify(missing.slice(0, 3))}, extra ${JSON.stringify(extra.slice(0, 3))}`,
        )
    }
    expect(differences).toEqual([])
  })
})
