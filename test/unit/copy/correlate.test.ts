import { describe, expect, it } from 'vitest'
import { adoptionsOf, type Candidate } from '../../../src/copy/cycle/correlate.js'
import type { Known } from '../../../src/copy/targets/target.js'

const known = (key: string, id = key): Known => ({ key, id, hash: '', state: 'present' })
const candidate = (key: string, ...found: Known[]): Candidate => ({
  ...{ key, attr: 'uid', value: 'anna', found, stage: 'tried', hash: 'h' },
})
const never = () => false
const among =
  (...keys: string[]) =>
  (key: string) =>
    keys.includes(key)

describe('who comes back under a new key', () => {
  it('is the one whose key is there no longer', () => {
    const { adopted, unclear, claimed } = adoptionsOf([candidate('905', known('5'))], among('905'), never)
    expect(adopted.get('905')).toEqual(known('5'))
    expect(unclear.size).toBe(0)
    expect([...claimed]).toEqual(['5'])
  })

  it('is nobody whose key is still there', () => {
    const { adopted, unclear } = adoptionsOf([candidate('905', known('5'))], among('905', '5'), never)
    expect(adopted.size + unclear.size).toBe(0)
  })

  it('is nobody where several could be meant, and none of them is removed', () => {
    const { adopted, unclear, claimed } = adoptionsOf(
      [candidate('905', known('5'), known('6'))],
      among('905'),
      never,
    )
    expect(adopted.size).toBe(0)
    expect(unclear.get('905')).toContain('5, 6')
    expect([...claimed]).toEqual(['5', '6'])
  })

  it('is nobody where several could be the same', () => {
    const both = [candidate('905', known('5')), candidate('906', known('5'))]
    const { adopted, unclear, claimed } = adoptionsOf(both, among('905', '906'), never)
    expect(adopted.size).toBe(0)
    expect([...unclear.keys()]).toEqual(['905', '906'])
    expect(claimed.has('5')).toBe(true)
  })

  it('is left alone where it failed, or failed as that one, and nobody is removed for it', () => {
    const one = candidate('905', known('5'))
    const failed: Candidate = { ...one, stage: 'failed' }
    const waits: Candidate = { ...one, stage: 'waits' }
    for (const [of, isLeft] of [
      [failed, never],
      [waits, () => true],
      [one, () => true],
    ] as const) {
      const { adopted, waiting, claimed } = adoptionsOf([of], among('905'), isLeft)
      expect([adopted.size, [...waiting], [...claimed]]).toEqual([0, ['905'], ['5']])
    }
    expect(adoptionsOf([waits], among('905'), never).adopted.get('905')).toEqual(known('5'))
    expect([...adoptionsOf([waits], among('905', '5'), never).waiting]).toEqual(['905'])
  })
})
