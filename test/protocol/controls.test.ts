/** Controls and the rules about them, through sockets: the gateway answers with the codes that slapd answers with. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  assertionControl,
  type Control,
  controlType,
  findControl,
  LdapClient,
  listViewRequestControl,
  manageDsaITControl,
  pagedResultsControl,
  parseFilter,
  parseListViewResponse,
  parseSortResponse,
  sortRequestControl,
  subentriesControl,
} from '../../src/ldap/index.js'
import { sqliteDatabase } from '../mappings/databases.js'
import { startSlapd } from '../servers/slapd.js'
import { accounts, admin, companyConfig, companySql, people, personDn, suffix } from './company.js'
import { codeOf, type Database, runSql, type Serving, serve } from './serving.js'

let database: Database
let serving: Serving
let slapd: Awaited<ReturnType<typeof startSlapd>>

beforeAll(async () => {
  database = sqliteDatabase()
  await runSql(database.url, companySql())
  serving = await serve(companyConfig(database.url))
  slapd = await startSlapd({ suffix, ldif: ldif(), modules: ['sssvlv'], config: ['overlay sssvlv'] })
})
afterAll(async () => {
  await serving?.close()
  await slapd?.stop()
  await database?.remove()
})

/** As much of the company as the questions below are about. */
function ldif(): string {
  const living = accounts.filter(({ deleted, login }) => deleted === undefined && /^[ -~]+$/.test(login))
  return [
    `dn: ${suffix}\nobjectClass: dcObject\nobjectClass: organization\no: example\n`,
    `dn: ${people}\nobjectClass: organizationalUnit\nou: people\n`,
    ...living.map(
      ({ login, last }) =>
        `dn: ${personDn(login)}\nobjectClass: inetOrgPerson\nuid: ${login}\ncn: ${last}\nsn: ${last}\n`,
    ),
  ].join('\n')
}

/** Result code and number of entries, on a connection of its own. */
async function ask(
  server: { readonly host: string; readonly port: number },
  controls: readonly Control[],
  base = people,
): Promise<readonly [code: number, entries: number]> {
  const client = await LdapClient.connect({ host: server.host, port: server.port, timeoutMs: 20_000 })
  try {
    const { entries, done } = await client.searchAnswer(base, { scope: 'baseObject', controls })
    return [done.code, entries.length]
  } finally {
    client.close()
  }
}

const sort = (attribute: string, critical = true, orderingRule = 'caseIgnoreOrderingMatch') =>
  sortRequestControl([{ attribute, orderingRule, reverse: false }], critical)
const plain = (type: string, critical: boolean, value?: string): Control => ({
  type,
  critical,
  ...(value !== undefined && { value: Buffer.from(value, 'hex') }),
})
const view = (critical = true) =>
  listViewRequestControl({ before: 0, after: 1, target: { offset: 1, contentCount: 0 } }, critical)
const page = pagedResultsControl({ size: 5, cookie: Buffer.alloc(0) }, true)
const holds = assertionControl(parseFilter('(objectClass=*)'))

describe('as slapd does', () => {
  it.each<[string, readonly Control[]]>([
    ['sorted', [sort('sn')]],
    ['sorted, in pages', [sort('sn'), page]],
    ['a list view', [sort('sn'), view()]],
    ['a list view in no order', [view()]],
    ['a list view in no order, if possible', [view(false)]],
    ['a list view in pages', [sort('sn'), view(), page]],
    ['sorted twice', [sort('sn'), sort('sn')]],
    ['in pages twice', [page, page]],
    ['an unknown control twice', [plain('1.2.3', false), plain('1.2.3', false)]],
    ['an unknown control that is critical', [plain('1.2.3', true)]],
    ['manageDsaIT', [manageDsaITControl()]],
    ['manageDsaIT twice', [manageDsaITControl(), manageDsaITControl(false)]],
    ['manageDsaIT with a value', [plain(controlType.manageDsaIT, false, '00')]],
    ['manageDsaIT with an empty value', [plain(controlType.manageDsaIT, false, '')]],
    ['sorting without a value', [plain(controlType.sortRequest, false)]],
    ['sorting by what is no list', [plain(controlType.sortRequest, false, '0401ff')]],
    ['sorting by nothing', [plain(controlType.sortRequest, false, '3000')]],
    ['pages without a value', [plain(controlType.pagedResults, false)]],
    ['matched values without a value', [plain(controlType.valuesFilter, true)]],
    ['subentries', [subentriesControl(true)]],
    ['no subentries', [subentriesControl(false)]],
    ['subentries without a value', [plain(controlType.subentries, false)]],
    ['subentries with another value', [plain(controlType.subentries, false, '0401ff')]],
    ['domain scope', [plain(controlType.domainScope, true)]],
    ['domain scope with a value', [plain(controlType.domainScope, false, '00')]],
    ['search options', [plain(controlType.searchOptions, true, '3003020101')]],
    ['search options without a value', [plain(controlType.searchOptions, false)]],
    ['no copy', [plain(controlType.dontUseCopy, true)]],
    ['no copy with a value', [plain(controlType.dontUseCopy, true, '00')]],
    ['extended DNs', [plain('1.2.840.113556.1.4.529', false)]],
    ['extended DNs at any rate', [plain('1.2.840.113556.1.4.529', true)]],
    ['an assertion that holds', [holds]],
    ['an assertion that does not', [assertionControl(parseFilter('(ou=nobody)'))]],
    ['an assertion about nothing known', [assertionControl(parseFilter('(nosuch=x)'))]],
    ['an assertion that need not be followed', [assertionControl(parseFilter('(ou=nobody)'), false)]],
    ['an assertion without a filter', [plain(controlType.assertion, false)]],
  ])('%s', async (_name, controls) => {
    for (const base of [people, personDn('bjensen'), personDn('nobody')])
      expect([base, await ask(serving, controls, base)]).toEqual([base, await ask(slapd, controls, base)])
  })

  it.each([
    controlType.sortRequest,
    controlType.listViewRequest,
    controlType.valuesFilter,
    controlType.subentries,
    controlType.pagedResults,
    controlType.domainScope,
    controlType.manageDsaIT,
    controlType.dontUseCopy,
    '1.2.3',
  ])('%s with a comparison', async (type) => {
    const codes = (server: { readonly host: string; readonly port: number }) =>
      Promise.all(
        [true, false].map(async (critical) => {
          const client = await LdapClient.connect({ host: server.host, port: server.port })
          const answer = codeOf(client.compare(people, 'ou', 'people', { controls: [plain(type, critical)] }))
          return answer.finally(() => client.close())
        }),
      )
    expect(await codes(serving)).toEqual(await codes(slapd))
  })

  it.each(['(ou=people)', '(ou=nobody)'])('a comparison that asserts %s', async (filter) => {
    const answer = async (server: { readonly host: string; readonly port: number }, dn: string) => {
      const client = await LdapClient.connect({ host: server.host, port: server.port })
      const controls = [assertionControl(parseFilter(filter))]
      const code = await codeOf(client.compare(dn, 'objectClass', 'top', { controls }))
      client.close()
      return code
    }
    for (const dn of [people, personDn('bjensen'), personDn('nobody')])
      expect([dn, await answer(serving, dn)]).toEqual([dn, await answer(slapd, dn)])
  })
})

