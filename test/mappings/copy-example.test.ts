/** The example of copies, as operators use it: commands as processes, the gateway beside them, a webhook that is called. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from 'ldapts'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { demo } from '../../src/cli/demo.js'
import { runSql } from './databases.js'

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const example = fileURLToPath(new URL('../../examples/copy/gateway.yaml', import.meta.url))
const people = 'ou=people,dc=example,dc=com'
const authorization = 'Bearer vitrine-example'

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

let folder: string
let database: string
let env: NodeJS.ProcessEnv
const children: ChildProcess[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vitrine-copy-example-'))
  database = join(folder, 'demo.sqlite')
  await demo({ write: database })
  env = { ...process.env, DB_URL: `sqlite:${database}`, STORE: `sqlite:${join(folder, 'copies.sqlite')}` }
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})
afterAll(() => rmSync(folder, { recursive: true }))

function vitrine(...args: readonly string[]): ChildProcess {
  const [command = '', ...rest] = args
  const child = spawn(
    process.execPath,
    [main, command, ...rest, ...(rest.includes('--config') ? [] : ['--config', example])],
    { env, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  children.push(child)
  return child
}

async function run(...args: readonly string[]): Promise<Ended> {
  const child = vitrine(...args)
  let [out, err] = ['', '']
  child.stdout?.on('data', (part) => {
    out += String(part)
  })
  child.stderr?.on('data', (part) => {
    err += String(part)
  })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, out, err }
}

/** A gateway over the example; resolves with what it listens on, once a copy is served. */
async function serving(): Promise<{ readonly ldap: string; readonly copy: string; stop(): Promise<void> }> {
  const child = vitrine('serve', '--ldap-port', '0', '--http-port', '0')
  let out = ''
  const addresses = new Promise<string>((resolve) => {
    child.stdout?.on('data', (part) => {
      out += String(part)
      if (out.includes('\n')) resolve(out)
    })
  })
  const text = await addresses
  const [, ldap = ''] = /(ldap:\/\/\S+?:\d+)/.exec(text) ?? []
  const [, http = ''] = /(http:\/\/\S+?:\d+)/.exec(text) ?? []
  await expect.poll(async () => (await fetch(`${http}/readyz`)).status, { timeout: 20_000 }).toBe(200)
  return {
    ldap,
    copy: `${http}/copy`,
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function uids(url: string, filter: string): Promise<readonly string[]> {
  const client = new Client({ url, timeout: 10_000 })
  try {
    await client.bind('cn=admin,dc=example,dc=com', 'secret')
    const { searchEntries } = await client.search(people, { filter, attributes: ['uid'] })
    return searchEntries.map(({ uid }) => String(uid)).sort()
  } finally {
    await client.unbind()
  }
}

test('from the first copy to the webhook', { timeout: 240_000 }, async () => {
  const dry = await run('sync', '--dry-run', '--json')
  expect(dry.code, dry.err).toBe(0)
  const planned = JSON.parse(dry.out)
  expect(planned).toMatchObject({ update: 0, remove: 0, status: 'completed', more: 0 })
  expect(planned.add).toBe(planned.changes.length)
  expect(planned.add).toBeGreaterThan(300)
  expect((await run('snapshots')).out).toBe('nothing was copied yet\n')

  const first = await run('sync')
  expect(first.code, first.err).toBe(0)
  expect(first.out).toMatch(new RegExp(`people +${planned.jobs[0].views.people.add} .*local: done`, 's'))
  expect(JSON.parse((await run('sync', '--json')).out)).toMatchObject({
    ...{ add: 0, update: 0, remove: 0 },
    unchanged: planned.add,
  })

  // Copies are served while the database is away, and commands say what is in their way.
  const gateway = await serving()
  renameSync(database, `${database}.away`)
  expect(await uids(gateway.ldap, '(uid=bjensen)')).toEqual(['bjensen'])
  const away = await run('sync')
  expect(away.code).toBe(3)
  expect(away.out).toMatch(/held: .*people/)
  renameSync(`${database}.away`, database)

  // What looks like an accident is held, until that very thing is approved.
  await runSql(`sqlite:${database}`, 'UPDATE users SET deleted_at = CURRENT_TIMESTAMP WHERE id % 2 = 0')
  const held = await run('sync', '--view', 'people', '--json')
  expect(held.code).toBe(3)
  const found = JSON.parse(held.out)
  expect(found).toMatchObject({ status: 'held', violations: [{ code: 'tooManyRemovals', view: 'people' }] })
  const before = await uids(gateway.ldap, '(uid=*)')
  expect(before).toHaveLength(planned.jobs[0].views.people.add)
  const asked = async (path: string, method = 'GET', body?: object) => {
    const headers = { authorization, ...(body && { 'content-type': 'application/json' }) }
    return fetch(`${gateway.copy}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  }
  const begun = await asked('/jobs', 'POST', { approve: found.jobs[0].id })
  expect(begun.status).toBe(202)
  const location = begun.headers.get('location') ?? ''
  const job = async () =>
    (await (await fetch(new URL(location, gateway.copy), { headers: { authorization } })).json()) as object
  await expect.poll(job, { timeout: 20_000 }).toMatchObject({ status: 'completed', snapshot: 2 })
  await expect.poll(() => uids(gateway.ldap, '(uid=*)')).toHaveLength(before.length - found.remove)
  expect((await run('jobs', found.jobs[0].id)).out).toMatch(/Status +held\n/)

  // Going back is seen at once, by the running gateway too, and stays until somebody says otherwise.
  const diff = await run('snapshots', 'diff', '1', '2')
  expect(diff.out).toMatch(
    new RegExp(`0 added, \\d+ changed, ${found.remove} removed from snapshot 1 to 2\n$`),
  )
  expect((await run('snapshots', 'rollback', '1')).out).toMatch(/^snapshot 3 is current/)
  await expect.poll(() => uids(gateway.ldap, '(uid=*)'), { timeout: 10_000 }).toEqual(before)
  expect((await asked('/snapshots')).status).toBe(200)
  expect(await (await asked('/snapshots/1/diff/3')).json()).toEqual({ changes: [], more: false })
  expect((await fetch(`${gateway.copy}/jobs`)).status).toBe(401)
  await gateway.stop()

  // Whoever asked for it hears of the run, also of one that a command made.
  const { url, bodies, server } = await receiver()
  const config = join(folder, 'with-webhook.yaml')
  writeFileSync(
    config,
    `suffix: dc=example,dc=com
sources: { hr: { type: sql, url: "${env.DB_URL}" } }
views:
  - { mapping: ${join(example, '../../../mappings/demo/people.yaml')}, refreshMethod: copy }
  - { mapping: ${join(example, '../../../mappings/demo/groups.yaml')}, refreshMethod: copy }
copy:
  store: "${env.STORE}"
  webhooks: [{ name: ops, url: "${url}", secret: a secret of enough octets, events: [sync.held] }]
`,
  )
  expect((await run('sync', '--config', config)).code).toBe(3)
  server.close()
  expect(bodies).toMatchObject([{ type: 'sync.held', data: { status: 'held', target: 'local' } }])
})

async function receiver(): Promise<{
  readonly url: string
  readonly bodies: unknown[]
  readonly server: Server
}> {
  const bodies: unknown[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const part of request) text += String(part)
    bodies.push(JSON.parse(text))
    response.writeHead(204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, bodies, server }
}
