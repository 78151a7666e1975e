/**
 * As `pushdown.test.ts`, over a source like an LDAP directory: attributes of several values, references by names, bits,
 * and an entry's own name among further values.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { filterText } from '../../src/directory/explain.js'
import type { Entry } from '../../src/model/entry.js'
import { TRUE } from '../../src/model/filter.js'
import { directoryTable } from '../data/memory-directory.js'
import { type Served, served } from '../data/memory-gateway.js'
import { checked, runsOf } from './directories.js'
import { filterOf } from './pushdown-filters.js'
import { intents } from './pushdown-intents.js'
import { isMeant } from './pushdown-meaning.js'

const several = { kind: 'text', several: true } as const
const things = directoryTable('things', {
  uid: several,
  cn: several,
  mail: several,
  kind: several,
  phone: several,
  flags: 'integer',
  since: 'integer',
  boss: several,
  related: several,
})
const groups = directoryTable('groups', { cn: several, member: several })
const mapped = {
  things: {
    from: 'things',
    where: { kind: { not: 'hidden' } },
    attributes: {
      uid: 'uid',
      cn: 'cn',
      mail: { column: 'mail', case: 'lower' },
      description: '{uid} {mail}',
      title: { column: 'mail', single: true },
      employeeType: { column: 'kind', map: { a: 'staff', b: 'guest' } },
      telephoneNumber: 'phone',
      xKind: { column: 'kind', equals: 'a', syntax: 'boolean' },
      xBit: { column: 'flags', bit: 2, is: 'clear' },
      uidNumber: 'flags',
      createTimestamp: { column: 'since', type: 'filetime' },
      manager: { ref: 'things', column: 'boss' },
      owner: { ref: 'things', by: 'manager' },
      memberOf: { ref: 'grps', by: 'member' },
      seeAlso: { column: 'related', suffix: { 'o=in': 'o=out', 'ou=x,o=in': 'o=y' } },
    },
    enabled: { column: 'kind', not: ['b', 'c'] },
    ldap: { base: 'ou=things', rdn: 'uid', objectClass: ['account'] },
    scim: { resource: 'User' },
  },
  grps: {
    from: 'groups',
    attributes: {
      cn: 'cn',
      member: [
        { ref: 'things', column: 'member' },
        { ref: 'grps', column: 'member' },
      ],
      memberOf: { ref: 'grps', by: 'member' },
    },
    ldap: { base: 'ou=groups', rdn: 'cn', objectClass: ['groupOfNames'] },
  },
}

const listOf = (...values: readonly [string, ...string[]]) =>
  fc.uniqueArray(fc.constantFrom(...values), { maxLength: 3 })
const thingNames = ['uid=u0,o=in', 'uid=u1,o=in', 'uid=u2,o=in', 'uid=u3,o=in'] as const
const groupNames = ['cn=g0,o=in', 'cn=g1,o=in', 'cn=g2,o=in'] as const
const cellsOf = (values: readonly string[]) => (values.length === 0 ? null : values)
const thing = fc.record({
  uid: listOf('u0', 'u1', 'U2', 'other'),
  cn: listOf('foo', 'Foo bar', 'u1', 'é'),
  mail: listOf('A@x', 'b@x', 'c@X'),
  kind: listOf('a', 'b', 'c', 'hidden'),
  phone: listOf('1 2', '12', '3'),
  flags: fc.constantFrom(null, 0, 1, 2, 3, -1, 512n),
  since: fc.constantFrom(null, 0n, 132223104000000000n, 132223104000009999n, 2n ** 63n - 1n),
  boss: listOf(...thingNames, 'uid=gone,o=in'),
  related: listOf('cn=a,o=in', 'cn=a,ou=x,o=in', 'cn=a,o=out', 'cn=a,o=y', 'o=in'),
})
const group = fc.record({
  cn: listOf('g0', 'g1', 'G2', 'other'),
  member: listOf(...thingNames, ...groupNames),
})
/** Each is called by its number first. */
const worlds = fc.record({
  things: fc.array(thing, { minLength: 1, maxLength: thingNames.length }).map((all) =>
    all.map(({ uid, ...more }, i) => ({
      ...Object.fromEntries(Object.entries(more).map(([k, v]) => [k, Array.isArray(v) ? cellsOf(v) : v])),
      dn: thingNames[i] ?? '',
      uid: [...new Set([`u${i}`, ...uid])],
    })),
  ),
  groups: fc.array(group, { maxLength: groupNames.length }).map((all) =>
    all.map(({ cn, member }, i) => ({
      dn: groupNames[i] ?? '',
      cn: [...new Set([`g${i}`, ...cn])],
      member: cellsOf(member),
    })),
  ),
})

const present = (entries: readonly Readonly<Record<string, unknown>>[]) =>
  entries.map((entry) =>
    Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null)),
  ) as Parameters<Served['source']['add']>[1]

it('selects, counts and names what is meant', { timeout: 1_800_000 }, async () => {
  await checked(
    fc.asyncProperty(worlds, fc.array(intents, { minLength: 1, maxLength: 6 }), async (world, wanted) => {
      const { directory, ctx, ids, named } = await served(mapped, (source) =>
        source.add(things, present(world.things)).add(groups, present(world.groups)),
      )
      const all: Entry[] = []
      for (const view of directory.views.keys()) {
        const request = { view, filter: TRUE, attributes: 'all', displays: true } as const
        for await (const entries of directory.search(request, ctx)) all.push(...entries)
      }
      for (const view of directory.views.values()) {
        const own = all.filter((entry) => entry.view === view.name)
        for (const intent of wanted) {
          const filter = filterOf(intent, view, all, directory.schema)
          const meant = own.filter((e) => isMeant(filter, e, all, directory.matchingOf)).map(({ id }) => id)
          expect(await ids(view.name, filter), `${view.name} ${filterText(filter)}`).toEqual(meant)
          const counted = { view: view.name, filter, attributes: new Set<string>() }
          expect(await directory.count(counted, ctx), `number of ${filterText(filter)}`).toBe(meant.length)
        }
        for (const { id, attributes } of own) {
          const [first, ...others] = (attributes.get(view.rdn[0] ?? '') ?? []).map(String)
          expect(await named(view.name, first ?? '')).toEqual([id])
          for (const other of others) expect(await named(view.name, other)).not.toContain(id)
        }
      }
    }),
    runsOf(1),
  )
})
