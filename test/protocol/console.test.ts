/** The console as it is asked over HTTP: who is let in, and what it tells them. What a browser makes of it is elsewhere. */

import { type AddressInfo, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGateway } from '../../src/index.js'
import type { Counters, SearchAnswer, SourceStatus, Tree } from '../../src/ops/console/terms.js'
import { auditor, type ConsoleWorld, hash, startConsole, suffix, token } from '../data/console-world.js'
import { serveGateway } from '../fault/running.js'
import { runSql } from '../mappings/databases.js'

let world: ConsoleWorld

beforeAll(async () => {
  world = await startConsole()
})
afterAll(() => world.close())

/** A server that takes connections, and says nothing. */
async function startMute() {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => void sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
  return { port: (server.address() as AddressInfo).port, close }
}

const bearer = { authorization: `Bearer ${token}` }
const get = async (path: string, headers: Record<string, string> = bearer, url = world.url) =>
  fetch(`${url}/console${path}`, { headers, redirect: 'manual' })
const post = (path: string, body: object, headers: Record<string, string> = bearer) =>
  fetch(`${world.url}/console${path}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
const search = async (question: object) =>
  (await (await post('/api/search', question)).json()) as SearchAnswer
const api = async <T>(path: string) => (await (await get(`/api${path}`)).json()) as T

describe('the page', () => {
  it('comes from the port of operators, and runs nothing but its own files', async () => {
    const page = await get('/', {})
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'; script-src 'self'")
    expect(policy).not.toMatch(/unsafe|\*/)
    const text = await page.text()
    for (const [, file] of text.matchAll(/(?:src|href)="([\w.-]+)"/g)) {
      expect([file, (await get(`/${file}`, {})).status]).toEqual([file, 200])
    }
    expect(text).not.toMatch(/<script>|\sstyle=|\son\w+=/)
    const redirect = await get('', {})
    expect([redirect.status, redirect.headers.get('location')]).toEqual([308, 'console/'])
    expect((await get('/tsconfig.json', {})).status).toBe(404)
    expect((await get('/nothing.js', {})).status).toBe(404)
    expect((await get('/..%2fconsole.ts', {})).status).toBe(404)
  })

  it('is not there unless somebody has configured it', async () => {
    const { console: _, ...config } = world.config
    const gateway = await createGateway({ ...config, listen: { ops: 0 } })
    const { ops } = await gateway.listen()
    const url = `http://127.0.0.1:${ops?.port}`
    expect((await get('/', {}, url)).status).toBe(404)
    expect((await get('/api/sources', bearer, url)).status).toBe(404)
    await gateway.close()
  })
})

describe('whoever has no token', () => {
  it.each([
    '/api/sources',
    '/api/counters',
    '/api/views',
    '/api/nothing',
    '/api/copy/jobs',
    '/api/copy/nothing',
  ])('learns nothing at %s', async (path) => {
    const response = await get(path, {})
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="console"')
    expect(Object.keys((await response.json()) as object)).toEqual(['type', 'title', 'status', 'detail'])
  })

  it('can neither search nor change anything', async () => {
    expect((await post('/api/search', { protocol: 'ldap' }, {})).status).toBe(401)
    expect((await post('/api/copy/jobs', {}, {})).status).toBe(401)
    expect((await post('/api/copy/snapshots/1/rollback', {}, { cookie: `token=${token}` })).status).toBe(401)
  })

  it('is told so by the session, without a refusal', async () => {
    const response = await get('/api/session', { authorization: 'Bearer a-wrong-token' })
    expect([response.status, await response.json()]).toEqual([
      200,
      { accepted: false, reason: 'this is not the token' },
    ])
    expect(await api('/session')).toMatchObject({
      accepted: true,
      suffix: [suffix],
      as: auditor,
      targets: ['local'],
    })
  })

  it('may guess a few times, wherever', async () => {
    const { console: given, ...config } = world.config
    const limits = { bindFailures: { perAddress: 3 } }
    const gateway = await createGateway({ ...config, console: given, limits, listen: { ops: 0 } })
    const { ops } = await gateway.listen()
    const url = `http://127.0.0.1:${ops?.port}`
    const guess = (path: string) => get(path, { authorization: 'Bearer wrong' }, url)
    for (const path of ['/api/session', '/api/views', '/api/copy/jobs']) {
      // Each counts, and so the third of them is the last that is looked at.
      expect((await guess(path)).status).toBe(path === '/api/session' ? 200 : 401)
    }
    expect((await guess('/api/views')).status).toBe(429)
    expect((await get('/api/views', bearer, url)).status).toBe(429)
    expect(await (await get('/api/session', bearer, url)).json()).toEqual({
      accepted: false,
      reason: 'too many wrong tokens; try again later',
    })
    await gateway.close()
  })
})

