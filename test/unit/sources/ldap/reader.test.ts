/** What a search at a server yields: all of it, at the consumer's pace, or an error. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { VitrineError } from '../../../../src/model/errors.js'
import type { LdapSourceOptions } from '../../../../src/sources/ldap/options.js'
import { type LdapEntry, type Read, read } from '../../../../src/sources/ldap/reader.js'
import { Started } from './serving.js'
import { Tree, type TreeOptions } from './tree.js'

const started = new Started()

afterEach(() => started.end())

async function serving(options: TreeOptions, more: Partial<LdapSourceOptions> = {}) {
  const tree = new Tree(options)
  const server = await started.server(tree.handlers)
  return { tree, ...server, upstream: started.upstream([server.port], more) }
}

const all: Read = { base: 'dc=a', scope: 'wholeSubtree', filter: '(uid=*)', attributes: ['uid'] }
const long: Read = { ...all, expected: 1000 }

async function collect(batches: AsyncIterable<readonly LdapEntry[]>): Promise<LdapEntry[]> {
  const entries: LdapEntry[] = []
  for await (const batch of batches) {
    expect(batch.length).toBeGreaterThan(0)
    entries.push(...batch)
  }
  return entries
}

const numbers = (size: number) => Array.from({ length: size }, (_, i) => `uid=${i},dc=a`)
const dns = (entries: readonly LdapEntry[]) => entries.map(({ dn }) => dn)

describe('what is short', () => {
  it('takes one question on the shared connection, without pages', async () => {
    const { tree, upstream } = await serving({ size: 3 })
    expect(dns(await collect(read(upstream, all)))).toEqual(numbers(3))
    expect(tree.asked.map(({ page }) => page)).toEqual([undefined])
    expect(tree.binds).toBe(1)
  })

  it('is read in pages where it turns out to be long', async () => {
    const { tree, upstream } = await serving({ size: 200 })
    expect(dns(await collect(read(upstream, { ...all, pageSize: 50 })))).toEqual(numbers(200))
    expect(tree.asked.map(({ page }) => page)).toEqual([undefined, 50, 50, 50, 50])
  })

  it('is read in pages where the server gives less than that at a time', async () => {
    const { upstream } = await serving({ size: 40, limit: 10 })
    expect(dns(await collect(read(upstream, all)))).toEqual(numbers(40))
  })

  it('ends where enough has been found', async () => {
    const { tree, upstream } = await serving({ size: 200 })
    expect(dns(await collect(read(upstream, { ...all, sizeLimit: 7 })))).toEqual(numbers(7))
    expect(tree.asked).toHaveLength(1)
    expect(tree.asked[0]?.request.sizeLimit).toBe(7)
    expect(await collect(read(upstream, { ...all, sizeLimit: 0 }))).toEqual([])
  })
})

describe('what is long', () => {
  it('goes on until the cookie is empty, over short and empty pages', async () => {
    const { upstream } = await serving({ size: 60, pages: [7, 0, 0, 3] })
    expect(dns(await collect(read(upstream, { ...long, pageSize: 20 })))).toEqual(numbers(60))
  })

  it('keeps its connection for all pages, and others have another', async () => {
    const { tree, upstream } = await serving({ size: 60 })
    const batches = read(upstream, { ...long, pageSize: 10 })
    await batches.next()
    const others = read(upstream, { ...long, pageSize: 30 })
    await others.next()
    expect(dns(await collect(batches)).length).toBe(50)
    expect(dns(await collect(others)).length).toBe(30)
    const connections = (page: number) =>
      new Set(tree.asked.flatMap((asked) => (asked.page === page ? [asked.connection] : [])))
    expect(connections(10).size).toBe(1)
    expect(connections(30).size).toBe(1)
    expect([...connections(10)]).not.toEqual([...connections(30)])
  })

  it('uses the connections of earlier searches again', async () => {
    const { tree, upstream } = await serving({ size: 60 })
    for (let i = 0; i < 5; i++) await collect(read(upstream, { ...long, pageSize: 10 }))
    expect(upstream.connections).toBe(1)
    expect(tree.binds).toBe(1)
  })

  it('asks for no page before the consumer wants it', async () => {
    const { tree, upstream } = await serving({ size: 60 })
    const batches = read(upstream, { ...long, pageSize: 10 })
    await batches.next()
    await sleep(50)
    expect(tree.asked).toHaveLength(1)
    await batches.return()
  })

  it('waits for a slow consumer longer than a server may take to answer', async () => {
    const { upstream } = await serving({ size: 30 }, { operationTimeout: 60 })
    const seen: string[] = []
    for await (const batch of read(upstream, { ...long, pageSize: 10 })) {
      seen.push(...dns(batch))
      await sleep(150)
    }
    expect(seen).toEqual(numbers(30))
  })

  it('ends where enough has been found, and tells the server so', async () => {
    const { tree, upstream } = await serving({ size: 60 })
    expect(dns(await collect(read(upstream, { ...long, pageSize: 10, sizeLimit: 25 + 50 })))).toEqual(
      numbers(60),
    )
    expect(dns(await collect(read(upstream, { ...long, pageSize: 10, sizeLimit: 20 })))).toHaveLength(20)
    expect(
      dns(await collect(read(upstream, { ...long, expected: 70, pageSize: 50, sizeLimit: 66 }))),
    ).toHaveLength(60)
    await expect(collect(read(upstream, { ...long, sizeLimit: 66, pageSize: 40 }))).resolves.toHaveLength(60)
    expect(tree.abandoned).toBe(0)
  })

  it('gives the place up that the server keeps for it', async () => {
    const { tree, upstream } = await serving({ size: 600 })
    await expect(collect(read(upstream, { ...long, sizeLimit: 100, pageSize: 40 }))).resolves.toHaveLength(
      100,
    )
    expect(tree.asked.map(({ page }) => page)).toEqual([40, 40, 20, 0])
    expect(tree.abandoned).toBe(0)
  })

  it('is abandoned at the server when the consumer leaves', async () => {
    const { tree, upstream } = await serving({
      size: 60,
      before: (_, count) => sleep(count === 2 ? 5000 : 0),
    })
    const batches = read(upstream, { ...long, pageSize: 10 })
    await batches.next()
    const controller = new AbortController()
    const aborted = read(upstream, { ...long, pageSize: 10 }, controller.signal)
    const next = aborted.next()
    setTimeout(() => controller.abort(new VitrineError('timeLimitExceeded')), 50)
    await expect(next).rejects.toMatchObject({ code: 'timeLimitExceeded' })
    await expect.poll(() => tree.abandoned).toBe(1)
    await batches.return()
    expect(await collect(read(upstream, { ...long, pageSize: 10 }))).toHaveLength(60)
  })

  it('comes in one answer where the server knows no pages', async () => {
    const { tree, upstream } = await serving({ size: 3000, controls: [] })
    expect(dns(await collect(read(upstream, long)))).toEqual(numbers(3000))
    expect(tree.asked.map(({ page }) => page)).toEqual([undefined])
  })
})

describe('what is not the whole', () => {
  it('is an error where the server cuts its answer short', async () => {
    const { upstream } = await serving({ size: 300, limit: 100, controls: [] })
    const seen: LdapEntry[] = []
    const cut = async () => {
      for await (const batch of read(upstream, long)) seen.push(...batch)
    }
    await expect(cut()).rejects.toMatchObject({ code: 'adminLimitExceeded' })
    await expect(collect(read(upstream, all))).rejects.toMatchObject({ code: 'adminLimitExceeded' })
  })

  it('is an error where the base is missing, unless that is said to be nothing', async () => {
    const { upstream } = await serving({ size: 3 })
    for (const query of [all, long]) {
      const missing = { ...query, base: 'dc=b' }
      await expect(collect(read(upstream, missing))).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('noSuchObject'),
      })
      expect(await collect(read(upstream, { ...missing, missingBaseIsEmpty: true }))).toEqual([])
    }
  })

  it('is an error where the connection is lost in the middle, and begun again where nothing came before', async () => {
    for (const dies of [1, 2]) {
      const first = await serving({
        size: 60,
        before: (_, count) => (count === dies ? first.server.close({ graceMs: 0 }) : undefined),
      })
      const second = await serving({ size: 60 })
      const source = started.upstream([first.port, second.port])
      const found = collect(read(source, { ...long, pageSize: 10 }))
      if (dies === 1) expect(await found).toHaveLength(60)
      else await expect(found).rejects.toMatchObject({ code: 'unavailable' })
      expect(await collect(read(source, { ...long, pageSize: 10 }))).toHaveLength(60)
    }
  })
})

describe('ranges of values', () => {
  it('are put together under the plain name, beside other options', async () => {
    const { tree, upstream } = await serving({ size: 2, members: 25, range: 10 })
    const [entry] = await collect(read(upstream, { ...all, attributes: ['uid', 'member'] }))
    const member = entry?.attributes.filter(({ type }) => type.startsWith('member'))
    expect(member).toHaveLength(1)
    expect(member?.[0]?.type).toBe('member')
    expect(member?.[0]?.values.map(String)).toEqual(Array.from({ length: 25 }, (_, i) => `uid=${i}`))
    expect(entry?.attributes.map(({ type }) => type)).toEqual(['uid', 'member', 'cn;lang-de'])
    expect(tree.asked.map(({ request }) => request.attributes)).toEqual([
      ['uid', 'member'],
      ['member;range=10-*'],
      ['member;range=20-*'],
      ['member;range=10-*'],
      ['member;range=20-*'],
    ])
  })
})

describe('references to other servers', () => {
  it('are an error unless something else was chosen', async () => {
    const { upstream } = await serving({ size: 3, references: ['ldap://other.example/dc=b,dc=a'] })
    for (const query of [all, long]) {
      await expect(collect(read(upstream, query))).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('ldap://other.example/dc=b,dc=a'),
      })
    }
  })

  it('are left out on request, but never the base itself', async () => {
    const { upstream } = await serving(
      { size: 3, references: ['ldap://other.example/'] },
      { referrals: 'ignore' },
    )
    expect(await collect(read(upstream, all))).toHaveLength(3)
    const away = await serving({ referral: ['ldap://other.example/dc=a'] }, { referrals: 'ignore' })
    await expect(collect(read(away.upstream, all))).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('to what holds no people are no part of an Active Directory', async () => {
    const { upstream } = await serving({
      size: 3,
      isActiveDirectory: true,
      references: ['ldap://a/CN=Configuration,DC=a', 'ldap://DomainDnsZones.a/DC=DomainDnsZones,DC=a'],
    })
    expect(await collect(read(upstream, all))).toHaveLength(3)
  })

  it('are followed to those that may be asked, and in circles once', async () => {
    const other = await serving({ size: 5, references: ['ldap:///dc=a'] })
    const url = `ldap://127.0.0.1:${other.port}/dc=a??sub`
    const allowed = { referralServers: [{ host: '127.0.0.1', port: other.port }] }
    const { upstream } = await serving(
      { size: 3, references: [url, url] },
      { referrals: 'follow', ...allowed },
    )
    for (const query of [all, long]) expect(await collect(read(upstream, query))).toHaveLength(8)
    expect(await collect(read(upstream, { ...all, sizeLimit: 4 }))).toHaveLength(4)
    const away = await serving({ referral: [url] }, { referrals: 'follow', ...allowed })
    expect(await collect(read(away.upstream, all))).toHaveLength(5)
  })

  it('are not followed to anybody else, who is not even connected to', async () => {
    const other = await serving({ size: 5 })
    const url = `ldap://127.0.0.1:${other.port}/dc=a`
    const { upstream } = await serving({ size: 3, references: [url] }, { referrals: 'follow' })
    await expect(collect(read(upstream, all))).rejects.toMatchObject({ code: 'unavailable' })
    expect(other.tree.binds).toBe(0)
  })
})
