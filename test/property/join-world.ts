/** Two worlds whose things partly belong together, and mappings that take their columns from both. */
import fc from 'fast-check'
import { type MappingSpec, mappingSchema } from '../../src/mapping/schema.js'
import { caseIgnore } from '../../src/schema/normalize.js'
import { zoo } from './pushdown-columns.js'
import { mappings } from './pushdown-mappings.js'
import { type Row, type World, worlds } from './pushdown-world.js'

export interface Worlds {
  readonly primary: World
  /** Its things have codes of those of the primary, in other spellings. */
  readonly secondary: World
}

const spellings: readonly ((code: string) => string)[] = [
  (code) => code,
  (code) => code.toUpperCase(),
  (code) => code.toLowerCase(),
  (code) => ` ${code}  `,
  (code) => `${code}x`,
]

export const pairs: fc.Arbitrary<Worlds> = fc
  .record({
    primary: worlds(),
    secondary: worlds(),
    links: fc.array(fc.tuple(fc.nat(10), fc.nat(spellings.length - 1)), { minLength: 8, maxLength: 8 }),
  })
  .map(({ primary, secondary, links }) => {
    const seen = new Set<string>()
    const things = secondary.things.flatMap((row, i): Row[] => {
      const [of = 0, spelling = 0] = links[i] ?? []
      const code = String(primary.things[of % primary.things.length]?.[1] ?? '')
      const spelt = (spellings[spelling] ?? String)(code)
      // MariaDB takes texts for equal that differ in spaces at the end.
      const unpadded = spelt.replace(/ +$/, '')
      if (seen.has(unpadded)) return []
      seen.add(unpadded)
      return [[row[0] ?? null, spelt, ...row.slice(2)]]
    })
    return { primary, secondary: { ...secondary, things } }
  })

/** The ids of the things that belong to each of the primary, by its own; least first. */
export function belonging({ primary, secondary }: Worlds): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const [id, code] of primary.things) {
    const form = caseIgnore(String(code))
    const same = secondary.things
      .filter((row) => caseIgnore(String(row[1])) === form)
      .map((row) => Number(row[0]))
    if (/[^ ]/.test(form) && same.length > 0) found.set(String(id), Math.min(...same))
  }
  return found
}

/** The mappings, with the columns that `chosen` says taken from the secondary, and some child tables too. */
export const joinedMappings: fc.Arbitrary<readonly MappingSpec[]> = fc
  .record({
    specs: mappings,
    chosen: fc.uniqueArray(fc.constantFrom(...zoo.map((c) => c.name)), {
      minLength: 4,
      maxLength: zoo.length,
    }),
    kids: fc.boolean(),
    optional: fc.constantFrom(true, true, false),
  })
  .map(({ specs, chosen, kids, optional }) =>
    specs.map((spec) => {
      if (spec.view !== 'things') return spec
      const names = new Set(chosen)
      const { where: _where, uuid: _uuid, ...rest } = spec
      const moved = {
        ...rest,
        attributes: {
          ...Object.fromEntries(
            Object.entries(spec.attributes).map(([name, given]) => [name, withAlias(given, names, kids)]),
          ),
          employeeNumber: 'hr.id',
        },
        ...(spec.enabled !== undefined && { enabled: withAlias(spec.enabled, names, kids) }),
        ...(spec.scim && {
          scim: {
            ...spec.scim,
            attributes: Object.fromEntries(
              Object.entries(spec.scim.attributes ?? {}).map(([name, given]) => [
                name,
                withAlias(given, names, kids),
              ]),
            ),
          },
        }),
        join: {
          hr: { source: 'other', from: 'things', on: { code: 'code' }, key: 'id', optional },
        },
      }
      return mappingSchema.parse(moved)
    }),
  )

function withAlias(given: unknown, names: ReadonlySet<string>, kids: boolean): unknown {
  if (typeof given === 'string') {
    return names.has(given)
      ? `hr.${given}`
      : given.replace(/\{([a-z_]+)\}/g, (all, name: string) => (names.has(name) ? `{hr.${name}}` : all))
  }
  if (Array.isArray(given)) return given.map((one) => withAlias(one, names, kids))
  if (typeof given !== 'object' || given === null || 'ref' in given) return given
  if ('table' in given) {
    if (!kids) return given
    const { join } = given as { readonly join?: { readonly table: string } }
    return {
      ...given,
      table: 'hr.kids',
      on: 'thing_id',
      ...(join && { join: { ...join, table: 'hr.labels' } }),
    }
  }
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => [
      key,
      ['column', 'template', 'dn'].includes(key) ? withAlias(value, names, kids) : value,
    ]),
  )
}
