/** One view's cache: who shares a question, what is kept, and until when. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CachedView,
  type CacheOptions,
  type Question,
} from '../../../src/directory/layers/cache/cached-view.js'
import { keptEntry, keyOf, sizeOf } from '../../../src/directory/layers/cache/question.js'
import { VitrineError } from '../../../src/model/errors.js'
import type { Filter } from '../../../src/model/filter.js'
import { Provenance } from '../../../src/model/provenance.js'
import { ANONYMOUS, type Context } from '../../../src/model/request.js'
import { Ref } from '../../../src/model/value.js'

const options: CacheOptions = {
  ttl: 1000,
  staleIfError: 0,
  maxAnswers: 100,
  maxBytes: 100_000,
  maxEntries: 5,
}

/** A view whose source answers when it is told to, and a clock. */
function world(more: Partial<CacheOptions> = {}) {
  const time = { now: 0 }
  const view = new CachedView({ ...options, ...more }, () => time.now)
  const asked: { answer: (...batches: number[][]) => void; fail: (error: Error) => void; ctx: Context }[] = []
  const ended: string[] = []
  const question: Question<number> = {
    key: 'which?',
    sizeOf: () => 10,
    kept: (item) => item,
    ask: async function* (ctx) {
      try {
        const batches = await new Promise<number[][]>((resolve, reject) => {
          asked.push({ answer: (...all) => resolve(all), fail: reject, ctx })
          ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason))
        })
        yield* batches
      } finally {
        ended.push('ended')
      }
    },
  }
  const ask = async (signal = new AbortController().signal, missing?: Set<string>) => {
    const kept = new Provenance()
    const ctx = { principal: ANONYMOUS, signal, kept, ...(missing && { missing }) }
    const found: number[] = []
    for await (const batch of view.answer(question, ctx, kept)) found.push(...batch)
    return { found, isLive: kept.isLive, kept }
  }
  return { view, asked, ask, time, ended, question }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('questions', () => {
  it('asked at the same time are asked once', async () => {
    const { asked, ask, view } = world()
    const all = [ask(), ask(), ask()]
    await settled()
    asked[0]?.answer([1, 2], [3])
    expect((await Promise.all(all)).map(({ found }) => found)).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ])
    expect(asked).toHaveLength(1)
    expect((await ask()).found).toEqual([1, 2, 3])
    expect(view.state).toMatchObject({ hits: 1, misses: 3, answers: 1 })
  })

  it('go on for the others when one of them leaves, and end with the last', async () => {
    const { asked, ask, ended } = world()
    const [one, other] = [new AbortController(), new AbortController()]
    const left = ask(one.signal)
    const stays = ask(other.signal)
    await settled()
    one.abort(new Error('gone'))
    await expect(left).rejects.toThrow('gone')
    expect(asked[0]?.ctx.signal.aborted).toBe(false)
    asked[0]?.answer([7])
    expect((await stays).found).toEqual([7])

    const second = world()
    const alone = second.ask(one.signal).catch(() => 'left')
    expect(await alone).toBe('left')
    const last = second.ask(other.signal)
    await settled()
    other.abort(new Error('gone too'))
    await expect(last).rejects.toThrow('gone too')
    await settled()
    expect(second.asked[0]?.ctx.signal.aborted).toBe(true)
    // Whoever comes then asks anew.
    const next = second.ask()
    await settled()
    second.asked[1]?.answer([8])
    expect((await next).found).toEqual([8])
    expect(ended).toHaveLength(1)
  })

  it('are not asked on behalf of anybody', async () => {
    const { asked, ask } = world()
    const found = ask()
    await settled()
    expect(asked[0]?.ctx).toMatchObject({ principal: ANONYMOUS })
    expect(asked[0]?.ctx.kept).toBeUndefined()
    asked[0]?.answer([1])
    await found
  })

  it('that fail are not kept', async () => {
    const { asked, ask } = world()
    const failing = [ask(), ask()]
    await settled()
    asked[0]?.fail(new VitrineError('unavailable'))
    for (const one of failing) await expect(one).rejects.toMatchObject({ code: 'unavailable' })
    const next = ask()
    await settled()
    asked[1]?.answer([1])
    expect((await next).found).toEqual([1])
  })
})

