import { describe, expect, it } from 'vitest'
import type { ValidationSettings } from '../../../src/copy/cycle/plan.js'
import { validated } from '../../../src/copy/cycle/validate.js'
import type { Value } from '../../../src/model/value.js'

const settings: ValidationSettings = { required: [], defaults: {}, strict: false, absent: {}, additive: [] }

function check(attributes: Record<string, readonly Value[]>, more: Partial<ValidationSettings>) {
  const entry = { view: 'people', id: '1', attributes: new Map(Object.entries(attributes)) }
  const found = validated({ entry, enabled: true }, { ...settings, ...more })
  return 'code' in found ? found : Object.fromEntries(found.entry.attributes)
}

describe('validation', () => {
  it('lets through what has all that it has to', () => {
    expect(check({ mail: ['a@b'] }, { required: ['mail'] })).toEqual({ mail: ['a@b'] })
  })

  it('says what is missing; an attribute without values is', () => {
    expect(check({}, { required: ['mail'] })).toEqual({ code: 'missing', message: 'it has no mail' })
    expect(check({ mail: [] }, { required: ['mail'] })).toMatchObject({ code: 'missing' })
  })

  it('gives what is missing, made of other attributes too', () => {
    const defaults = { mail: '{uid}@example.com', cn: 'Nobody' }
    expect(check({ uid: ['anna'] }, { defaults, required: ['mail', 'cn'] })).toEqual({
      uid: ['anna'],
      mail: ['anna@example.com'],
      cn: ['Nobody'],
    })
    expect(check({ uid: ['anna'], mail: ['x@y'], cn: ['A'] }, { defaults })).toMatchObject({ mail: ['x@y'] })
  })

  it('gives nothing that is made of what is missing too', () => {
    const defaults = { mail: '{uid}@example.com' }
    expect(check({ sn: ['x'] }, { defaults })).toEqual({ sn: ['x'] })
    expect(check({ sn: ['x'] }, { defaults, required: ['mail'] })).toMatchObject({ code: 'missing' })
  })

  it('gives nothing where it is strict', () => {
    expect(check({}, { defaults: { mail: 'a@b' }, strict: true })).toMatchObject({ code: 'missing' })
  })
})
