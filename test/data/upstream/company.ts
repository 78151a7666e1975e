/**
 * The rows of the small company's tables (`test/protocol/company.ts`) as the directory behind the gateway keeps them:
 * what `company-*.yaml` show of it is what the mappings of the tables show.
 */
import Libsql from 'libsql'
import {
  type UpstreamEntries,
  upstreamGroup,
  upstreamGroupDn,
  upstreamPerson,
  upstreamPersonDn,
} from './tree.js'

interface Account {
  readonly id: number
  readonly login: string
  readonly first_name: string | null
  readonly last_name: string
  readonly email: string | null
  readonly phone: string | null
  readonly badge: string | null
  readonly password_hash: string | null
  readonly status: string
  readonly manager_id: number | null
  readonly deleted_at: string | number | null
}

interface Team {
  readonly id: number
  readonly name: string
  readonly deleted_at: string | number | null
}

interface Link {
  readonly team: number
  readonly member: number
}

/** @param file an SQLite database with the company's tables */
export function companyEntries(file: string): UpstreamEntries {
  const database = new Libsql(file)
  try {
    const all = <Row>(sql: string) => database.prepare(sql).all() as Row[]
    const accounts = all<Account>('select * from accounts order by id')
    const teams = all<Team>('select * from teams order by id')
    const people = membersOf(all('select team_id as team, account_id as member from team_members'))
    const groups = membersOf(all('select parent_id as team, child_id as member from team_teams'))
    return new Map([
      ...accounts.map((account) =>
        upstreamPerson(account.id, {
          acmeLogin: [account.login],
          acmeFirstName: [account.first_name],
          acmeLastName: [account.last_name],
          acmeMail: [account.email],
          acmeWorkPhone: [account.phone],
          acmeBadge: [account.badge],
          userPassword: [storedPassword(account.password_hash)],
          acmeStatus: [account.status],
          acmeBoss: [account.manager_id === null ? null : upstreamPersonDn(account.manager_id)],
          acmeDeletedAt: [account.deleted_at === null ? null : String(account.deleted_at)],
        }),
      ),
      ...teams.map((team) =>
        upstreamGroup(team.id, {
          acmeName: [team.name],
          acmeMember: [
            ...(people.get(team.id) ?? []).map(upstreamPersonDn),
            ...(groups.get(team.id) ?? []).map(upstreamGroupDn),
          ],
          acmeDeletedAt: [team.deleted_at === null ? null : String(team.deleted_at)],
        }),
      ),
    ])
  } finally {
    database.close()
  }
}

function membersOf(links: readonly Link[]): ReadonlyMap<number, readonly number[]> {
  const members = new Map<number, number[]>()
  for (const { team, member } of links) {
    const known = members.get(team)
    if (known === undefined) members.set(team, [member])
    else known.push(member)
  }
  return members
}

/** A value without a scheme would be a password in clear to slapd: it is given one that nobody knows. */
function storedPassword(hash: string | null): string | null {
  return hash === null || hash === '' || hash.startsWith('{') ? hash : `{X-UNKNOWN}${hash}`
}
