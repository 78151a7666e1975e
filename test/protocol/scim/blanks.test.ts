/** Blanks in what `co`, `sw` and `ew` look for: insignificant at the ends of a value, one where there are several. */
import { describe, expect, it } from 'vitest'
import { caseIgnore } from '../../../src/schema/normalize.js'
import { databases, found } from './serving.js'
import { serving, withAttributes } from './tables.js'

const serve = serving()

const titles = ['Chief of Staff', ' Chief', 'Chief ', 'Chief  of', 'of Staff', 'Chiefof', 'a b c', ' ']
const asked = [
  ...['Chief', ' Chief', 'Chief ', ' Chief ', 'chief o', 'chief  of', ' of ', 'of', ' of', 'of ', 'f s'],
  ...['f  S', ' ', '  ', 'b', ' b', 'b ', ' b ', 'staff ', ' staff', 'ff'],
]

/** What is meant, in terms of plain text. */
const holds = {
  co: (text: string, piece: string) => text.includes(caseIgnore(piece, 'any')),
  sw: (text: string, piece: string) => text.startsWith(caseIgnore(piece, 'initial')),
  ew: (text: string, piece: string) => text.endsWith(caseIgnore(piece, 'final')),
}

describe.each(databases)('blanks, with %s', (kind, create) => {
  it('count alike whoever decides', async () => {
    const text = kind === 'MariaDB' ? 'varchar(60)' : 'text'
    const { as } = await serve(
      [
        `create table users (id integer primary key, login ${text}, title ${text}, kind ${text}, mail ${text})`,
        `create table words (person integer, word ${text})`,
        ...titles.map((title, n) => `insert into users values (${n}, 'u${n}', '${title}', 'x', 'm${n}')`),
        ...titles.map((title, n) => `insert into words values (${n}, '${title}')`),
      ],
      [
        withAttributes(
          {
            title: 'title',
            employeeType: {
              column: 'title',
              map: Object.fromEntries(titles.slice(0, -1).map((t) => [t, t])),
            },
            description: { table: 'words', on: 'person', value: 'word' },
            mail: 'mail',
          },
          { scim: { resource: 'User', attributes: { words: { attribute: 'description' } } } },
        ),
      ],
      { create },
    )
    const admin = as('admin')
    const all = (await admin.get('/Users', { attributes: 'userName' })).body.Resources ?? []
    const names = async (filter: string) => {
      const ids = await found(admin, '/Users', filter)
      return all.flatMap(({ id, userName }) => (id !== undefined && ids.includes(id) ? [userName] : []))
    }
    for (const op of ['co', 'sw', 'ew'] as const) {
      for (const piece of asked) {
        const expected = titles.flatMap((title, n) => {
          const value = caseIgnore(title)
          return /[^ ]/.test(title) && holds[op](value, piece) ? [`u${n}`] : []
        })
        for (const attribute of ['title', 'userType', 'words']) {
          const filter = `${attribute} ${op} "${piece}"`
          expect(await names(filter), filter).toEqual(expected)
          // What no database compares makes the gateway decide.
          expect(await names(`${filter} or userName ew "nobody"`), filter).toEqual(expected)
          expect(await names(`not (not (${filter}))`), filter).toEqual(expected)
        }
        const isOfWork = holds[op](caseIgnore('work'), piece)
        expect(await names(`emails.type ${op} "${piece}"`)).toEqual(
          isOfWork ? titles.map((_, n) => `u${n}`) : [],
        )
      }
    }
    for (const [filter, isSo] of [
      ['emails.type sw " WO"', true],
      ['emails.type ew "rk "', true],
      ['emails.type co " wo"', false],
      ['meta.resourceType sw " Us"', true],
      ['meta.resourceType sw "us"', false],
    ] as const)
      expect(await names(filter), filter).toHaveLength(isSo ? titles.length : 0)
  }, 60_000)
})
