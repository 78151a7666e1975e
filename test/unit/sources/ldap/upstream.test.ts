/** Connections to LDAP servers: shared, made anew, and looked for elsewhere when a server is gone. */
import { afterEach, describe, expect, it } from 'vitest'
import type { Upstream } from '../../../../src/sources/ldap/upstream.js'
import { Started } from './serving.js'

const started = new Started()

afterEach(() => started.end())

/** A server that knows one password, and says its name to whoever asks who he is. */
async function serving(name: string, port = 0) {
  let binds = 0
  const server = await started.server(
    {
      bind: ({ authentication }) => {
        binds++
        const isRight =
          authentication.mechanism === 'simple' && authentication.password.toString() === 'secret'
        return { code: isRight ? 0 : 49 }
      },
      extended: () => ({ code: 0, value: Buffer.from(name) }),
    },
    port,
  )
  return { ...server, binds: () => binds }
}

const upstream = started.upstream.bind(started)

const who = (of: Upstream) => of.use((client) => client.whoAmI())

describe('the connections of an LDAP source', () => {
  it('are bound once, and shared', async () => {
    const { port, binds } = await serving('a')
    const source = upstream([port])
    expect(await Promise.all(Array.from({ length: 10 }, () => who(source)))).toEqual(Array(10).fill('a'))
    expect(binds()).toBe(1)
  })

  it('are no more than they may be, however much there is to do', async () => {
    const { port, binds } = await serving('a')
    const source = upstream([port])
    const many = () => Promise.all(Array.from({ length: 200 }, () => who(source)))
    await many()
    await many()
    await expect.poll(binds).toBe(2)
    await many()
    await many()
    expect(binds()).toBe(2)
  })

  it('go to the next server while the first is away', async () => {
    const [first, second] = [await serving('first'), await serving('second')]
    const source = upstream([first.port, second.port])
    expect(await who(source)).toBe('first')
    await first.server.close({ graceMs: 0 })
    expect(await who(source)).toBe('second')
    expect(await who(source)).toBe('second')
  })

  it('tell an outage, and find the server again', async () => {
    const { server, port } = await serving('a')
    const source = upstream([port])
    expect(await who(source)).toBe('a')
    await server.close({ graceMs: 0 })
    await expect(who(source)).rejects.toMatchObject({ code: 'unavailable' })
    await expect(who(source)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/tried again/),
    })
    await serving('again', port)
    await expect.poll(() => who(source).catch(() => 'away'), { timeout: 5000 }).toBe('again')
  })

  it('are unavailable where the password of the source is wrong, whoever asks', async () => {
    const { port } = await serving('a')
    const source = upstream([port], { bind: { mechanism: 'simple', dn: 'cn=gateway', password: 'wrong' } })
    await expect(who(source)).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('are not asked twice for what may not be repeated', async () => {
    const { server, port } = await serving('a')
    const source = upstream([port])
    expect(await who(source)).toBe('a')
    await server.close({ graceMs: 0 })
    await serving('again', port)
    let calls = 0
    const once = source.use(
      (client) => {
        calls++
        return client.whoAmI()
      },
      { repeatable: () => false },
    )
    await expect(once.catch((e: { code: string }) => e.code)).resolves.toMatch(/unavailable|again/)
    expect(calls).toBe(1)
  })
})
