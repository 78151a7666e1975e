/**
 * The same people in SQL behind the gateway and in slapd: searches and compares must come to the same, entry by
 * entry and value by value, refusals included. Which entries filters select is asked at length in
 * `differential.test.ts`. VITRINE_SEED and VITRINE_SEARCHES repeat or widen a run.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LdapClient, LdapError, parseDn, type SearchScope } from '../../src/ldap/index.js'
import { randomFilters } from '../data/filters.js'
import { populationConfig, suffix } from '../data/gateway.js'
import { groupDn, personDn, toLdif } from '../data/ldif.js'
import { makePopulation } from '../data/people.js'
import { Random } from '../data/random.js'
import { spellDn } from '../data/spellings.js'
import { startSlapd } from '../servers/slapd.js'
import { type Database, loadPopulation, type Serving, serve, sources } from './serving.js'

/**
 * Where the answers differ on purpose:
 * - memberOf comes from the tables; this slapd has no overlay that makes it.
 * - The containers and the suffix are no rows: they show the classes that their names ask for, and `top`.
 * - slapd's own operational attributes (creators, times, CSNs) have no place in a table, entryUUID is made of the
 *   key, and structuralObjectClass this slapd knows only of entries that it has checked, which these are not.
 * - displayName is made by a template, which closes up doubled spaces.
 * - `jpegPhoto;binary` is not asked for: the gateway shows the photo, slapd nothing.
 */
const meant = {
  attributes: new Set([
    'memberOf',
    'creatorsName',
    'createTimestamp',
    'modifiersName',
    'modifyTimestamp',
    'entryCSN',
    'entryUUID',
    'structuralObjectClass',
  ]),
  closedUp: new Set(['displayName']),
  containers: new Set([suffix, `ou=people,${suffix}`, `ou=groups,${suffix}`]),
}

const seed = Number(process.env.VITRINE_SEED ?? 20261121)
const count = Number(process.env.VITRINE_SEARCHES ?? 400)
const population = makePopulation({ seed, people: 120, groups: 30 })
const references = new Set(['manager', 'member', 'entryDN', 'subschemaSubentry'])

interface Search {
  readonly base: string
  readonly scope: SearchScope
  readonly filter: string
  readonly attributes: readonly string[]
  readonly typesOnly: boolean
  readonly sizeLimit: number
}

interface Comparison {
  readonly dn: string
  readonly attribute: string
  readonly value: string
}

const searches = Array.from({ length: count }, (_, i) => randomSearch(new Random(seed + i)))
const comparisons = Array.from({ length: count }, (_, i) => randomComparison(new Random(seed - i)))

function randomDn(random: Random): string {
  const dn = random.chance(0.7)
    ? personDn(random.pick(population.people), suffix)
    : groupDn(random.pick(population.groups), suffix)
  return spellDn(random, dn)
}

function randomBase(random: Random): string {
  const dice = random.next()
  if (dice < 0.25) return random.pick([suffix, `ou=people,${suffix}`, `OU=Groups, ${suffix}`])
  if (dice < 0.75) return randomDn(random)
  return random.pick([
    `uid=nobody,ou=people,${suffix}`,
    `cn=nobody,ou=groups,${suffix}`,
    `cn=x,uid=nobody,ou=people,${suffix}`,
    `ou=devices,${suffix}`,
    `cn=x,ou=devices,${suffix}`,
    `mail=x,ou=people,${suffix}`,
    `uid=user.1+cn=x,ou=people,${suffix}`,
    `cn=x,${randomDn(random)}`,
    'dc=com',
    'dc=example,dc=org',
    'o=elsewhere',
    'no name',
    `uid,${suffix}`,
    `=x,${suffix}`,
    `uid=a\\zz,${suffix}`,
    `uid="a,${suffix}`,
    `,${suffix}`,
    `uid=a,,${suffix}`,
  ])
}

function randomSearch(random: Random): Search {
  const scopes: readonly SearchScope[] = ['baseObject', 'singleLevel', 'wholeSubtree', 'subordinateSubtree']
  const about = random.chance(0.7) ? 'people' : 'groups'
  const [filter = ''] = random.chance(0.5)
    ? ['(objectClass=*)']
    : randomFilters({ random, population, about, suffix, depth: 2 }, 1)
  return {
    base: randomBase(random),
    scope: random.pick(scopes),
    filter,
    attributes: random.pick([
      [],
      ['*'],
      ['1.1'],
      ['uid', 'cn', 'member'],
      ['SURNAME', '2.5.4.42', 'rfc822mailbox', 'noSuchAttribute', 'pager'],
      ['name'],
      ['@person'],
      ['@groupOfNames', 'description'],
      ['*', 'entryDN', 'hasSubordinates', 'structuralObjectClass', 'subschemaSubentry'],
      ['objectClass', '1.1'],
      ['jpegPhoto', 'description', 'manager'],
      ['jpegPhoto', 'cn;lang-de', 'sn;x-unknown'],
    ]),
    typesOnly: random.chance(0.15),
    sizeLimit: random.chance(0.2) ? 1 + random.integer(5) : 0,
  }
}

function randomComparison(random: Random): Comparison {
  const person = random.pick(population.people)
  const [attribute, value] = random.pick<readonly [string, string]>([
    ['cn', person.cn],
    ['cn', person.cn.toUpperCase()],
    ['CN', ` ${person.cn} `],
    ['sn', person.sn],
    ['2.5.4.4', person.sn.replaceAll(' ', '  ')],
    ['givenName', person.givenName ?? 'x'],
    ['mail', person.mail[0] ?? 'nobody@example.com'],
    ['mail', 'jürgen@example.com'],
    ['telephoneNumber', (person.phones[0]?.number ?? '1').replaceAll(' ', '')],
    ['uidNumber', String(person.uidNumber ?? 7)],
    ['uidNumber', 'seven'],
    ['employeeType', 'STAFF'],
    ['manager', personDn(random.pick(population.people), suffix)],
    ['manager', 'no name'],
    ['objectClass', random.pick(['person', 'TOP', '2.5.6.6', 'device', 'noSuchClass'])],
    ['jpegPhoto', 'x'],
    ['pager', '1'],
    ['noSuchAttribute', '1'],
  ])
  const dn = random.chance(0.1) ? randomBase(random) : spellDn(random, personDn(person, suffix))
  return { dn, attribute, value }
}