describe('it tells', () => {
  it('how the sources are, and those that are away', async () => {
    const { sources } = await api<{ sources: readonly SourceStatus[] }>('/sources')
    expect(sources.map(({ name, type, ok, needed }) => ({ name, type, ok, needed }))).toEqual([
      { name: 'hr', type: 'sql', ok: true, needed: true },
      { name: 'agency', type: 'sql', ok: false, needed: true },
      { name: 'copy.store', type: 'copies', ok: true, needed: true },
    ])
    const [hr, agency] = sources
    expect(hr?.milliseconds).toBeGreaterThan(0)
    expect(agency?.pool).toEqual({
      busy: 0,
      idle: 0,
      waiting: 0,
      servers: [{ name: '127.0.0.1:9', tripped: false }],
    })
    expect(agency?.detail).toMatch(/unavailable/)
  })

  it('where the views are', async () => {
    const { suffixes, views, scim } = await api<Tree>('/views')
    expect(suffixes.map(({ dn }) => dn)).toEqual([suffix])
    expect(suffixes[0]?.containers.map(({ dn, views: names }) => [dn, names])).toEqual(
      ['people', 'groups', 'partners', 'contractors'].map((name) => [`ou=${name},${suffix}`, [name]]),
    )
    expect(scim).toBe('/scim/v2')
    expect(views[0]).toMatchObject({
      name: 'people',
      sources: ['hr'],
      copied: false,
      bindable: true,
      dn: `uid=…,ou=people,${suffix}`,
      resource: { type: 'User', endpoint: '/Users' },
    })
    expect(views.find(({ name }) => name === 'partners')?.copied).toBe(true)
    expect(views[0]?.attributes.find(({ name }) => name === 'userPassword')).toMatchObject({ secret: true })
    expect(views.map(({ kept }) => kept)).toEqual([undefined, 60_000, undefined, undefined])
    expect(views[1]?.attributes.find(({ name }) => name === 'member')).toMatchObject({ refers: ['people'] })
  })

  it('what was counted', async () => {
    const before = await api<Counters>('/counters')
    await world.ldap.searchAll(`ou=people,${suffix}`, { filter: '(uid=user.7)' })
    await world.ldap.searchAll('dc=nowhere', {}).catch(() => undefined)
    const after = await api<Counters>('/counters')
    const searches = ({ operations }: Counters) =>
      operations.find(({ operation }) => operation === 'search') ?? { count: 0, failed: 0, buckets: [] }
    expect(searches(after).count - searches(before).count).toBe(2)
    expect(searches(after).failed - searches(before).failed).toBe(1)
    expect(searches(after).buckets).toHaveLength(after.bounds.length + 1)
    expect(searches(after).buckets.reduce((sum, n) => sum + n, 0)).toBe(searches(after).count)
    expect(after).toMatchObject({ processes: 1, connections: { ldap: 1, http: 0 } })
    expect(after.memoryBytes).toBeGreaterThan(1e7)
    for (let n = 0; n < 3; n++)
      await world.ldap.searchAll(`ou=groups,${suffix}`, { filter: '(cn=engineers)' })
    expect((await api<Counters>('/counters')).caches).toEqual([
      {
        view: 'groups',
        from: { cache: 2, source: 1, stale: 0 },
        answers: 1,
        bytes: expect.any(Number),
        invalidations: 0,
        hearing: true,
      },
    ])
  })

  it('what several processes have counted together, also while a source does not answer', async () => {
    const mute = await startMute()
    const { copy: _, views, ...config } = world.config
    const url = `postgres://nobody@127.0.0.1:${mute.port}/mute`
    const sources = { hr: config.sources.hr, mute: { type: 'sql', url, connectTimeout: '30s' } } as never
    const listen = { ldap: 0, ops: 0 }
    const limits = { bindFailures: { perAddress: 4 } }
    const live = { ...config, sources, views: views.slice(0, 2), listen, limits }
    const running = await serveGateway(live, '--workers', '2')
    const at = /http:\/\/[^\s:]*:\d+(?= \(operations\))/.exec(running.output())?.[0] ?? ''
    for (let n = 0; n < 4; n++) await (await running.connect()).searchAll('', { scope: 'baseObject' })
    const counters = (await (await get('/api/counters', bearer, at)).json()) as Counters
    expect(counters.processes).toBe(2)
    expect(counters.operations.find(({ operation }) => operation === 'search')?.count).toBe(4)
    // So do those who guess, whichever of them they reach.
    const ask = async (guess: string) => {
      const headers = { authorization: `Bearer ${guess}`, connection: 'close' }
      return (await get('/api/views', headers, at)).status
    }
    for (let n = 0; n < 4; n++) expect(await ask('wrong')).toBe(401)
    await sleep(100)
    for (let n = 0; n < 4; n++) expect(await ask(token)).toBe(429)
    await running.close()
    mute.close()
  })
})

