import { describe, expect, it } from 'vitest'
import { Cursors } from '../../../../../src/frontends/scim/cursor.js'

describe('cursors', () => {
  const cursors = new Cursors('a secret')

  it('come back as they were given out, by any replica with the secret', () => {
    for (const position of [{ stage: 0 }, { stage: 2, after: 'é/"', total: 7 }, { stage: 1, skip: 200 }]) {
      const cursor = cursors.write(position, 'the query')
      expect(cursor).toMatch(/^[\w-]+$/)
      expect(new Cursors('a secret').read(cursor, 'the query')).toEqual(position)
    }
  })

  it('are good for their own query, with their own secret, unaltered', () => {
    const cursor = cursors.write({ stage: 0, after: '10' }, 'the query')
    const bytes = Buffer.from(cursor, 'base64url')
    bytes[20] = (bytes[20] ?? 0) ^ 1
    for (const attempt of [
      () => cursors.read(cursor, 'another query'),
      () => new Cursors('another secret').read(cursor, 'the query'),
      () => cursors.read(bytes.toString('base64url'), 'the query'),
      () => cursors.read('', 'the query'),
      () => cursors.read('x'.repeat(100_000), 'the query'),
      () => cursors.read('!!!!', 'the query'),
    ]) {
      expect(attempt).toThrow(expect.objectContaining({ code: 'invalidCursor' }))
    }
  })
})
