/** The port of operators: liveness, readiness and metrics; and the logs of operations. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGateway, type Gateway } from '../../src/index.js'
import { LdapClient, resultCode } from '../../src/ldap/index.js'
import { createLog } from '../../src/ops/log.js'
import { makeDatabase, marked, TOKEN } from '../fault/reloading.js'
import { codeOf, serveGateway } from '../fault/running.js'
import { password, service, suffix } from '../fault/staff.js'

const folder = mkdtempSync(join(tmpdir(), 'vitrine-ops-'))
const files = { access: join(folder, 'access.log'), audit: join(folder, 'audit.log') }
let remove = () => {}
let gateway: Gateway
let client: LdapClient
let [ops, http] = ['', '']
let ldap = 0

beforeAll(async () => {
  remove = await makeDatabase()
  const { views: [people, others] = [], ...config } = marked('one', {
    listen: { ldap: 0, http: 0, ops: 0 },
    log: { level: 'silent', ...files },
    access: [{ who: [service.dn, 'authenticated'], allow: ['read', 'search', 'write'], views: '*' }],
  })
  gateway = await createGateway(
    { ...config, views: [{ ...(people as object), writable: true } as never, others as never] },
    { log: createLog('silent') },
  )
  const at = await gateway.listen()
  ops = `http://127.0.0.1:${at.ops?.port}`
  http = `http://127.0.0.1:${at.http?.port}`
  ldap = at.ldap?.port ?? 0
  client = await LdapClient.connect({ port: ldap })
})
afterAll(async () => {
  client.close()
  await gateway.close()
  remove()
  rmSync(folder, { recursive: true })
})

/** The lines of a log, once what was gathered has been written. */
async function lines(file: string): Promise<Record<string, unknown>[]> {
  await sleep(600)
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

const metrics = async (at = ops) => (await fetch(`${at}/metrics`)).text()
const numberOf = (text: string, name: string) =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length + 1),
  )

const ask = (path: string) =>
  fetch(`${http}/scim/v2${path}`, { headers: { authorization: `Bearer ${TOKEN}` } })

