/** References in filters: how they compare, and how names become keys. */
import { describe, expect, it } from 'vitest'
import { hasNamedRef, resolveRefs, withReferences } from '../../../src/directory/references.js'
import type { Filter } from '../../../src/model/filter.js'
import { Ref } from '../../../src/model/value.js'
import type { View } from '../../../src/model/view.js'
import { standardSchema } from '../../../src/schema/schema.js'
import { viewOf } from '../../data/directory.js'

const schema = standardSchema()
const view = (name: string, rdn: string): View => viewOf(name, { rdn: [rdn] })
const matchingOf = withReferences(
  (attr, rule) => schema.matching(attr, rule),
  new Map([
    ['people', view('people', 'uid')],
    ['groups', view('groups', 'cn')],
  ]),
)
const form = (ref: Ref) => matchingOf('member')?.equality?.(ref)
const asks = (value: Ref): Filter => ({ op: 'eq', attr: 'member', value })

describe('references', () => {
  it('are equal where they name the same, whatever is known of their keys', () => {
    expect(form(new Ref('people', ['Ada  L'], '1'))).toBe(form(new Ref('people', [' ada l'])))
    expect(form(new Ref('people', ['ada']))).not.toBe(form(new Ref('groups', ['ada'])))
    expect(form(new Ref('people', ['ada']))).not.toBe(form(new Ref('people', ['bob'])))
  })

  it('leave other values as they are compared', () => {
    expect(matchingOf('cn')?.equality?.(' Ada')).toBe('ada')
    expect(matchingOf('jpegPhoto')?.equality).toBeUndefined()
  })
})

describe('names in a filter', () => {
  const named = new Ref('people', ['ada'])
  const unknown = new Ref('people', ['nobody'])
  const keyed = new Ref('people', ['bob'], '2')

  it('are told from keys', () => {
    expect(hasNamedRef({ op: 'not', of: asks(named) })).toBe(true)
    expect(hasNamedRef({ op: 'and', of: [asks(keyed), { op: 'present', attr: 'member' }] })).toBe(false)
  })

  it('become keys; those of nobody are false, and their negation true', async () => {
    const found = new Ref('people', ['ada'], '1')
    const filter: Filter = { op: 'or', of: [asks(named), { op: 'not', of: asks(unknown) }, asks(keyed)] }
    const resolved = await resolveRefs(filter, async () => new Map([[named, found]]))
    expect(resolved).toEqual({
      op: 'or',
      of: [asks(found), { op: 'not', of: { op: 'const', value: false } }, asks(keyed)],
    })
  })
})
