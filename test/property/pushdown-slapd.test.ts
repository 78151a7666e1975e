/**
 * As `pushdown.test.ts`, of a directory behind the gateway: what a server is asked and what is decided on its entries
 * select together exactly what the filter means. Random entries of a real OpenLDAP, random mappings, random filters.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { filterText } from '../../src/directory/explain.js'
import { mappingSchema } from '../../src/mapping/schema.js'
import { ctx, directoryOf, parametersOf, runsOf } from './directories.js'
import { filterOf } from './pushdown-filters.js'
import { intents } from './pushdown-intents.js'
import { isMeant } from './pushdown-meaning.js'
import { companies, fillSlapd, slapdOpened, suffix } from './slapd-world.js'

const runs = runsOf(1 / 3)

const attributes = fc.record(
  {
    cn: fc.constantFrom<unknown>('cn', '{givenName} {sn}', 'displayName', { column: 'cn', case: 'lower' }, [
      'cn',
      'sn',
    ]),
    description: fc.constantFrom<unknown>(
      'description',
      { column: 'employeeType', map: { foo: 'staff', é: 'é x' } },
      'labeledURI',
    ),
    title: fc.constantFrom<unknown>('title', 'homeDirectory', { constant: 'foo' }, 'telephoneNumber'),
    labeledURI: fc.constantFrom('labeledURI', 'displayName', 'memberUid'),
    memberUid: fc.constantFrom('memberUid', 'mail'),
    mail: fc.constantFrom('mail', 'memberUid'),
    homeDirectory: fc.constantFrom('homeDirectory', 'cn'),
    telephoneNumber: fc.constantFrom('telephoneNumber', 'description'),
    uidNumber: fc.constantFrom<unknown>('uidNumber', 'gidNumber'),
    xFlag: fc.constantFrom<unknown>(
      { column: 'gidNumber', bit: 2, syntax: 'boolean' },
      { column: 'uidNumber', bit: 2, is: 'clear', syntax: 'boolean' },
      { column: 'employeeType', equals: 'foo', syntax: 'boolean' },
      { column: 'uidNumber', equals: [1, 2], syntax: 'boolean' },
    ),
    jpegPhoto: fc.constant('jpegPhoto'),
    seeAlso: fc.constantFrom<unknown>('seeAlso', { column: 'seeAlso', suffix: { 'dc=corp': 'dc=example' } }),
    manager: fc.constant({ ref: 'people', column: 'manager' }),
    secretary: fc.constant({ ref: 'people', by: 'manager' }),
    memberOf: fc.constant({ ref: 'groups', by: 'member' }),
  },
  { requiredKeys: ['manager'] },
)

const mappings = fc
  .record({
    attributes,
    place: fc.constantFrom(
      `ou=people,${suffix}`,
      `${suffix}??sub?(uid=*)`,
      `ou=people,${suffix}??one?(!(title=foo))`,
    ),
    where: fc.option(
      fc.constantFrom<unknown>({ employeeType: 'foo' }, { gidNumber: { not: [1, 42] } }, { mail: null }),
      {
        nil: undefined,
        freq: 1,
      },
    ),
    uuid: fc.constantFrom(undefined, 'entryUUID'),
  })
  .map(({ attributes: given, place, where, uuid }) => [
    mappingSchema.parse({
      view: 'people',
      source: 'corp',
      from: place,
      ...(uuid !== undefined && { uuid }),
      ...(where !== undefined && { where }),
      attributes: { uid: 'uid', ...given },
      ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
      scim: { resource: 'User' },
    }),
    mappingSchema.parse({
      view: 'groups',
      source: 'corp',
      from: `ou=groups,${suffix}`,
      where: { objectClass: 'groupOfNames' },
      attributes: {
        cn: 'cn',
        description: 'description',
        member: [
          { ref: 'people', column: 'member' },
          { ref: 'groups', column: 'member' },
        ],
        memberOf: { ref: 'groups', by: 'member' },
      },
      ldap: { base: 'ou=groups', rdn: 'cn', objectClass: ['groupOfNames'] },
    }),
  ])

describe('a directory behind the gateway', () => {
  const opened = slapdOpened()

  it(`selects and counts what filters mean, in ${runs} random directories`, {
    timeout: 1_800_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        companies,
        mappings,
        fc.array(intents, { minLength: 1, maxLength: 8 }),
        async (filled, specs, wanted) => {
          await fillSlapd(opened().client, filled)
          const { core, all } = await directoryOf(specs, opened().source)
          const everything = [...all.values()].flat()
          for (const intent of wanted) {
            for (const view of core.views.values()) {
              const filter = filterOf(intent, view, everything, core.schema)
              const meant = (all.get(view.name) ?? [])
                .filter((e) => isMeant(filter, e, everything, core.matchingOf))
                .map((e) => e.id)
              const found: string[] = []
              const asked = { view: view.name, filter, attributes: new Set<string>() }
              for await (const batch of core.search(asked, ctx())) found.push(...batch.map((e) => e.id))
              expect(found, `${view.name} ${filterText(filter)}`).toEqual(meant)
              expect(await core.count(asked, ctx()), `number of ${filterText(filter)}`).toBe(meant.length)
            }
          }
        },
      ),
      parametersOf(runs),
    )
  })
})
