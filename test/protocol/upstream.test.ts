/** The directory that other tests put behind the gateway: it holds what the tables hold, under names of its own, and follows them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makePopulation } from '../data/people.js'
import {
  upstreamSuffix as suffix,
  upstreamAccount,
  upstreamGroupDn,
  upstreamPersonDn,
} from '../data/upstream/tree.js'
import { type LdifEntry, ldapTool, parseLdif } from './client-programs.js'
import { accounts, companySql, idOf, teamId } from './company.js'
import type { Database } from './serving.js'
import { loadPopulation, runSql } from './serving.js'
import { blockTable } from './table-lock.js'
import { upstreamDirectory } from './upstream.js'

let directory: Database

beforeAll(async () => {
  directory = await upstreamDirectory()
})

afterAll(() => directory?.remove())

/** What a search finds, by DN: the directory has no order. */
async function search(...args: readonly string[]): Promise<readonly LdifEntry[]> {
  const { dn, password } = upstreamAccount
  const { code, stdout, stderr } = await ldapTool(
    'ldapsearch',
    directory.url,
    ...['-D', dn, '-w', password, '-LLL', '-E', 'pr=100/noprompt', ...args],
  )
  if (code !== 0) throw new Error(stderr)
  return [...parseLdif(stdout)].sort((a, b) => (a.dn < b.dn ? -1 : 1))
}

const names = async (filter: string, ...attributes: readonly string[]) =>
  (await search('-b', suffix, filter, ...attributes)).map((entry) => entry.dn)

describe('the small company in a directory', () => {
  beforeAll(() => runSql(directory.url, companySql()))

  it('is there, by other names and under another suffix', async () => {
    const people = await search('-b', `ou=staff,${suffix}`, '(objectClass=acmePerson)')
    expect(people.map(({ attributes }) => attributes.acmeLogin?.[0])).toEqual(accounts.map((a) => a.login))
    const jensen = people.find(({ dn }) => dn === upstreamPersonDn(idOf('bjensen')))
    expect(jensen?.attributes).toEqual({
      objectClass: ['acmePerson'],
      acmeId: ['00000001'],
      acmeLogin: ['bjensen'],
      acmeFirstName: ['Barbara'],
      acmeLastName: ['Jensen'],
      acmeMail: ['bjensen@example.com'],
      acmeBadge: ['S-1'],
      acmeStatus: ['A'],
    })
  })

  it('says who is in a group by the group alone', async () => {
    const member = upstreamPersonDn(idOf('bjensen'))
    expect(await names(`(acmeMember=${member})`)).toEqual(
      [teamId('Technology'), teamId('Closed')].map(upstreamGroupDn),
    )
  })

  it('checks passwords of its people, and shows none', async () => {
    const whoami = (login: string, password: string) =>
      ldapTool('ldapwhoami', directory.url, '-D', upstreamPersonDn(idOf(login)), '-w', password)
    expect(await whoami('bjensen', 'hifalutin')).toMatchObject({ code: 0 })
    expect(await whoami('bjensen', 'wrong')).toMatchObject({ code: 49 })
    await runSql(directory.url, "update accounts set password_hash = 'plain words' where login = 'staff1'")
    expect(await whoami('staff1', 'plain words')).toMatchObject({ code: 49 })
    expect(await names('(userPassword=*)')).toEqual([])
  })

  it('follows the tables: rows that come, change and go', async () => {
    await runSql(
      directory.url,
      "insert into accounts (id, login, last_name, status) values (900, 'late', 'Late', 'A')",
      `insert into team_members values (${teamId('Empty')}, 900)`,
      "update accounts set first_name = null, last_name = 'Smith' where login = 'bjensen'",
    )
    expect(await names(`(acmeMember=${upstreamPersonDn(900)})`)).toEqual([upstreamGroupDn(teamId('Empty'))])
    const [smith] = await search('-b', suffix, '(acmeLastName=smith)')
    expect(smith?.attributes).toMatchObject({ acmeLogin: ['bjensen'] })
    expect(smith?.attributes.acmeFirstName).toBeUndefined()
    await runSql(
      directory.url,
      'delete from team_members where account_id = 900',
      'delete from accounts where id = 900',
    )
    expect(await names('(acmeLogin=late)')).toEqual([])
    expect(await names('(acmeMember=*)')).not.toContain(upstreamGroupDn(teamId('Empty')))
  })

  it('can be held up', async () => {
    const release = await blockTable(directory.url, 'accounts')
    let answered = false
    const answer = names('(acmeLogin=bjensen)').then((dns) => {
      answered = true
      return dns
    })
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(answered).toBe(false)
    await release()
    expect(await answer).toEqual([upstreamPersonDn(idOf('bjensen'))])
  })
})

describe('the population in a directory', () => {
  const population = makePopulation({ seed: 11, people: 300, groups: 40 })

  beforeAll(() => loadPopulation(directory.url, population))

  it('is there whole, octet by octet', async () => {
    const people = await search(
      '-b',
      `ou=staff,${suffix}`,
      '(objectClass=acmePerson)',
      'acmeLogin',
      'acmeMail',
      'acmeBoss',
    )
    expect(people.map(({ dn, attributes }) => [dn, attributes.acmeLogin?.[0]])).toEqual(
      population.people.map((person) => [upstreamPersonDn(person.id), person.uid]),
    )
    expect(people.flatMap(({ attributes }) => attributes.acmeMail ?? []).sort()).toEqual(
      population.people.flatMap((person) => person.mail).sort(),
    )
    expect(people.filter(({ attributes }) => attributes.acmeBoss !== undefined)).toHaveLength(
      population.people.filter((person) => person.manager !== null).length,
    )
    const groups = await search('-b', `ou=units,${suffix}`, '(objectClass=acmeGroup)', 'acmeMember')
    expect(groups.flatMap(({ attributes }) => attributes.acmeMember ?? []).sort()).toEqual(
      population.groups
        .flatMap(({ members, groups }) => [...members.map(upstreamPersonDn), ...groups.map(upstreamGroupDn)])
        .sort(),
    )
  })

  it('has other rules for some attributes than the gateway shows: they find fewer', async () => {
    const titled = population.people.find((person) => /\w{3}/.test(person.title ?? ''))?.title ?? ''
    expect(await names(`(acmeTitle=*${/\w{3}/.exec(titled)?.[0]}*)`)).toEqual([])
    const upper = await names('(acmeDepartment=R&D)')
    expect(upper.length).toBeGreaterThan(0)
    expect(await names('(acmeDepartment=r&d)')).not.toEqual(upper)
  })
})