describe('operations', () => {
  beforeAll(async () => {
    await client.bind(service.dn, service.password)
    await client.searchAll(suffix, {
      filter: '(&(uid=user.1*)(!(cn=Nobody of that name)))',
      attributes: ['cn'],
    })
    await client.searchAll(suffix, { filter: '(objectClass=nothing)' })
    await client.modify(
      `uid=user.3,ou=people,${suffix}`,
      ['cn', 'sn'].map((type) => ({ operation: 'replace', type, values: ['Somebody'] }) as const),
    )
    const other = await LdapClient.connect({ port: ldap })
    expect(await codeOf(other.bind(`uid=user.1,ou=people,${suffix}`, 'a wrong password'))).toBe(
      resultCode.invalidCredentials,
    )
    await other.bind(`uid=user.1,ou=people,${suffix}`, password)
    other.close()
    await (await ask('/Users?count=7&filter=userName%20sw%20%22user.1%22')).arrayBuffer()
    await (await fetch(`${http}/scim/v2/Users`)).arrayBuffer()
  })

  it('are counted, with their results and how long they took', async () => {
    const text = await metrics()
    const operations = 'vitrine_operations_total{protocol='
    expect(numberOf(text, `${operations}"ldap",operation="search",result="0"}`)).toBe(2)
    expect(numberOf(text, `${operations}"ldap",operation="bind",result="0"}`)).toBe(2)
    expect(numberOf(text, `${operations}"ldap",operation="bind",result="49"}`)).toBe(1)
    expect(numberOf(text, `${operations}"ldap",operation="modify",result="0"}`)).toBe(1)
    expect(numberOf(text, `${operations}"scim",operation="search",result="200"}`)).toBe(1)
    expect(numberOf(text, `${operations}"scim",operation="search",result="401"}`)).toBe(1)
    const seconds = 'vitrine_operation_duration_seconds'
    expect(numberOf(text, `${seconds}_count{protocol="ldap",operation="search"}`)).toBe(2)
    expect(numberOf(text, `${seconds}_bucket{le="+Inf",protocol="ldap",operation="search"}`)).toBe(2)
    expect(numberOf(text, `${seconds}_sum{protocol="ldap",operation="search"}`)).toBeGreaterThan(0)
    expect(numberOf(text, 'vitrine_entries_sent_total{protocol="scim",operation="search"}')).toBe(7)
    expect(numberOf(text, 'vitrine_source_up{source="hr"}')).toBe(1)
    expect(numberOf(text, 'vitrine_connections{protocol="ldap"}')).toBe(1)
    expect(numberOf(text, 'process_resident_memory_bytes')).toBeGreaterThan(1e7)
    expect(text).toContain('nodejs_eventloop_lag_seconds')
  })

  it('are logged with who asked and what, without values', async () => {
    const log = await lines(files.access)
    const [search] = log.filter(({ operation, entries }) => operation === 'search' && entries !== 0)
    expect(search).toMatchObject({
      module: 'access',
      protocol: 'ldap',
      base: suffix,
      scope: 'wholeSubtree',
      filter: '(&(uid=?*)(!(cn=?)))',
      attributes: ['cn'],
      who: service.dn,
      address: '127.0.0.1',
      request: expect.stringMatching(/^\d+\.\d+$/),
      result: 0,
      entries: 222,
      ms: expect.any(Number),
      sourceMs: expect.any(Number),
    })
    expect(log.find(({ protocol }) => protocol === 'scim')).toMatchObject({
      operation: 'search',
      path: '/scim/v2/Users',
      filter: 'userName sw ?',
      who: 'test',
      entries: 7,
      result: 200,
    })
    expect(readFileSync(files.access, 'utf8')).not.toMatch(/Nobody of that name|user\.1"|Bearer/)
  })

  it('that bind or write are logged where somebody has to answer for them', async () => {
    const log = await lines(files.audit)
    expect(log.map(({ operation, who, result, ok }) => [operation, who, result, ok])).toEqual([
      ['bind', service.dn, 0, true],
      ['modify', service.dn, 0, true],
      ['bind', `uid=user.1,ou=people,${suffix}`, resultCode.invalidCredentials, false],
      ['bind', `uid=user.1,ou=people,${suffix}`, 0, true],
      ['search', '', 401, false],
    ])
    expect(log[1]).toMatchObject({
      dn: `uid=user.3,ou=people,${suffix}`,
      changes: ['replace cn', 'replace sn'],
    })
    expect(readFileSync(files.audit, 'utf8')).not.toMatch(/password"?:|Somebody/)
  })
})

describe('GET /livez and /readyz', () => {
  it('are two things: a process lives without its source, and is not ready', async () => {
    expect((await fetch(`${ops}/livez`)).status).toBe(200)
    expect(await (await fetch(`${ops}/readyz`)).json()).toEqual({ status: 'ok', sources: { hr: 'ok' } })
    await gateway.reload(
      marked('two', {
        listen: { ldap: 0, http: 0, ops: 0 },
        log: { level: 'silent' },
        sources: { hr: { type: 'sql', url: 'mysql://nobody@127.0.0.1:9/nowhere', connectTimeout: '1s' } },
      }),
    )
    expect((await fetch(`${ops}/livez`)).status).toBe(200)
    const response = await fetch(`${ops}/readyz`)
    expect([response.status, await response.json()]).toEqual([
      503,
      { status: 'unavailable', sources: { hr: 'unavailable' } },
    ])
    expect(numberOf(await metrics(), 'vitrine_source_up{source="hr"}')).toBe(0)
    expect((await fetch(`${ops}/scim/v2/Users`)).status).toBe(404)
  })
})

it('several processes count together', async () => {
  const running = await serveGateway(marked('one', { listen: { ldap: 0, ops: 0 } }), '--workers', '2')
  const at = /http:\/\/[^\s:]*:\d+(?= \(operations\))/.exec(running.output())?.[0]
  for (let n = 0; n < 4; n++) await (await running.connect()).bind(service.dn, service.password)
  const name = 'vitrine_operations_total{protocol="ldap",operation="bind",result="0"}'
  for (let n = 0; n < 2; n++) expect(numberOf(await metrics(at), name)).toBe(4)
  await running.close()
})
