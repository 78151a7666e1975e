/** entryUUIDs made of keys lead back to their keys, and to no others. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { uuidOperation } from '../../../src/mapping/operations/uuid.js'
import type { Cell, Column } from '../../../src/sources/source.js'

const key = (kind: Column['kind']): Column =>
  kind === 'integer' ? { name: 'id', kind, range: [-(2n ** 63n), 2n ** 63n - 1n] } : { name: 'id', kind }
const ask = (kind: Column['kind'], uuid: string) =>
  uuidOperation('people', key(kind)).rewrite({ op: 'eq', attr: 'entryUUID', value: uuid })
const uuidOf = (cell: Cell, view = 'people') => {
  const [uuid] = uuidOperation(view, key('other')).reader(() => 0)([cell])
  return uuid === undefined ? undefined : String(uuid)
}

describe('the UUID of a key', () => {
  it('is a version 8 UUID (RFC 9562 5.8), the same for ever', () => {
    expect(uuidOf(42)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(uuidOf(42)).toBe(uuidOf(42n))
    expect(uuidOf(42)).not.toBe(uuidOf(42, 'groups'))
    expect(uuidOf(42)).not.toBe(uuidOf('42'))
  })

  it('leads back to an integer', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 62n - 1n }), (n) => {
        expect(ask('integer', uuidOf(n) ?? '')).toMatchObject({
          test: { test: 'compare', op: 'eq', value: n },
        })
      }),
    )
  })

  it('leads back to a short text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 7 }), (text) => {
        const uuid = uuidOf(text)
        if (Buffer.byteLength(text) > 7) expect(uuid).toBeUndefined()
        else expect(ask('text', uuid ?? '')).toMatchObject({ test: { rule: 'exact', value: text } })
      }),
    )
  })

  it('is the key itself where that is one', () => {
    const own = '123e4567-e89b-42d3-a456-426614174000'
    expect(uuidOf(own.toUpperCase())).toBe(own)
    expect(uuidOf(Buffer.from(own.replaceAll('-', ''), 'hex'))).toBe(own)
    expect(ask('uuid', own.toUpperCase())).toMatchObject({ test: { test: 'compare', value: own } })
  })

  it('is missing where the key does not fit', () => {
    expect([-1, 2n ** 62n, '', 'too long for it', Buffer.from('short'), null].map((k) => uuidOf(k))).toEqual(
      Array(6).fill(undefined),
    )
  })

  it('finds nothing where it is another view’s or no UUID', () => {
    expect(ask('integer', uuidOf(42, 'groups') ?? '')).toEqual({ op: 'const', value: false })
    expect(ask('integer', 'no-uuid')).toEqual({ op: 'const', value: false })
  })
})
