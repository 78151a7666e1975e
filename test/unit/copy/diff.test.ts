import { describe, expect, it } from 'vitest'
import { decisionOf, isRemovable, removalOf } from '../../../src/copy/cycle/diff.js'
import type { ModeSettings } from '../../../src/copy/cycle/plan.js'
import type { Known } from '../../../src/copy/targets/target.js'

const mirror: ModeSettings = {
  mode: 'mirror',
  noCreate: false,
  noUpdate: false,
  noDelete: false,
  deleteDisables: false,
  tombstones: false,
  createAsDisabled: false,
  noUpdateProviderMismatch: false,
  keepExternalPerson: true,
}
const now = new Date('2026-05-01T12:00:00Z')
const known = (more: Partial<Known> = {}): Known => ({
  key: '1',
  id: '1',
  hash: 'h',
  state: 'present',
  owner: 'us',
  ...more,
})
const decide = (of: Known | undefined, modes: Partial<ModeSettings> = {}, hash = 'h') =>
  decisionOf(of, hash, 'us', { ...mirror, ...modes })
const remove = (of: Known, modes: Partial<ModeSettings> = {}) =>
  removalOf(of, 'us', { ...mirror, ...modes }, now)
const { owner: _owner, ...unowned } = known()

describe('what is done with an entry that the source has', () => {
  it('adds what is new, changes what differs, and leaves the rest', () => {
    expect(decide(undefined)).toBe('add')
    expect(decide(known())).toBe('unchanged')
    expect(decide(known(), {}, 'other')).toBe('update')
  })

  it('creates nobody and changes nobody where that is not wanted', () => {
    expect(decide(undefined, { noCreate: true })).toBe('keep')
    expect(decide(known(), { noUpdate: true }, 'other')).toBe('keep')
    expect(decide(known(), { noUpdate: true })).toBe('unchanged')
  })

  it('brings back who was disabled or gone, though they are as they were', () => {
    expect(decide(known({ state: 'disabled' }))).toBe('update')
    expect(decide(known({ state: 'gone' }))).toBe('update')
  })

  it('never touches what somebody else keeps', () => {
    expect(decide(known({ owner: 'them' }), {}, 'other')).toBe('keep')
    expect(decide(known({ owner: 'them' }), { keepExternalPerson: false }, 'other')).toBe('update')
    const careful = { keepExternalPerson: false, noUpdateProviderMismatch: true }
    expect(decide(known({ owner: 'them' }), careful, 'other')).toBe('keep')
  })

  it('takes over what nobody keeps, unless owners have to be the same', () => {
    expect(decide(unowned)).toBe('update')
    expect(decide(unowned, { noUpdateProviderMismatch: true })).toBe('keep')
  })
})

describe('what is done with an entry that the source has no longer', () => {
  it('follows the mode', () => {
    expect(remove(known())).toBe('delete')
    expect(remove(known(), { mode: 'delete' })).toBe('delete')
    expect(remove(known(), { mode: 'remove' })).toBe('disable')
    expect(remove(known(), { mode: 'remove', tombstones: true })).toBe('tombstone')
    expect(remove(known(), { mode: 'add_only' })).toBeUndefined()
    expect(remove(known(), { noDelete: true })).toBeUndefined()
    expect(remove(known(), { deleteDisables: true })).toBe('disable')
  })

  it('deletes who was disabled once the time of grace is over', () => {
    const disabled = known({ state: 'disabled', since: new Date('2026-05-01T11:00:00Z') })
    expect(remove(disabled, { mode: 'remove' })).toBeUndefined()
    expect(remove(disabled, { mode: 'remove', grace: 3_600_001 })).toBeUndefined()
    expect(remove(disabled, { mode: 'remove', grace: 3_600_000 })).toBe('delete')
  })

  it('removes nobody twice', () => {
    expect(remove(known({ state: 'gone' }))).toBeUndefined()
    expect(remove(known({ state: 'disabled' }), { deleteDisables: true })).toBeUndefined()
  })

  it('leaves alone whom it does not keep, unless told otherwise', () => {
    expect(remove(known({ owner: 'them' }))).toBeUndefined()
    expect(remove(unowned)).toBeUndefined()
    expect(remove(known({ owner: 'them' }), { keepExternalPerson: false })).toBe('delete')
  })

  it('counts as there only whom it could remove', () => {
    expect(isRemovable(known(), 'us', mirror)).toBe(true)
    expect(isRemovable(known({ owner: 'them' }), 'us', mirror)).toBe(false)
    expect(isRemovable(known({ state: 'gone' }), 'us', mirror)).toBe(false)
  })
})