describe('a search', () => {
  it('in the words of LDAP shows entries, what the source was asked and by which statement', async () => {
    const { views, error } = await search({ protocol: 'ldap', view: 'people', filter: '(uid=user.7)' })
    expect(error).toBeUndefined()
    const [people] = views
    expect(people?.entries).toEqual([
      {
        dn: `uid=user.7,ou=people,${suffix}`,
        attributes: expect.arrayContaining([
          { name: 'uid', values: ['user.7'], further: 0 },
          { name: 'jpegPhoto', values: [{ octets: 4 }], further: 0 },
        ]),
      },
    ])
    expect(people).toMatchObject({ view: 'people', rows: 1, left: 0, more: false, missing: [] })
    expect(people?.milliseconds).toBeGreaterThanOrEqual(people?.sourceMilliseconds ?? Number.NaN)
    expect(people?.questions).toHaveLength(1)
    const [question] = people?.questions ?? []
    expect(question).toMatchObject({ view: 'people', filter: '(uid=user.7)', unmapped: [] })
    expect(question?.pushed).toMatch(/^login = "user.7"/)
    expect(question?.statements[0]?.text).toMatch(/^SELECT .* FROM .*people/is)
    expect(question?.statements[0]?.values).toContain('user.7')
  })

  it('in the words of SCIM shows resources', async () => {
    const { views } = await search({ protocol: 'scim', filter: 'userName sw "USER.59"', view: 'people' })
    expect(views[0]?.entries).toEqual([
      {
        id: expect.any(String),
        resource: expect.objectContaining({ userName: 'user.59' }),
        shortened: [],
      },
    ])
    expect(views[0]?.questions[0]?.filter).toBe('(uid=USER.59*)')
  })

  it('of all views asks each of them, and tells which cannot be asked', async () => {
    const { views } = await search({ protocol: 'ldap', filter: 'cn=*', limit: 3 })
    expect(views.map(({ view, entries, more, error }) => [view, entries.length, more, error?.code])).toEqual([
      ['people', 3, true, undefined],
      ['groups', 2, false, undefined],
      ['partners', 3, true, undefined],
      ['contractors', 0, false, 'unavailable'],
    ])
    expect((await search({ protocol: 'scim' })).views.map(({ view }) => view)).toEqual(['people', 'groups'])
  })

  it('shows what the identity may see that it is made for, and never a password', async () => {
    for (const question of [
      { protocol: 'ldap', view: 'people', filter: '(uid=user.7)' },
      { protocol: 'scim', view: 'people', filter: 'userName eq "user.7"' },
    ]) {
      const text = JSON.stringify(await search(question))
      expect(text).toContain('user.7@example.com')
      expect(text).not.toContain('Home of')
      expect(text).not.toContain(hash)
    }
    for (const filter of ['(homePostalAddress=Home*)', `(userPassword=${hash})`, '(userPassword=*)']) {
      const { views } = await search({ protocol: 'ldap', view: 'people', filter })
      expect(views[0]).toMatchObject({
        entries: [],
        questions: [{ filter: expect.stringMatching('Undefined') }],
      })
      expect(views[0]?.questions[0]?.statements).toEqual([])
    }
  })

  it('shows the first of many values', async () => {
    const [groups] = (await search({ protocol: 'ldap', view: 'groups', filter: 'cn=engineers' })).views
    const [group] = groups?.entries ?? []
    const members =
      group && 'dn' in group ? group.attributes.find(({ name }) => name === 'member') : undefined
    expect([members?.values.length, members?.further]).toEqual([200, 10])
    const found = await search({ protocol: 'scim', view: 'groups', filter: 'displayName eq "engineers"' })
    expect(found.views[0]?.entries).toMatchObject([{ shortened: ['members'] }])
  })

  it('tells what is left to the gateway, and what is not mapped', async () => {
    const { views } = await search({ protocol: 'ldap', view: 'people', filter: '(&(cn=some*)(title=x))' })
    expect(views[0]?.questions[0]).toMatchObject({ unmapped: ['title'] })
  })

  it.each([
    [{ protocol: 'ldap', filter: '(uid=' }, 'filterError'],
    [{ protocol: 'scim', filter: 'userName eq' }, 'filterError'],
    [{ protocol: 'scim', view: 'partners' }, 'noSuchObject'],
    [{ protocol: 'ldap', view: 'nothing' }, 'noSuchObject'],
  ])('that makes no sense is answered with the reason: %j', async (question, code) => {
    expect(await search(question)).toMatchObject({ error: { code }, views: [] })
  })

  it.each([
    { protocol: 'x' },
    { protocol: 'ldap', limit: 1e6 },
    { protocol: 'ldap', filter: 'x'.repeat(1e5) },
  ])('that is no question is refused', async (question) =>
    expect((await post('/api/search', question)).status).toBe(400),
  )
})