describe('as the RFCs say', () => {
  const search = async (controls: readonly Control[], options = {}) => {
    const client = await serving.connect()
    return client.searchAnswer(people, { filter: '(uid=staff*)', attributes: ['uid'], controls, ...options })
  }
  const sortResult = (controls: readonly Control[]) => {
    const found = findControl(controls, controlType.sortResponse)
    return found && parseSortResponse(found)
  }

  it.each<[string, Control, number]>([
    ['an unknown attribute', sort('nosuch'), 16],
    ['an unknown rule', sort('sn', true, 'nosuch'), 18],
    ['a rule for something else', sort('sn', true, 'integerOrderingMatch'), 18],
    ['an attribute without order', sortRequestControl([{ attribute: 'manager', reverse: false }], true), 18],
  ])(
    'what has to be sorted by %s is not searched for, else it comes unsorted',
    async (_name, control, code) => {
      const strict = await search([control])
      expect(strict.done.code).toBe(12)
      expect(strict.entries).toEqual([])
      expect(sortResult(strict.done.controls)?.code).toBe(code)
      const lenient = await search([{ ...control, critical: false }])
      expect(lenient.done.code).toBe(0)
      expect(lenient.entries).toHaveLength(21)
      expect(sortResult(lenient.done.controls)?.code).toBe(code)
    },
  )

  it('an attribute with an equality rule alone is ordered by it', async () => {
    const { entries } = await search([sortRequestControl([{ attribute: 'uid', reverse: true }], true)])
    const names = entries.map(({ attributes }) => String(attributes[0]?.values[0]))
    expect(names).toEqual([...names].sort().reverse())
    expect(names).toHaveLength(21)
  })

  it('a list view without an order says so', async () => {
    const { done } = await search([view()])
    expect(done.code).toBe(76)
    const found = findControl(done.controls, controlType.listViewResponse)
    expect(found && parseListViewResponse(found).code).toBe(60)
  })

  it('what the asker may not search by is as good as absent', async () => {
    const closed = await serve(
      companyConfig(database.url, {
        access: [
          { who: 'anonymous', allow: ['read', 'search'], views: '*', attributes: ['uid', 'cn'] },
          { who: admin.dn, views: '*' },
        ],
      }),
    )
    try {
      const order = [sort('telephoneNumber'), page]
      const telling = await (await closed.connect(admin.dn, admin.password)).searchAll(people, {
        filter: '(uid=*)',
        controls: order,
      })
      expect(telling.entries[0]?.dn).toBe(personDn('staff1'))
      const silent = await (await closed.connect()).searchAll(people, { filter: '(uid=*)', controls: order })
      expect(silent.entries[0]?.dn).toBe(personDn('bjensen'))
      const guess = listViewRequestControl({ before: 0, after: 0, target: { value: Buffer.from('555') } })
      const { done } = await (await closed.connect()).searchAll(people, {
        filter: '(uid=*)',
        controls: [sort('telephoneNumber'), guess],
      })
      const found = findControl(done.controls, controlType.listViewResponse)
      expect(found && parseListViewResponse(found)).toMatchObject({ position: 1 })
      const client = await closed.connect()
      const asserted = assertionControl(parseFilter('(telephoneNumber=555 0110)'))
      expect(await codeOf(client.searchAll(personDn('staff1'), { controls: [asserted] }))).toBe(122)
    } finally {
      await closed.close()
    }
  })

  it('announces what it follows', async () => {
    const client = await serving.connect()
    const { entries } = await client.searchAll('', { scope: 'baseObject', attributes: ['supportedControl'] })
    const announced = entries[0]?.attributes[0]?.values.map(String) ?? []
    expect(announced).toEqual(
      expect.arrayContaining([
        '1.2.840.113556.1.4.319',
        '1.2.840.113556.1.4.473',
        '2.16.840.1.113730.3.4.9',
        '1.2.826.0.1.3344810.2.3',
        '1.3.6.1.4.1.4203.1.10.1',
        '2.16.840.1.113730.3.4.2',
        '1.3.6.1.1.12',
        '1.3.6.1.1.22',
        '1.2.840.113556.1.4.1339',
        '1.2.840.113556.1.4.1340',
      ]),
    )
  })
})
