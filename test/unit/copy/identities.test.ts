import { describe, expect, it } from 'vitest'
import { Identities } from '../../../src/copy/cycle/identities.js'
import { Ref } from '../../../src/model/value.js'

describe('what entries are called in the target', () => {
  it('is their key, unless that is the id of somebody else', () => {
    const identities = new Identities()
    expect(identities.newId('people', '5')).toBe('5')
    identities.set('people', '905', '5')
    expect(identities.idOf('people', '905')).toBe('5')
    const made = identities.newId('people', '5')
    expect(made).toMatch(/^[1-9]\d{13}$/)
    identities.set('people', 'anna@b', 'anna')
    expect(identities.newId('people', 'anna')).toMatch(/^[0-9a-f-]{36}$/)
    expect(identities.newId('people', '5')).toBe(made)
    expect(identities.newId('groups', '5')).toBe('5')
  })

  it('is what references to them say, also in parts', () => {
    const identities = new Identities()
    identities.set('people', '905', '5')
    const attributes = new Map([
      ['manager', [new Ref('people', ['anna'], '905'), new Ref('people', ['ben'], '6')]],
      ['owner', [{ value: new Ref('people', ['anna'], '905'), type: 'x' }]],
      ['seeAlso', [new Ref('groups', ['staff'], '905'), new Ref('people', ['cleo'])]],
      ['cn', ['905']],
    ])
    const { id, attributes: found } = identities.translated({ view: 'people', id: '7', attributes }, '77')
    expect(id).toBe('77')
    expect(found.get('manager')).toEqual([new Ref('people', ['anna'], '5'), new Ref('people', ['ben'], '6')])
    expect(found.get('owner')).toEqual([{ value: new Ref('people', ['anna'], '5'), type: 'x' }])
    expect(found.get('seeAlso')).toEqual(attributes.get('seeAlso'))
    expect(found.get('cn')).toEqual(['905'])
  })

  it('costs nothing where all are called by their keys', () => {
    const entry = { view: 'people', id: '7', attributes: new Map() }
    expect(new Identities().translated(entry, '7')).toBe(entry)
  })
})