describe('copies', () => {
  it('are run, held, approved and taken back', async () => {
    const run = async (body: object) => {
      const response = await post('/api/copy/jobs', body)
      expect(response.status).toBe(202)
      const { id } = (await response.json()) as { id: string }
      for (;;) {
        const job = await api<{ status: string; id: string }>(`/copy/jobs/${encodeURIComponent(id)}`)
        if (job.status !== 'running') return job
      }
    }
    await runSql(world.database, 'DELETE FROM partners WHERE id > 10')
    const plan = (await (await post('/api/copy/jobs', { dryRun: true })).json()) as { changes: unknown[] }
    expect(plan.changes).toHaveLength(30)
    const held = await run({})
    expect(held.status).toBe('held')
    const approved = await run({ target: 'local', approve: held.id })
    expect(approved.status).toBe('completed')
    const { snapshots } = await api<{ snapshots: readonly { number: number }[] }>('/copy/snapshots')
    const [now, before] = snapshots.map(({ number }) => number)
    const { changes } = await api<{ changes: unknown[] }>(`/copy/snapshots/${before}/diff/${now}`)
    expect(changes).toHaveLength(30)
    expect((await post(`/api/copy/snapshots/${before}/rollback`, {})).status).toBe(200)
    expect(await api('/copy/problems')).toEqual({ problems: [], more: false })
  })
})
