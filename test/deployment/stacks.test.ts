/** What the compose files of `docker/` put together works: with the real databases and HAProxy, and what Gitea asks. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, InvalidCredentialsError } from 'ldapts'
import { afterEach, expect, it } from 'vitest'
import { mappingText, runSql } from '../mappings/databases.js'
import { find } from '../mappings/served.js'
import { startHaproxy } from '../servers/haproxy.js'
import { startMariadb } from '../servers/mariadb.js'
import { startPostgres } from '../servers/postgres.js'
import { freePort } from '../servers/scratch.js'
import type { SqlServer } from '../servers/server.js'
import { dockerFolder, Stage } from './compose.js'
import type { Running } from './running.js'

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo()
})

it('WordPress: its users are found over ldaps and SCIM, by an account that may read', async () => {
  const stage = new Stage('wordpress')
  const server = await startMariadb()
  cleanUp.push(() => server.stop())
  const url = await server.createDatabase('wordpress')
  writeFileSync(join(stage.folder, '.my.cnf'), `[client]\nsocket=${server.socket}\n`)
  stage.script('db', 'reader.sh', { HOME: stage.folder, MARIADB_ROOT_PASSWORD: '' })
  await runSql(url, mappingText('wordpress/schema.mariadb.sql'), mappingText('wordpress/sample.sql'))

  const gateway = await stage.gateway('gateway', { '@db:3306': `@127.0.0.1:${server.port}` })
  cleanUp.push(() => gateway.kill('SIGKILL'))
  await healthy(gateway)
  const client = encrypted(stage, gateway.ports.ldaps)
  await client.bind('cn=reader,dc=example,dc=org', stage.secret('bind_password'))
  const administrators = await find(client, 'dc=example,dc=org', '(employeeType=administrator)')
  expect(administrators.map(({ dn }) => dn)).toEqual(['uid=clara,ou=people,dc=example,dc=org'])
  await client.bind('uid=clara,ou=people,dc=example,dc=org', 'Nocturne No. 20')

  const reader = new URL(url)
  Object.assign(reader, { username: 'gateway', password: stage.secret('reader_password') })
  await expect(runSql(reader.href, 'DELETE FROM wp_users')).rejects.toThrow('DELETE command denied')
  expect((await users(stage, gateway.ports.https)).map(([name]) => name)).toContain('clara')
  gateway.kill('SIGTERM')
  expect(await gateway.exited).toBe(0)
})

it('Gitea: people log in, administrators are known, and nobody who has left gets in', async () => {
  const stage = new Stage('gitea')
  const server = await company(stage)
  const gateway = await stage.gateway('gateway', { '@db:5432': `@127.0.0.1:${server.port}` })
  cleanUp.push(() => gateway.kill('SIGKILL'))
  await healthy(gateway)

  const options = addedLogin(stage)
  expect(options).toMatchObject({
    '--host': '127.0.0.1',
    '--port': '1389',
    '--security-protocol': 'unencrypted',
  })
  const logIn = (login: string, password: string) => giteaLogin(gateway, options, login, password)
  expect(await logIn('ada', 'Notes of 1843')).toEqual({
    uid: 'ada',
    givenName: 'Ada',
    sn: 'Lovelace',
    mail: 'ada@example.com',
    isAdmin: true,
  })
  expect(await logIn('grace', 'A-0 System')).toMatchObject({ uid: 'grace', isAdmin: false })
  expect(await logIn('grace', 'Notes of 1843')).toBe('refused')
  expect(await logIn('charles', 'Notes of 1843')).toBe('refused')
  expect(await logIn('nobody', 'Notes of 1843')).toBe('refused')
})

it('copies: HAProxy leads to replicas that serve without the database, and past one that is killed', async () => {
  const stage = new Stage('copies')
  const hr = await company(stage)
  // One server plays both parts.
  const superuser = await hr.createDatabase('copies')
  await runSql(superuser, `CREATE ROLE copies LOGIN PASSWORD '${stage.secret('store_password')}'`)
  await runSql(superuser, 'ALTER DATABASE copies OWNER TO copies')
  const places = { '@db:5432': `@127.0.0.1:${hr.port}`, '@store:5432': `@127.0.0.1:${hr.port}` }
  const gateways: Running[] = []
  for (const name of ['gateway-1', 'gateway-2']) {
    const gateway = await stage.gateway(name, places, { PROXIES: '127.0.0.1/32' })
    cleanUp.push(() => gateway.kill('SIGKILL'))
    await healthy(gateway)
    gateways.push(gateway)
  }
  const [first, second] = gateways
  const scim = await freePort()
  const balancer = await startHaproxy((ldaps) => {
    const replaced: Record<string, string> = {
      'bind :1636': `bind 127.0.0.1:${ldaps}`,
      'bind :8443': `bind 127.0.0.1:${scim}`,
    }
    for (const [i, { ports }] of gateways.entries()) {
      const name = `gateway-${i + 1}`
      replaced[`server ${name} ${name}:1636`] = `server ${name} 127.0.0.1:${ports.ldaps} port ${ports.https}`
      replaced[`server ${name} ${name}:8443`] = `server ${name} 127.0.0.1:${ports.https}`
    }
    return join(stage.files('balancer', replaced), 'haproxy.cfg')
  })
  cleanUp.push(() => balancer.stop())

  await logsIn(stage, balancer.port)
  expect(await users(stage, scim)).toEqual(
    ['ada', 'grace', 'charles'].map((name) => [name, `localhost:${scim}`]),
  )
  await runSql(`${new URL('hr', superuser)}`, 'ALTER TABLE people RENAME TO gone')
  await logsIn(stage, balancer.port)

  first?.kill('SIGKILL')
  await first?.exited
  // HAProxy finds out within three checks, two seconds apart, or as soon as a connection fails.
  const served = Date.now() + 15_000
  for (;;) {
    try {
      await logsIn(stage, balancer.port)
      break
    } catch (error) {
      if (Date.now() > served) throw error
      await sleep(200)
    }
  }
  second?.kill('SIGTERM')
  expect(await second?.exited).toBe(0)
})

/** The database that the image of PostgreSQL would make. */
async function company(stage: Stage): Promise<SqlServer> {
  const server = await startPostgres()
  cleanUp.push(() => server.stop())
  const url = new URL(await server.createDatabase('hr'))
  await runSql(url.href, readFileSync(join(dockerFolder, 'company/seed.sql'), 'utf8'))
  stage.script('db', '2-accounts.sh', {
    PGHOST: url.hostname,
    PGPORT: url.port,
    PGUSER: url.username,
    PGPASSWORD: url.password,
  })
  return server
}

