/** The gate: how many run, in which order the others come, and what happens when work fails. */
import { describe, expect, it } from 'vitest'
import { Gate } from '../../../../src/directory/password/gate.js'

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

describe('Gate', () => {
  it('never runs more than its places and admits in order', async () => {
    const gate = new Gate(2, 10)
    const order: number[] = []
    let running = 0
    let most = 0
    await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        gate.run(async () => {
          order.push(n)
          running++
          most = Math.max(most, running)
          await new Promise((resolve) => setImmediate(resolve))
          running--
        }),
      ),
    )
    expect(most).toBe(2)
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  it('gives the place back when work fails', async () => {
    const gate = new Gate(1, 0)
    await expect(gate.run(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
    expect(await gate.run(async () => 'next')).toBe('next')
  })

  it('does not start what was given up beforehand', async () => {
    const gate = new Gate(1, 0)
    const run = gate.run(async () => 'never', AbortSignal.abort(new Error('gone')))
    await expect(run).rejects.toThrow('gone')
  })

  it('frees the place in the queue of who gave up', async () => {
    const gate = new Gate(1, 1)
    const { promise, resolve } = deferred()
    const first = gate.run(() => promise)
    const abort = new AbortController()
    const second = gate.run(async () => 'second', abort.signal)
    await expect(gate.run(async () => 'third')).rejects.toMatchObject({ code: 'busy' })
    abort.abort(new Error('gone'))
    await expect(second).rejects.toThrow('gone')
    const fourth = gate.run(async () => 'fourth')
    resolve()
    await first
    expect(await fourth).toBe('fourth')
  })

  it('closes at once when nothing runs', async () => {
    const gate = new Gate(1, 1)
    await gate.close()
    await expect(gate.run(async () => 'late')).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('refuses sizes with which nothing could ever run', () => {
    expect(() => new Gate(0, 1)).toThrow(RangeError)
    expect(() => new Gate(1.5, 1)).toThrow(RangeError)
    expect(() => new Gate(1, -1)).toThrow(RangeError)
  })
})
