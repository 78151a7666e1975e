/** SIGHUP and changed files: another configuration takes the place of the one that is served, whole or not at all. */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LdapClient, resultCode } from '../../src/ldap/index.js'
import { freePort } from '../servers/scratch.js'
import { askAlways, makeDatabase, marked, type Reloading, serveMarked, TOKEN } from './reloading.js'
import { eventually, outcomeOf } from './running.js'
import { password, service, suffix } from './staff.js'

let remove = () => {}
let running: Reloading
beforeAll(async () => {
  remove = await makeDatabase()
  running = await serveMarked(marked('one'))
})
afterAll(async () => {
  await running.close()
  remove()
})

/** Whatever the test before has left. */
async function beginAnew(): Promise<void> {
  running.write(marked('one'))
  await running.hangUp()
}

/** The marks that two clients are shown now. */
async function marksOf(client: LdapClient): Promise<readonly string[]> {
  const { entries } = await client.searchAll(suffix, { filter: '(uid=user.1)', attributes: ['title'] })
  return entries.map(({ attributes: [title] }) => String(title?.values[0]))
}

async function bound(dn: string, secret: string): Promise<LdapClient> {
  const client = await running.connect()
  await client.bind(dn, secret)
  return client
}

describe('SIGHUP', () => {
  it('lets no operation fail, and none be answered by two configurations', async () => {
    const load = askAlways(running, { ldap: 4, scim: 2 })
    for (let n = 1; n <= 10; n++) {
      running.write(marked(n % 2 === 1 ? 'two' : 'one'))
      await running.hangUp()
      await sleep(50)
    }
    const { operations, wrong, marks } = await load.stop()
    expect(wrong).toEqual([])
    expect([...marks].sort()).toEqual(['one', 'two'])
    expect(operations).toBeGreaterThan(100)
  })

  it('keeps the old one where the new one is of no use, and tells all that is wrong with it', async () => {
    await beginAnew()
    const client = await bound(service.dn, service.password)
    const broken = marked('two', { log: { level: 'loud' as never }, limits: { size: -1 } })
    running.write(broken)
    await running.hangUp()
    const reasons = running
      .output()
      .split('\n')
      .filter((line) => line.includes('is not reloaded'))
    expect(reasons.map((line) => JSON.parse(line).reason)).toEqual([
      expect.stringMatching(/gateway\.yaml:1:\d+ {2}log\.level: /),
      expect.stringMatching(/gateway\.yaml:1:\d+ {2}limits\.size: /),
    ])
    expect(await marksOf(client)).toEqual(['one', 'one'])
    // No such table.
    running.write(JSON.stringify(marked('two')).replaceAll('"staff"', '"stuff"'))
    await running.hangUp()
    expect(running.output()).toContain('stuff')
    expect(await marksOf(client)).toEqual(['one', 'one'])
    running.write(marked('two'))
    await running.hangUp()
    expect(await marksOf(client)).toEqual(['two', 'two'])
  })

  it('tells together what is wrong with what it names: hooks, logs and tables', async () => {
    await beginAnew()
    const before = running.output().length
    const wrong = marked('two', {
      copy: { hooks: { module: './none.mjs' } },
      log: { access: '/nowhere/access.log' },
    })
    running.write(JSON.stringify(wrong).replaceAll('"staff"', '"stuff"'))
    await running.hangUp()
    const output = running.output().slice(before)
    for (const part of ['none.mjs', '/nowhere/access.log', 'stuff']) expect(output).toContain(part)
    expect(await marksOf(await bound(service.dn, service.password))).toEqual(['one', 'one'])
  })

  it('leaves clients bound as whom they are, with the rights that they have now', async () => {
    await beginAnew()
    const [account, person] = await Promise.all([
      bound(service.dn, service.password),
      bound(`uid=user.1,ou=people,${suffix}`, password),
    ])
    expect(await marksOf(person)).toEqual(['one', 'one'])
    running.write(marked('two', { access: [{ who: [service.dn], views: '*' }] }))
    await running.hangUp()
    expect(await marksOf(account)).toEqual(['two', 'two'])
    expect((await outcomeOf(person, suffix)).code).toBe(resultCode.noSuchObject)
    const moved = JSON.stringify(marked('three')).replaceAll('ou=people', 'ou=staff')
    running.write(moved)
    await running.hangUp()
    expect(await person.whoAmI()).toBe(`dn:uid=user.1,ou=staff,${suffix}`)
  })

  it('ends connections of whoever is gone', async () => {
    await beginAnew()
    const [account, person] = await Promise.all([
      bound(service.dn, service.password),
      bound(`uid=user.1,ou=people,${suffix}`, password),
    ])
    const [view] = marked('two').views
    running.write(
      marked('two', {
        serviceAccounts: [],
        scim: {},
        access: [{ who: 'authenticated', views: '*' }],
        views: [{ ...(view as object), where: { login: 'user.2' } } as never],
      }),
    )
    await running.hangUp()
    expect((await outcomeOf(account, suffix)).code).not.toBe(0)
    expect((await outcomeOf(person, suffix)).code).not.toBe(0)
    await eventually(
      2000,
      async () => [account.closed, person.closed],
      ([a, p]) => a === true && p === true,
    )
  })

  it('is not needed with watch: a changed file is enough, one that the configuration names too', async () => {
    const secret = `\${file:./token.txt}`
    const config = (mark: string) =>
      marked(mark, {
        watch: true,
        scim: { tokens: [{ name: 'test', token: secret, as: service.dn, scopes: ['*'] }] },
      })
    await beginAnew()
    const client = await bound(service.dn, service.password)
    const file = join(dirname(running.file), 'token.txt')
    writeFileSync(file, `{CLEARTEXT}${TOKEN}`)
    running.write(config('one'))
    await running.hangUp()
    running.write(config('two'))
    await eventually(
      5000,
      () => marksOf(client),
      (marks) => marks.every((mark) => mark === 'two'),
    )
    const ask = async (token: string) =>
      (await fetch(`${running.http}/scim/v2/Users`, { headers: { authorization: `Bearer ${token}` } })).status
    expect(await ask(TOKEN)).toBe(200)
    writeFileSync(file, '{CLEARTEXT}another-token-of-the-application')
    await eventually(
      5000,
      () => ask('another-token-of-the-application'),
      (status) => status === 200,
    )
    expect(await ask(TOKEN)).toBe(401)
  })

  it('opens ports and closes them, and connections of closed ones go on', async () => {
    await beginAnew()
    const before = await bound(service.dn, service.password)
    const [ldap, http] = [await freePort(), await freePort()]
    running.write(marked('two', { listen: { ldap, http } }))
    await running.hangUp()
    expect(await marksOf(before)).toEqual(['two', 'two'])
    await expect(running.connect()).rejects.toThrow()
    const after = await LdapClient.connect({ port: ldap })
    await after.bind(service.dn, service.password)
    expect(await marksOf(after)).toEqual(['two', 'two'])
    expect((await fetch(`http://127.0.0.1:${http}/readyz`)).status).toBe(200)
    await expect(fetch(`${running.http}/readyz`)).rejects.toThrow()
    // A port that is not to be had is one more reason to keep the old one.
    running.write(marked('three', { listen: { ldap: http } }))
    await running.hangUp()
    expect(running.output()).toContain('EADDRINUSE')
    expect(await marksOf(after)).toEqual(['two', 'two'])
    after.close()
  })

  it('reaches all processes', async () => {
    const several = await serveMarked(marked('one'), '--workers', '2')
    several.write(marked('two'))
    await several.hangUp(2)
    for (let n = 1; n <= 4; n++) {
      const client = await several.connect()
      await client.bind(service.dn, service.password)
      expect(await marksOf(client)).toEqual(['two', 'two'])
    }
    await several.close()
  })
})