/** What the health check of the image asks. */
async function healthy(gateway: Running): Promise<void> {
  const check = join(dockerFolder, 'health.js')
  const deadline = Date.now() + 15_000
  for (;;) {
    try {
      execFileSync(process.execPath, [check, `http://127.0.0.1:${gateway.ports.ops}/readyz`], {
        encoding: 'utf8',
      })
      return
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(100)
    }
  }
}

function encrypted(stage: Stage, port = 0): Client {
  const url = `ldaps://localhost:${port}`
  const client = new Client({ url, timeout: 20_000, tlsOptions: { ca: stage.secret('tls.crt') } })
  cleanUp.push(() => client.unbind())
  return client
}

async function logsIn(stage: Stage, port: number): Promise<void> {
  const client = encrypted(stage, port)
  await client.bind('cn=reader,dc=example,dc=com', stage.secret('bind_password'))
  const compilers = '(memberOf=cn=compilers,ou=groups,dc=example,dc=com)'
  expect(await find(client, 'dc=example,dc=com', compilers)).toHaveLength(2)
  await client.bind('uid=ada,ou=people,dc=example,dc=com', 'Notes of 1843')
}

/** All user names over SCIM, each with the host in the address that its resource says it has. */
function users(stage: Stage, port = 0): Promise<(readonly [string, string])[]> {
  const headers = { authorization: `Bearer ${stage.secret('scim_token')}` }
  return new Promise((resolve, reject) => {
    const to = { host: 'localhost', port, path: '/scim/v2/Users', ca: stage.secret('tls.crt'), headers }
    const asked = request(to, async (response) => {
      let text = ''
      for await (const chunk of response) text += String(chunk)
      expect(response.statusCode, text).toBe(200)
      const { Resources } = JSON.parse(text) as {
        Resources: { userName: string; meta: { location: string } }[]
      }
      resolve(Resources.map(({ userName, meta }) => [userName, new URL(meta.location).host]))
    })
    asked.once('error', reject)
    asked.end()
  })
}

/** The options that the script gives to a `gitea` that only remembers them. */
function addedLogin(stage: Stage): Readonly<Record<string, string>> {
  const programs = join(stage.folder, 'bin')
  mkdirSync(programs)
  // When it is first asked it has no database yet.
  const [asked, ready] = [join(programs, 'asked'), join(programs, 'ready')]
  const list = `if [ "$3" = list ]; then [ -e ${asked} ] && exec touch ${ready}; touch ${asked}; exit 1; fi`
  const remember = `#!/bin/sh\n${list}\n[ -e ${ready} ] || exit 1\nprintf '%s\\n' "$@"\n`
  writeFileSync(join(programs, 'gitea'), remember)
  chmodSync(join(programs, 'gitea'), 0o755)
  const PATH = `${programs}:${process.env.PATH}`
  const [admin, auth, command, ...options] = stage
    .script('gitea', 'add-login.sh', { PATH })
    .trim()
    .split('\n')
  expect([admin, auth, command]).toEqual(['admin', 'auth', 'add-ldap'])
  const named = options.flatMap((option, i) =>
    option.startsWith('--') ? [[option, options[i + 1] ?? '']] : [],
  )
  return Object.fromEntries(named)
}

/** The requests that Gitea sends for a login where attributes are read by its own account, in their order. */
async function giteaLogin(
  gateway: Running,
  options: Readonly<Record<string, string>>,
  login: string,
  password: string,
): Promise<unknown> {
  const said = (name: string) => options[`--${name}`] ?? ''
  const client = new Client({ url: `ldap://127.0.0.1:${gateway.ports.ldap}`, timeout: 20_000 })
  try {
    await client.bind(said('bind-dn'), said('bind-password'))
    const filter = said('user-filter').replace('%s', login)
    const [one, ...others] = await find(client, said('user-search-base'), filter)
    if (one === undefined || others.length > 0) return 'refused'
    const attributes = ['username', 'firstname', 'surname', 'email'].map((name) => said(`${name}-attribute`))
    const [entry] = await find(client, one.dn, filter, { attributes })
    const admins = await find(client, one.dn, said('admin-filter'), { attributes: ['givenName'] })
    await client.bind(one.dn, password)
    const values = attributes.map((name) => [name, entry?.[name]])
    return { ...Object.fromEntries(values), isAdmin: admins.length === 1 }
  } catch (error) {
    if (error instanceof InvalidCredentialsError) return 'refused'
    throw error
  } finally {
    await client.unbind()
  }
}
