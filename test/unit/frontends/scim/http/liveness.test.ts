import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Context } from '../../../../../src/model/request.js'
import { type Served, served } from './served.js'

/** Settles as soon as the context ends, with the code of the reason. */
const ending = ({ signal }: Context) =>
  new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })

describe('a request that takes long', () => {
  let scim: Served
  afterEach(() => scim.app.close())

  const listening = async () => {
    const address = await scim.app.listen({ host: '127.0.0.1', port: 0 })
    return Number(new URL(address).port)
  }

  it('ends when its time is up, and with it what it asked of the source', async () => {
    scim = await served({ timeLimit: 50 })
    let reason: unknown
    scim.directory.before = (ctx) =>
      ending(ctx).catch((error: unknown) => {
        reason = error
        throw error
      })
    const answer = await scim.ask('GET', '/Users')
    expect(answer).toMatchObject({ status: 504, body: { status: '504' } })
    expect(reason).toMatchObject({ code: 'timeLimitExceeded' })
  })

  it('is answered when its time is up even if the source does not stop', async () => {
    scim = await served({ timeLimit: 50 })
    scim.directory.before = () => new Promise(() => undefined)
    expect((await scim.ask('GET', '/Users/people-1')).status).toBe(504)
  })

  it('ends when the client goes away', async () => {
    scim = await served()
    const port = await listening()
    const ended = new Promise((resolve) => {
      scim.directory.before = (ctx) => {
        socket.destroy()
        return ending(ctx).catch((error: unknown) => {
          resolve(error)
          throw error
        })
      }
    })
    const socket = connect(port, '127.0.0.1')
    socket.write('GET /scim/v2/Users HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer admin\r\n\r\n')
    expect(await ended).toMatchObject({ code: 'canceled' })
  })

  it('of a client that is answered is never canceled, on one connection after another', async () => {
    scim = await served()
    const signals: AbortSignal[] = []
    scim.directory.before = async ({ signal }) => {
      signals.push(signal)
    }
    const port = await listening()
    for (let i = 0; i < 3; i++) {
      const answer = await fetch(`http://127.0.0.1:${port}/scim/v2/Users`, {
        headers: { authorization: 'Bearer admin' },
      })
      expect(await answer.json()).toMatchObject({ totalResults: 0 })
    }
    expect(signals).toHaveLength(3)
    expect(signals.some((signal) => signal.aborted)).toBe(false)
  })

  it('is refused before its body has come where the body is too large', async () => {
    scim = await served()
    const port = await listening()
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1')
      let text = ''
      socket.on('data', (chunk) => {
        text += chunk.toString()
        if (text.includes('\r\n\r\n{')) resolve(text)
      })
      socket.on('error', reject)
      socket.write(
        'POST /scim/v2/Users HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer admin\r\n' +
          'content-type: application/scim+json\r\ncontent-length: 100000000\r\n\r\n{',
      )
    })
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
    expect(answer).toContain('"status":"413"')
  })

  it('is refused as soon as too much has come where the client did not say how much there is', async () => {
    scim = await served()
    const port = await listening()
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      let text = ''
      socket.on('data', (chunk) => {
        text += chunk.toString()
        if (text.includes('"status"')) resolve(text)
      })
      socket.on('error', () => undefined)
      socket.write(
        'POST /scim/v2/Users HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer admin\r\n' +
          'content-type: application/scim+json\r\ntransfer-encoding: chunked\r\n\r\n',
      )
      const chunk = `1000\r\n${' '.repeat(4096)}\r\n`
      for (let i = 0; i < 10; i++) socket.write(chunk)
    })
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
    expect(answer.toLowerCase()).toContain('connection: close')
  })

  it('of a stranger is not read to its end', async () => {
    scim = await served()
    const port = await listening()
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      let text = ''
      socket.on('data', (chunk) => {
        text += chunk.toString()
      })
      socket.on('error', () => undefined)
      socket.on('close', () => resolve(text))
      socket.write(
        'POST /scim/v2/Users HTTP/1.1\r\nhost: localhost\r\n' +
          'content-type: application/scim+json\r\ncontent-length: 100000000\r\n\r\n{',
      )
    })
    expect(answer).toMatch(/^HTTP\/1.1 401 /)
  })
})
