/** A server that is sent rubbish, sound requests and mixtures of both goes on serving everybody else. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLdapServer, encodeMessage, type LdapServer } from '../../src/ldap/index.js'
import { search, Wire } from '../unit/ldap/wire.js'
import { message } from './ldap-arbitraries.js'

let server: LdapServer
let port: number
const errors: unknown[] = []

beforeAll(async () => {
  const answer = async (): Promise<{ code: number }> => ({ code: 0 })
  server = createLdapServer(
    {
      bind: answer,
      async search(_request, op, writer) {
        await new Promise((resolve) => setImmediate(resolve))
        if (!op.signal.aborted) await writer.entry('cn=x', [])
        return { code: 0 }
      },
      compare: answer,
      add: answer,
      modify: answer,
      delete: answer,
      modifyDn: answer,
      extended: answer,
    },
    { onError: (error) => errors.push(error) },
  )
  port = (await server.listen(0)).port
})

afterAll(() => server.close({ graceMs: 0 }))

describe('a server', () => {
  it('survives what clients send, in whatever pieces', async () => {
    const octets = fc.oneof(
      { weight: 4, arbitrary: message.map((sound) => encodeMessage(sound)) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)) },
      {
        weight: 1,
        arbitrary: fc.tuple(message, fc.nat(), fc.nat(255)).map(([sound, at, value]) => {
          const broken = encodeMessage(sound)
          broken[at % broken.length] = value
          return broken
        }),
      },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(octets, { minLength: 1, maxLength: 12 }), fc.boolean(), async (sent, cut) => {
        const wire = await Wire.connect(port)
        const stream = Buffer.concat(sent)
        const middle = cut ? stream.length >> 1 : stream.length
        wire.send(stream.subarray(0, middle))
        await new Promise((resolve) => setImmediate(resolve))
        if (middle < stream.length) wire.send(stream.subarray(middle))
        const witness = await Wire.connect(port)
        witness.send(search(1))
        expect((await witness.messages(2)).map((received) => received.op)).toEqual([
          'searchResultEntry',
          'searchResultDone',
        ])
        witness.destroy()
        wire.destroy()
        await Promise.all([witness.closed, wire.closed])
      }),
      { numRuns: 150 },
    )
    expect(errors).toEqual([])
    for (let tries = 0; server.connections > 0 && tries < 100; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(server.connections).toBe(0)
  })
})
