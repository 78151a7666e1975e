/** Whose rights a search has at the server, and what is known of passwords there. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it } from 'vitest'
import {
  controlType,
  findControl,
  type LdapHandlers,
  parseProxiedAuthorization,
} from '../../../../src/ldap/index.js'
import { read } from '../../../../src/sources/ldap/reader.js'
import type { Upstream } from '../../../../src/sources/ldap/upstream.js'
import { Started } from './serving.js'

const started = new Started()

afterEach(() => started.end())

const results: Readonly<Record<string, { readonly code: number; readonly message: string }>> = {
  'cn=wrong': {
    code: 49,
    message: '80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data 52e, v4563',
  },
  'cn=disabled': {
    code: 49,
    message: '80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data 533, v4563',
  },
  'cn=nobody': { code: 32, message: '' },
  'cn=keyless': { code: 48, message: '' },
  'cn=locked': { code: 53, message: 'Account inactivated. Contact system administrator.' },
  'cn=busy': { code: 51, message: '' },
  'cn=away': { code: 52, message: '' },
}

/** A server where `secret` is everybody's password, and whoever searches finds who he is. */
async function serving(handlers: LdapHandlers<string> = {}) {
  const binds: { readonly dn: string; readonly connection: number }[] = []
  const open = new Set<number>()
  const server = await started.server({
    bind: ({ name, authentication }, { connection }) => {
      binds.push({ dn: name, connection: connection.id })
      const isRight = authentication.mechanism === 'simple' && authentication.password.toString() === 'secret'
      if (!isRight) return { code: 49 }
      const result = results[name]
      if (result === undefined) connection.state = name
      return result ?? { code: 0 }
    },
    search: ({ base, controls }, { connection }, writer) => {
      const proxied = findControl(controls, controlType.proxiedAuthorization)
      const who = proxied === undefined ? connection.state : parseProxiedAuthorization(proxied)
      if (base !== '') writer.entry(base, [{ type: 'cn', values: [String(who)] }])
      return { code: 0 }
    },
    onConnection: ({ id }) => open.add(id),
    onClose: ({ id }) => open.delete(id),
    ...handlers,
  } as LdapHandlers)
  return { ...server, binds, open, upstream: started.upstream([server.port]) }
}

async function whoFinds(channel: Parameters<typeof read>[0], expected = 0): Promise<string | undefined> {
  const query = { base: 'dc=a', scope: 'wholeSubtree', filter: '(cn=*)', attributes: [], expected } as const
  for await (const [entry] of read(channel, query)) return entry?.attributes[0]?.values[0]?.toString()
  return undefined
}

async function refusal(upstream: Upstream, dn: string): Promise<string | undefined> {
  let told: string | undefined
  const verdict = await upstream.verify(dn, 'secret', undefined, (reason) => {
    told = reason
  })
  expect(verdict).toBe(false)
  return told
}

