/** Editions of a source of people and groups: who is in which, under which key, and how it gets from one to the next. */
import type { SyncOptions } from '../unit/copy/sync-world.js'

export const mappings = [
  {
    view: 'people',
    source: 'hr',
    from: 'users',
    key: 'id',
    attributes: {
      uid: 'login',
      sn: 'last',
      mail: { table: 'mails', on: 'user_id', value: 'address' },
      manager: { ref: 'people', column: 'boss' },
    },
    ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
  },
  {
    view: 'groups',
    source: 'hr',
    from: 'teams',
    key: 'code',
    attributes: {
      cn: 'code',
      description: 'edition',
      member: { ref: 'people', table: 'members', on: 'team', value: 'user_id' },
    },
    ldap: { base: 'ou=groups', rdn: 'cn', objectClass: ['groupOfNames'] },
  },
]

export const tables = `
  create table users (id integer primary key, login varchar(20), last varchar(20), boss integer);
  create table mails (user_id integer, address varchar(40));
  create table teams (code varchar(10) primary key, edition varchar(10));
  create table members (team varchar(10), user_id integer);`

const ALL = 120

/** Everybody is known again by name; any number may come and go. */
export const settings: NonNullable<SyncOptions['settings']> = {
  people: { correlate: ['uid'], guard: { maxRemove: 1000, maxRemoveShare: 1, maxLossShare: 1 } },
  groups: { guard: { maxRemove: 1000, maxRemoveShare: 1, maxLossShare: 1 } },
}

interface Person {
  readonly n: number
  readonly key: number
  readonly last: string
  readonly boss: number | undefined
  readonly mails: readonly string[]
}

/** One in seven is away, and whoever comes back has a new key, as some of those have who stay. */
function peopleOf(edition: number, all: number): readonly Person[] {
  const numbers = Array.from({ length: all }, (_, n) => n).filter((n) => (n + edition) % 7 !== 0)
  const keyOf = (n: number) => n + 1 + 1000 * Math.floor((edition + n) / 5)
  return numbers.map((n) => ({
    n,
    key: keyOf(n),
    last: (n * edition) % 3 === 0 ? `Edition ${edition}` : 'Same',
    boss: numbers.includes(n - 1) ? keyOf(n - 1) : undefined,
    mails: [`user${n}@example.com`, ...((n + edition) % 4 === 0 ? [`e${edition}.${n}@example.com`] : [])],
  }))
}

/** Makes the source what an edition of so many people says, in one transaction. */
export function sqlOf(edition: number, all = ALL): string {
  const people = peopleOf(edition, all)
  const members = people.filter(({ n }) => (n + edition) % 2 === 0)
  const rows = (list: readonly string[]) => list.map((row) => `(${row})`).join(', ')
  return `begin; delete from users; delete from mails; delete from teams; delete from members;
    insert into users values ${rows(people.map((p) => `${p.key}, 'user${p.n}', '${p.last}', ${p.boss ?? 'null'}`))};
    insert into mails values ${rows(people.flatMap((p) => p.mails.map((mail) => `${p.key}, '${mail}'`)))};
    insert into teams values ('all', '${edition}');
    insert into members values ${rows(members.map((p) => `'all', ${p.key}`))}; commit`
}

export interface Shown {
  readonly edition: number
  /** By uid. */
  readonly people: Readonly<Record<string, { last: string; boss?: string; mails: readonly string[] }>>
  readonly members: readonly string[]
}

/** As `shownBy` is to tell it. */
export function shownOf(edition: number, all = ALL): Shown {
  const people = peopleOf(edition, all)
  const nameOf = new Map(people.map(({ key, n }) => [key, `user${n}`]))
  const entries = people.map(({ n, last, boss, mails }) => {
    const name = boss === undefined ? undefined : nameOf.get(boss)
    return [
      `user${n}`,
      { last, ...(name !== undefined && { boss: name }), mails: [...mails].sort() },
    ] as const
  })
  const members = people.filter(({ n }) => (n + edition) % 2 === 0).map(({ n }) => `user${n}`)
  return { edition, people: Object.fromEntries(entries), members: members.sort() }
}
