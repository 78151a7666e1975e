/** What object classes of one's own become: whatever their entries need beyond the standard ones. */
import { describe, expect, it } from 'vitest'
import { extendSchema } from '../../../src/mapping/custom-schema.js'
import { Problems } from '../../../src/mapping/problem.js'
import { mappingSchema } from '../../../src/mapping/schema.js'
import { standardSchema } from '../../../src/schema/schema.js'

function classesOf(...views: readonly { attributes: object; objectClass: readonly string[] }[]) {
  const specs = views.map(({ attributes, objectClass }, i) =>
    mappingSchema.parse({
      view: `view${i}`,
      source: 'hr',
      from: 'users',
      key: 'id',
      attributes,
      ldap: { base: `ou=${i}`, rdn: 'uid', objectClass },
    }),
  )
  const problems = new Problems()
  const schema = extendSchema(standardSchema(), specs, problems)
  expect(problems.list).toEqual([])
  return (name: string) => {
    const found = schema.objectClass(name)
    return found && { kind: found.kind, may: found.may, sup: found.sup }
  }
}

describe('a class of its own', () => {
  const own = { uid: 'login', sn: 'last', acmeDesk: { column: 'desk', syntax: 'directoryString' } }

  it('allows what the other classes do not, of every view that has it', () => {
    const classOf = classesOf(
      { attributes: { ...own, uidNumber: 'n' }, objectClass: ['inetOrgPerson', 'acmeThing'] },
      { attributes: { uid: 'login', 'l;lang-de': 'ort' }, objectClass: ['account', 'AcmeThing'] },
    )
    expect(classOf('acmething')).toEqual({ kind: 'auxiliary', may: ['acmeDesk', 'uidNumber'], sup: ['top'] })
  })

  it('is structural where nothing else is', () => {
    const classOf = classesOf({ attributes: own, objectClass: ['top', 'acmeThing', 'acmeMore'] })
    expect(classOf('acmeThing')).toMatchObject({ kind: 'structural', may: ['uid', 'sn', 'acmeDesk'] })
    expect(classOf('acmeMore')).toMatchObject({ kind: 'auxiliary', may: [] })
  })

  it('leaves what is operational, and memberOf, as they are', () => {
    const attributes = {
      uid: 'login',
      entryUUID: 'u',
      createTimestamp: 'c',
      memberOf: { ref: 'view0', column: 'g' },
    }
    expect(classesOf({ attributes, objectClass: ['account', 'acmeThing'] })('acmeThing')?.may).toEqual([])
  })
})