describe('a password', () => {
  it('is good or not, on a connection that serves nothing else', async () => {
    const { upstream, binds } = await serving()
    expect(await whoFinds(upstream)).toBe('cn=gateway')
    expect(await upstream.verify('cn=ann', 'secret')).toBe(true)
    expect(await upstream.verify('cn=ann', 'other')).toBe(false)
    expect(await upstream.verify('cn=bob', 'secret')).toBe(true)
    expect(await whoFinds(upstream)).toBe('cn=gateway')
    expect(binds).toEqual([
      { dn: 'cn=gateway', connection: 1 },
      { dn: 'cn=ann', connection: 2 },
      { dn: 'cn=ann', connection: 2 },
      { dn: 'cn=bob', connection: 2 },
    ])
  })

  it('that is empty is not asked for, nor one without a name', async () => {
    const { upstream, binds } = await serving()
    expect(await upstream.verify('cn=ann', '')).toBe(false)
    expect(await upstream.verify('cn=ann', new Uint8Array())).toBe(false)
    expect(await upstream.verify('', 'secret')).toBe(false)
    expect(await upstream.login({}, 'cn=ann', '')).toBe(false)
    expect(binds).toEqual([])
  })

  it('is not good where the server does not let its owner in, and why is told', async () => {
    const { upstream } = await serving()
    expect(await refusal(upstream, 'cn=wrong')).toBe('the password is wrong')
    expect(await refusal(upstream, 'cn=disabled')).toBe('the account is disabled')
    expect(await refusal(upstream, 'cn=nobody')).toMatch(/noSuchObject/)
    expect(await refusal(upstream, 'cn=keyless')).toMatch(/inappropriateAuthentication/)
    expect(await refusal(upstream, 'cn=locked')).toMatch(/inactivated/)
  })

  it('is neither where the server cannot say', async () => {
    const { upstream, server } = await serving()
    await expect(upstream.verify('cn=busy', 'secret')).rejects.toMatchObject({ code: 'busy' })
    await expect(upstream.verify('cn=away', 'secret')).rejects.toMatchObject({ code: 'unavailable' })
    await server.close({ graceMs: 0 })
    await expect(upstream.verify('cn=ann', 'secret')).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('is asked for at as many connections as there may be, one at a time on each', async () => {
    const running = new Map<number, number>()
    let most = 0
    const { upstream, open } = await serving({
      bind: async (_, { connection: { id } }) => {
        running.set(id, (running.get(id) ?? 0) + 1)
        most = Math.max(most, running.get(id) ?? 0)
        await new Promise((resolve) => setTimeout(resolve, 2))
        running.set(id, (running.get(id) ?? 0) - 1)
        return { code: 0 }
      },
    })
    const checks = Array.from({ length: 50 }, (_, i) => upstream.verify(`cn=${i}`, 'secret'))
    expect(await Promise.all(checks)).toEqual(Array(50).fill(true))
    expect(most).toBe(1)
    expect(open.size).toBe(4)
  })

  it('whose check is abandoned leaves no connection behind that is still being bound', async () => {
    const { upstream, open } = await serving({ bind: () => new Promise(() => {}) })
    const controller = new AbortController()
    const check = upstream.verify('cn=ann', 'secret', controller.signal)
    await expect.poll(() => open.size).toBe(1)
    controller.abort()
    await expect(check).rejects.toMatchObject({ code: 'canceled' })
    await expect.poll(() => open.size).toBe(0)
    expect(upstream.connections).toBe(0)
  })

  it('is waited for only so long', async () => {
    const { upstream } = await serving({ bind: () => new Promise(() => {}) })
    await expect(upstream.verify('cn=ann', 'secret')).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('a session', () => {
  it('searches as its user, on the connection of his bind, short and long', async () => {
    const { upstream, binds } = await serving()
    const [ann, bob] = [{}, {}]
    expect(await upstream.login(ann, 'cn=ann', 'secret')).toBe(true)
    expect(await upstream.login(bob, 'cn=bob', 'secret')).toBe(true)
    for (const expected of [0, 1000]) {
      for (const [key, name] of [[ann, 'cn=ann'] as const, [bob, 'cn=bob'] as const]) {
        const channel = upstream.session(key)
        expect(channel && (await whoFinds(channel, expected))).toBe(name)
      }
    }
    expect(binds).toHaveLength(2)
  })

  it('is over after its end, after another bind, and after one that failed', async () => {
    const { upstream, open } = await serving()
    const key = {}
    await upstream.login(key, 'cn=ann', 'secret')
    await upstream.login(key, 'cn=bob', 'secret')
    await expect.poll(() => open.size).toBe(1)
    const session = upstream.session(key)
    expect(session && (await whoFinds(session))).toBe('cn=bob')
    expect(await upstream.login(key, 'cn=ann', 'other')).toBe(false)
    expect(upstream.session(key)).toBeUndefined()
    await upstream.login(key, 'cn=ann', 'secret')
    upstream.logout(key)
    expect(upstream.session(key)).toBeUndefined()
    await expect.poll(() => open.size).toBe(0)
    expect(upstream.connections).toBe(0)
  })

  it('says that its user is to bind again when its connection is lost', async () => {
    const { upstream, server, port } = await serving()
    const key = {}
    await upstream.login(key, 'cn=ann', 'secret')
    await server.close({ graceMs: 0 })
    await started.server({ bind: () => ({ code: 0 }) }, port)
    const session = upstream.session(key)
    const found = session && whoFinds(session)
    await expect(found).rejects.toMatchObject({
      code: 'unavailable',
      safeMessage: expect.stringMatching(/bind again/),
    })
    await expect
      .poll(() => upstream.login(key, 'cn=ann', 'secret').catch(() => false), { timeout: 5000 })
      .toBe(true)
  })

  it('takes the place of the one that was idle for longest, when there are too many', async () => {
    const { port, open } = await serving()
    const upstream = started.upstream([port], { sessions: 2 })
    const [ann, bob, eve] = [{}, {}, {}]
    await upstream.login(ann, 'cn=ann', 'secret')
    await upstream.login(bob, 'cn=bob', 'secret')
    const first = upstream.session(ann)
    if (first !== undefined) await whoFinds(first)
    await upstream.login(eve, 'cn=eve', 'secret')
    await expect.poll(() => open.size).toBe(2)
    const [second, third] = [upstream.session(bob), upstream.session(eve)]
    expect(first && (await whoFinds(first))).toBe('cn=ann')
    expect(third && (await whoFinds(third))).toBe('cn=eve')
    await expect(second && whoFinds(second)).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('ends when whoever bound is forgotten', async () => {
    const { upstream, open } = await serving()
    await upstream.login({}, 'cn=ann', 'secret')
    expect(open.size).toBe(1)
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    await expect
      .poll(() => {
        collectGarbage()
        return open.size
      })
      .toBe(0)
  })
})

describe('on behalf of somebody', () => {
  it('the service account says so with each search', async () => {
    const { upstream, binds } = await serving()
    for (const expected of [0, 1000]) {
      expect(await whoFinds(upstream.onBehalfOf('cn=ann'), expected)).toBe('dn:cn=ann')
      expect(await whoFinds(upstream, expected)).toBe('cn=gateway')
    }
    expect(binds.map(({ dn }) => dn)).toEqual(['cn=gateway', 'cn=gateway'])
  })
})