describe('answers', () => {
  const answered = async ({ asked, ask }: ReturnType<typeof world>, ...batches: number[][]) => {
    const asking = ask()
    await settled()
    asked.at(-1)?.answer(...batches)
    return asking
  }

  it('are kept for their time, counted from the question', async () => {
    const one = world()
    const { kept } = await answered(one, [1])
    expect(kept.until).toBe(1000)
    one.time.now = 999
    expect((await one.ask()).found).toEqual([1])
    one.time.now = 1000
    expect((await answered(one, [2])).found).toEqual([2])
  })

  it('that are large go through, to each who asks, and are not kept', async () => {
    const { asked, ask, view, ended } = world()
    const all = [ask(), ask()]
    await settled()
    asked[0]?.answer([1, 2, 3], [4, 5, 6], [7])
    await settled()
    asked[1]?.answer([1, 2, 3], [4, 5, 6], [7])
    for (const one of all) expect(await one).toMatchObject({ found: [1, 2, 3, 4, 5, 6, 7], isLive: true })
    expect(view.state.answers).toBe(0)
    expect(ended).toHaveLength(2)
  })

  it('that are large end with those who leave them', async () => {
    const { asked, view, question, ended } = world()
    const kept = new Provenance()
    const ctx = { principal: ANONYMOUS, signal: new AbortController().signal, kept }
    const reading = (async () => {
      for await (const batch of view.answer(question, ctx, kept)) return batch
      return undefined
    })()
    await settled()
    asked[0]?.answer([1, 2, 3], [4, 5, 6], [7])
    expect(await reading).toEqual([1, 2, 3])
    expect(ended).toHaveLength(1)
  })

  it('are of no use once something has changed, nor those that were asked for before', async () => {
    const one = world()
    const { kept } = await answered(one, [1])
    const before = one.ask()
    expect((await before).found).toEqual([1])
    one.view.clear()
    expect([...kept.epochs].every(({ over }) => over)).toBe(true)
    const old = one.ask()
    await settled()
    one.view.clear()
    const fresh = one.ask()
    await settled()
    expect(one.asked).toHaveLength(3)
    one.asked[1]?.answer([1])
    expect(await old).toMatchObject({ found: [1], isLive: true })
    one.asked[2]?.answer([2])
    expect((await fresh).found).toEqual([2])
    expect((await one.ask()).found).toEqual([2])
  })

  it('are not kept while changes could go unheard', async () => {
    const one = world()
    await answered(one, [1])
    const ear = {}
    one.view.deafen(ear)
    expect((await answered(one, [2])).found).toEqual([2])
    expect((await answered(one, [3])).found).toEqual([3])
    one.view.hear(ear)
    expect((await answered(one, [4])).found).toEqual([4])
    expect((await one.ask()).found).toEqual([4])
  })

  it('of which a part is missing are given to those who take it, and not kept', async () => {
    const { view } = world()
    let asked = 0
    const question: Question<number> = {
      key: 'which?',
      sizeOf: () => 10,
      kept: (item) => item,
      ask: async function* ({ missing }) {
        asked++
        if (missing === undefined) throw new VitrineError('unavailable')
        missing.add('hr')
        yield [1]
      },
    }
    for (const missing of [new Set<string>(), new Set<string>()]) {
      const kept = new Provenance()
      const ctx = { principal: ANONYMOUS, signal: new AbortController().signal, kept, missing }
      for await (const batch of view.answer(question, ctx, kept)) expect(batch).toEqual([1])
      expect([...missing]).toEqual(['hr'])
      expect(kept.isLive).toBe(true)
    }
    expect(asked).toBe(2)
    const kept = new Provenance()
    const whole = { principal: ANONYMOUS, signal: new AbortController().signal, kept }
    await expect(view.answer(question, whole, kept)[Symbol.asyncIterator]().next()).rejects.toThrow()
  })

  it('stand in for a source that cannot be asked, as long as that is wanted', async () => {
    const one = world({ staleIfError: 5000 })
    await answered(one, [1])
    const failing = async () => {
      const asking = one.ask()
      await settled()
      one.asked.at(-1)?.fail(new VitrineError('unavailable'))
      return asking
    }
    one.time.now = 5999
    expect(await failing()).toMatchObject({ found: [1], isLive: true })
    one.view.deafen(one)
    expect((await failing()).found).toEqual([1])
    expect(one.view.state.stale).toBe(2)
    one.time.now = 6000
    await expect(failing()).rejects.toMatchObject({ code: 'unavailable' })
    one.time.now = 5999
    one.view.clear()
    await expect(failing()).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('take no more room than there is', async () => {
    const view = new CachedView({ ...options, maxBytes: 10_000 })
    for (let i = 0; i < 200; i++) {
      const kept = new Provenance()
      const ctx = { principal: ANONYMOUS, signal: new AbortController().signal, kept }
      const ask = async function* () {
        yield [i]
      }
      const question = { key: `which ${i}?`, ask, sizeOf: () => 500, kept: (item: number) => item }
      for await (const batch of view.answer(question, ctx, kept)) expect(batch).toEqual([i])
    }
    expect(view.state.bytes).toBeLessThanOrEqual(10_000)
    expect(view.state.answers).toBeGreaterThan(5)
  })
})

describe('keys', () => {
  const attributes = new Set(['uid'])
  const key = (filter: Filter) => keyOf({ view: 'people', filter, attributes })
  const scalars = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.bigInt(),
    fc.boolean(),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array(),
    fc.array(fc.string()).map((names) => new Ref('people', names)),
  )
  const same = (a: unknown, b: unknown): boolean =>
    typeof a === typeof b && (a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b)))

  it('are the same for the same question only', () => {
    fc.assert(
      fc.property(scalars, scalars, (a, b) => {
        const [one, other] = [a, b].map((value) => key({ op: 'eq', attr: 'uid', value }))
        expect(one === other).toBe(same(a, b) && a?.constructor === b?.constructor)
      }),
    )
    const constants = [true, false, undefined].map((value) => key({ op: 'const', value }))
    expect(new Set(constants).size).toBe(3)
    const requests = [
      { limit: 1 },
      { skip: 1 },
      { after: '1' },
      { id: '1' },
      { displays: true },
      { unordered: true as const },
      { order: { attr: 'uid', descending: true } },
      { order: { attr: 'uid', descending: false } },
      { attributes: 'all' as const },
      { attributes: new Set(['uid', 'cn']) },
      {},
    ]
    const filter: Filter = { op: 'present', attr: 'uid' }
    const keys = requests.map((more) => keyOf({ view: 'people', filter, attributes, ...more }))
    expect(new Set(keys).size).toBe(requests.length)
    expect(keyOf({ view: 'people', filter, attributes: new Set(['cn', 'uid']) })).toBe(
      keyOf({ view: 'people', filter, attributes: new Set(['uid', 'cn']) }),
    )
  })
})

it('entries are kept without what they were read in', () => {
  const chunk = new Uint8Array(10_000).fill(7)
  const part = chunk.subarray(100, 104)
  const photo = { view: 'people', id: '1', attributes: new Map([['jpegPhoto', [part, 'x']]]) }
  const kept = keptEntry(photo)
  expect(kept).toEqual(photo)
  const [octets] = kept.attributes.get('jpegPhoto') ?? []
  expect((octets as Uint8Array).buffer.byteLength).toBe(4)
  expect(sizeOf(kept)).toBeLessThan(1000)
  expect(keptEntry(kept)).toBe(kept)
})
