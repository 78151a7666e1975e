import { describe, expect, test } from 'vitest'
import { AtOnce } from '../../../src/sources/at-once.js'

async function* others() {
  yield ['x']
  yield ['y', 'z']
}
const batchesOf = async (all: readonly string[] | undefined) => {
  const found: (readonly string[])[] = []
  for await (const batch of new AtOnce(async () => all, others)) found.push(batch)
  return found
}

describe('batches of which there is mostly one', () => {
  test('what is there at once is one batch, nothing is none', async () => {
    expect(await batchesOf(['a', 'b'])).toEqual([['a', 'b']])
    expect(await batchesOf([])).toEqual([])
  })

  test('where it is not there at once, the others come', async () => {
    expect(await batchesOf(undefined)).toEqual([['x'], ['y', 'z']])
  })

  test('a failure is thrown once, and nothing comes behind it', async () => {
    const failing = new AtOnce<string>(async () => Promise.reject(new Error('away')), others)
    await expect(failing.next()).rejects.toThrow('away')
    expect(await failing.next()).toEqual({ done: true, value: undefined })
  })

  test('leaving early ends the others, and keeps them from being begun', async () => {
    let ended = false
    async function* endless() {
      try {
        for (;;) yield ['x']
      } finally {
        ended = true
      }
    }
    for await (const _ of new AtOnce<string>(async () => undefined, endless)) break
    expect(ended).toBe(true)
    let begun = false
    const left = new AtOnce<string>(
      async () => undefined,
      async function* () {
        begun = true
        yield ['x']
      },
    )
    const first = left.next()
    await left.return()
    expect(await first).toEqual({ done: true, value: undefined })
    expect(begun).toBe(false)
  })
})
