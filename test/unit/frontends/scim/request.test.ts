/** Whoever works for a request hears when nobody waits for its answer any more, by a signal or without one. */
import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { beforeEach, expect, it } from 'vitest'
import { withContext } from '../../../../src/frontends/scim/request.js'
import { ANONYMOUS, type Context } from '../../../../src/model/request.js'

const request = { ip: '192.0.2.1', protocol: 'http' } as FastifyRequest
let raw: EventEmitter & { destroyed: boolean; writableFinished: boolean }

beforeEach(() => {
  raw = Object.assign(new EventEmitter(), { destroyed: false, writableFinished: false })
})

const run = <T>(work: (ctx: Context) => Promise<T>, limit = 0) =>
  withContext(request, { raw } as unknown as FastifyReply, ANONYMOUS, limit, work)

function leave(): void {
  raw.destroyed = true
  raw.emit('close')
}

it('a client that leaves is told to those who listen, but not to those who have stopped', async () => {
  const heard: unknown[] = []
  await run(async (ctx) => {
    ctx.whenAborted?.((reason) => heard.push(['first', reason]))
    ctx.whenAborted?.((reason) => heard.push(['second', reason]))?.()
    leave()
    // Once is enough.
    leave()
    ctx.whenAborted?.((reason) => heard.push(['late', reason]))
    expect(ctx.signal.aborted).toBe(true)
  })
  const reason = expect.objectContaining({ code: 'canceled' })
  expect(heard).toEqual([
    ['first', reason],
    ['late', reason],
  ])
})

it('one who left before anybody listened is missed at once', async () => {
  raw.destroyed = true
  await run(async (ctx) => {
    let code: unknown
    ctx.whenAborted?.((reason) => {
      code = (reason as { code?: unknown }).code
    })
    expect(code).toBe('canceled')
  })
})

it('the end of the time is told, too', async () => {
  let code: unknown
  const work = run(async (ctx) => {
    ctx.whenAborted?.((reason) => {
      code = (reason as { code?: unknown }).code
    })
    await once(ctx.signal, 'abort')
    await sleep(1)
  }, 10)
  await expect(work).rejects.toMatchObject({ code: 'timeLimitExceeded' })
  expect(code).toBe('timeLimitExceeded')
})

it('nobody listens to a connection for a request that has been answered, or for one that nobody asked about', async () => {
  await run(async (ctx) => {
    ctx.whenAborted?.(() => undefined)
    expect(raw.listenerCount('close')).toBe(1)
    expect(ctx.signal.aborted).toBe(false)
    expect(raw.listenerCount('close')).toBe(1)
  })
  await sleep(1)
  expect(raw.listenerCount('close')).toBe(0)
  await run(async () => {
    expect(raw.listenerCount('close')).toBe(0)
  })
})
