/** The population and filters that differential tests rely on: repeatable, awkward, and correctly written. */
import { describe, expect, it } from 'vitest'
import { randomFilters } from '../../data/filters.js'
import { escapeDnValue, toLdif } from '../../data/ldif.js'
import { makePopulation } from '../../data/people.js'
import { Random } from '../../data/random.js'
import { fold } from '../../data/text.js'

const sizes = { people: 500, groups: 80 }

describe('a population', () => {
  const population = makePopulation({ seed: 5, ...sizes })
  const { people, groups } = population

  it('is the same for the same seed, and another for another', () => {
    expect(makePopulation({ seed: 5, ...sizes })).toEqual(population)
    expect(makePopulation({ seed: 6, ...sizes })).not.toEqual(population)
  })

  it('names everybody differently, whatever case, accents and spaces count for', () => {
    const letters = (text: string) => fold(text).replace(/\p{Mn}/gu, '')
    expect(new Set(people.map((person) => letters(person.uid))).size).toBe(sizes.people)
    expect(new Set(groups.map((group) => letters(group.cn))).size).toBe(sizes.groups)
  })

  it('refers only to people and groups that exist', () => {
    for (const { manager } of people) {
      if (manager !== null) expect(people[manager - 1]?.id).toBe(manager)
    }
    for (const { members, groups: nested } of groups) {
      for (const id of members) expect(people[id - 1]?.id).toBe(id)
      for (const id of nested) expect(groups[id - 1]?.id).toBe(id)
    }
  })

  it('has every awkwardness: absent and empty text, several and no values, decomposed and long text, nesting', () => {
    expect(people.some((p) => p.title === null)).toBe(true)
    expect(people.some((p) => p.title === '')).toBe(true)
    expect(new Set(people.map((p) => p.mail.length))).toEqual(new Set([0, 1, 2, 3]))
    expect(new Set(people.map((p) => p.phones.length))).toEqual(new Set([0, 1, 2]))
    expect(people.some((p) => p.cn !== p.cn.normalize('NFC'))).toBe(true)
    expect(people.some((p) => p.note?.length === 2000)).toBe(true)
    expect(people.some((p) => / $/.test(p.uid))).toBe(true)
    expect(groups.some((g) => g.groups.length > 0)).toBe(true)
    expect(groups.some((g) => g.members.length === 0)).toBe(true)
  })

  it('has no blank text, which a native directory cannot hold', () => {
    const texts = people.flatMap((p) => [p.uid, p.cn, p.sn, p.givenName, p.title, p.note, p.remark])
    expect(texts.filter((text) => text !== null && /^\s+$/.test(text))).toEqual([])
  })
})

describe('LDIF', () => {
  it('leaves out empty text, and encodes what a line cannot hold', () => {
    const [person] = makePopulation({ seed: 1, people: 1, groups: 0 }).people
    if (person === undefined) throw new Error('no person')
    const odd = {
      ...person,
      uid: 'a,b ',
      cn: ' x',
      sn: 'Ü',
      givenName: '',
      title: null,
      note: 'a\nb',
      remark: null,
    }
    const lines = toLdif({ people: [odd], groups: [] }, 'dc=example').split('\n')
    expect(lines).toContain('dn: uid=a\\,b\\ ,ou=people,dc=example')
    expect(lines).toContain('uid:: YSxiIA==')
    expect(lines).toContain('cn:: IHg=')
    expect(lines).toContain('sn:: w5w=')
    expect(lines).toContain('description:: YQpi')
    expect(lines.filter((line) => /^(givenName|title):/.test(line))).toEqual([])
    expect(lines).toContain('displayName:: w5w=')
  })

  it.each([
    ['a"b+c,d;e<f>g\\h', 'a\\"b\\+c\\,d\\;e\\<f\\>g\\\\h'],
    [' # ', '\\ #\\ '],
    ['#1', '\\#1'],
    [' ', '\\ '],
    ['  ', '\\ \\ '],
    ['a=b', 'a=b'],
  ])('escapes %j in a DN as RFC 4514 2.4 asks', (text, escaped) => {
    expect(escapeDnValue(text)).toBe(escaped)
  })
})

describe('random filters', () => {
  const population = makePopulation({ seed: 5, ...sizes })
  const filters = (seed: number, suffix?: string) =>
    randomFilters(
      { random: new Random(seed), population, about: 'people', ...(suffix !== undefined && { suffix }) },
      300,
    )

  it('repeat for the same seed', () => {
    expect(filters(1)).toEqual(filters(1))
    expect(filters(1)).not.toEqual(filters(2))
  })

  it('balance their parentheses, escape the rest, and nest no deeper than asked', () => {
    for (const filter of filters(3, 'dc=example')) {
      let depth = 0
      let deepest = 0
      for (const character of filter) {
        if (character === '(') deepest = Math.max(deepest, ++depth)
        if (character === ')') depth--
      }
      expect(depth).toBe(0)
      expect(deepest).toBeLessThanOrEqual(5)
      expect(filter).not.toMatch(/\\(?![0-9a-f]{2})/i)
    }
  })

  it('assert DNs only when given a suffix', () => {
    const dn = /,ou=people,/i
    expect(filters(4, 'dc=example').some((filter) => dn.test(filter))).toBe(true)
    expect(filters(4).some((filter) => dn.test(filter))).toBe(false)
  })
})