/** A DN in the one form that all its spellings share, but for upper and lower case in values. */
function plainDn(dn: string): string {
  if (dn === '') return ''
  const rdns = parseDn(dn).map((rdn) => rdn.map(({ type, value }) => [type.toLowerCase(), String(value)]))
  return JSON.stringify(rdns)
}

function plainValue(type: string, value: Buffer): string {
  if (references.has(type)) return plainDn(String(value))
  const text = value.toString('latin1')
  return meant.closedUp.has(type) ? text.trim().replaceAll(/ +/g, ' ') : text
}

interface Answer {
  readonly code: number
  readonly matchedDN: string
  /** With a size limit, how many; else by DN, what they hold. */
  readonly entries: number | Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
}

async function ask(client: LdapClient, search: Search): Promise<Answer> {
  const { base, ...options } = search
  const entries: [string, Record<string, readonly string[]>][] = []
  const answer = (code: number, matchedDN: string): Answer => ({
    code,
    // Of an entry above the base, the gateway repeats the asker's spelling.
    matchedDN: plainDn(matchedDN).toLowerCase(),
    entries: search.sizeLimit > 0 ? entries.length : Object.fromEntries(entries),
  })
  try {
    for await (const { dn, attributes } of client.search(base, options)) {
      const shown = meant.containers.has(dn)
        ? []
        : attributes.filter(({ type }) => !meant.attributes.has(type))
      const values = ({ type, values }: (typeof shown)[number]): [string, readonly string[]] => [
        type,
        values.map((value) => plainValue(type, value)).sort(),
      ]
      entries.push([plainDn(dn), Object.fromEntries(shown.map(values))])
    }
    return answer(0, '')
  } catch (error) {
    if (!(error instanceof LdapError)) throw error
    return answer(error.code, error.matchedDN)
  }
}

async function compare(client: LdapClient, { dn, attribute, value }: Comparison): Promise<number | boolean> {
  try {
    return await client.compare(dn, attribute, value)
  } catch (error) {
    if (!(error instanceof LdapError)) throw error
    return error.code
  }
}

describe('the gateway and slapd', () => {
  let slapd: Awaited<ReturnType<typeof startSlapd>>
  let oracle: LdapClient

  beforeAll(async () => {
    slapd = await startSlapd({ suffix, ldif: toLdif(population, suffix) })
    oracle = await LdapClient.connect({ host: slapd.host, port: slapd.port })
  })

  afterAll(async () => {
    oracle?.close()
    await slapd?.stop()
  })

  describe.each(sources)('over %s', (_name, create) => {
    let database: Database
    let serving: Serving
    let client: LdapClient

    beforeAll(async () => {
      database = await create()
      await loadPopulation(database.url, population)
      serving = await serve(populationConfig(database.url))
      client = await serving.connect()
    })

    afterAll(async () => {
      await serving?.close()
      await database?.remove()
    })

    it(`show the same entries to ${count} searches (seed ${seed})`, { timeout: 120_000 }, async () => {
      const differences: object[] = []
      for (const search of searches) {
        const [wanted, got] = await Promise.all([ask(oracle, search), ask(client, search)])
        if (JSON.stringify(sortedAnswer(wanted)) !== JSON.stringify(sortedAnswer(got))) {
          differences.push({ search, ...difference(wanted, got) })
        }
      }
      expect(differences).toEqual([])
    })

    it(`answer ${count} compares alike (seed ${seed})`, { timeout: 120_000 }, async () => {
      const differences: object[] = []
      for (const comparison of comparisons) {
        const [wanted, got] = await Promise.all([compare(oracle, comparison), compare(client, comparison)])
        if (wanted !== got) differences.push({ ...comparison, wanted, got })
      }
      expect(differences).toEqual([])
    })
  })
})

function sortedAnswer({ code, matchedDN, entries }: Answer): unknown {
  if (typeof entries === 'number') return [code, matchedDN, entries]
  const sorted = (record: object) => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))
  return [code, matchedDN, sorted(entries).map(([dn, attributes]) => [dn, sorted(attributes)])]
}

/** What is not the same, as far as it fits on a screen. */
function difference(wanted: Answer, got: Answer): object {
  const outcome = (answer: Answer) => `${answer.code} ${answer.matchedDN}`
  if (typeof wanted.entries === 'number' || typeof got.entries === 'number') return { wanted, got }
  const dns = new Set([...Object.keys(wanted.entries), ...Object.keys(got.entries)])
  for (const dn of dns) {
    const [left, right] = [wanted.entries[dn], got.entries[dn]]
    for (const name of new Set([...Object.keys(left ?? {}), ...Object.keys(right ?? {})])) {
      const values = [left?.[name], right?.[name]]
      if (JSON.stringify(values[0]) !== JSON.stringify(values[1])) {
        return { wanted: outcome(wanted), got: outcome(got), dn, name, values }
      }
    }
    if (left === undefined || right === undefined) {
      return {
        wanted: outcome(wanted),
        got: outcome(got),
        dn,
        missing: left === undefined ? 'in slapd' : 'here',
      }
    }
  }
  return { wanted: outcome(wanted), got: outcome(got) }
}
