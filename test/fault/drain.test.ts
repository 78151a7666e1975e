/** SIGTERM under load: what was accepted is answered, over both protocols, and nobody is sent to what is about to end. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { LdapClient, LdapError, resultCode } from '../../src/ldap/index.js'
import { makeDatabase, marked, type Reloading, serveMarked, TOKEN } from './reloading.js'
import { service, suffix } from './staff.js'

/** What a client says of a connection that has been closed. */
const SERVER_DOWN = 81

let remove = () => {}
let running: Reloading
beforeAll(async () => {
  remove = await makeDatabase()
  running = await serveMarked(marked('one', { shutdown: { delay: '500ms' } }))
})
afterAll(async () => {
  await running.close()
  remove()
})

/** Asks over LDAP until the session is ended; how often it was answered, and what else it was told. */
async function overLdap(): Promise<{ answered: number; told: unknown[] }> {
  const client = await LdapClient.connect({ port: running.port })
  await client.bind(service.dn, service.password)
  const told: unknown[] = []
  let answered = 0
  while (told.length === 0) {
    try {
      const { entries } = await client.searchAll(suffix, { filter: '(uid=user.7)' })
      expect(entries).toHaveLength(2)
      answered++
    } catch (error) {
      told.push(error instanceof LdapError ? error.code : error)
    }
  }
  client.close()
  return { answered, told }
}

/** Asks over SCIM until there is nobody to be asked. */
async function overScim(): Promise<{ answered: number; told: unknown[] }> {
  const told: unknown[] = []
  let answered = 0
  while (told.length === 0) {
    try {
      const response = await fetch(`${running.http}/scim/v2/Users?count=50`, {
        headers: { authorization: `Bearer ${TOKEN}` },
      })
      expect(((await response.json()) as { Resources: unknown[] }).Resources).toHaveLength(50)
      answered++
    } catch (error) {
      told.push(((error as Error).cause as { code?: string } | undefined)?.code ?? error)
    }
  }
  return { answered, told }
}

it('readiness ends first; then all that was accepted is answered', async () => {
  const ready = async () => (await fetch(`${running.http}/readyz`)).status
  const clients = [...Array.from({ length: 4 }, overLdap), ...Array.from({ length: 4 }, overScim)]
  await sleep(300)
  expect(await ready()).toBe(200)
  const begun = performance.now()
  running.kill('SIGTERM')
  while ((await ready()) === 200) expect(performance.now() - begun).toBeLessThan(2000)
  // It is still there for whoever has not heard.
  const late = await running.connect()
  await late.bind(service.dn, service.password)
  expect((await fetch(`${running.http}/livez`)).status).toBe(200)
  const ends = await Promise.all(clients)
  expect(await running.exited).toBe(0)
  const told = ends.flatMap((end) => end.told)
  expect(told.slice(4)).toEqual(Array(4).fill('ECONNREFUSED'))
  // By a notice that came in between, or before the connection was closed.
  for (const code of told.slice(0, 4)) expect([resultCode.unavailable, SERVER_DOWN]).toContain(code)
  for (const { answered } of ends) expect(answered).toBeGreaterThan(0)
  expect(performance.now() - begun).toBeLessThan(5000)
})
