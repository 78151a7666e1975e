/** Apache httpd's mod_authnz_ldap: who is let in where, by user, group, attribute and filter. */
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../servers/scratch.js'
import { HOST } from '../servers/server.js'
import { isShown, shown } from './page.js'
import { tellProgram, versionOf } from './told.js'
import { dnOf, groupDn, persons, startWorld, type World } from './world.js'

const { ada, grace, jurgen, locked, obrien } = persons
const modules = [
  ...[
    'mpm_event',
    'authn_core',
    'authz_core',
    'authz_user',
    'auth_basic',
    'ldap',
    'authnz_ldap',
    'dir',
    'alias',
  ],
]

/** What each folder requires. */
const folders: Readonly<Record<string, readonly string[]>> = {
  valid: ['Require valid-user'],
  user: [`Require ldap-user ada "${obrien.uid}"`],
  dn: [`Require ldap-dn ${dnOf('grace')}`],
  group: [`Require ldap-group ${groupDn('engineers')}`],
  spaced: [`Require ldap-group ${groupDn('web (beta) *')}`],
  login: [
    'AuthLDAPGroupAttribute memberUid',
    'AuthLDAPGroupAttributeIsDN off',
    `Require ldap-group ${groupDn('engineers')}`,
  ],
  attribute: ['Require ldap-attribute sn=Lovelace'],
  member: [`Require ldap-attribute memberOf=${groupDn('engineers')}`],
  filter: ['Require ldap-filter |(sn=Hopper)(cn=Miles*)'],
}

function config(port: number, url: string): string {
  const location = shown('/etc/apache2/conf-enabled/example.conf', url)
  const locations = Object.entries(folders).map(([name, lines]) =>
    location.replace('<Location />', `<Location /${name}>`).replace('Require valid-user', lines.join('\n')),
  )
  return `ServerRoot /etc
ServerName ${HOST}
Listen ${HOST}:${port}
User www-data
Group www-data
PidFile /run/apache.pid
ErrorLog /dev/stderr
DocumentRoot /var/www
${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
# What was found is not kept, so that changes show at once.
LDAPCacheTTL 0
LDAPOpCacheTTL 0
${locations.join('\n')}
`
}

describe('Apache httpd', () => {
  let world: World
  let told = ''
  let port = 0
  tellProgram('Apache httpd', () => told)

  beforeAll(async () => {
    world = await startWorld()
    const { machine, url } = world
    told = await versionOf(machine, 'apache2', '-v')
    port = await freePort()
    machine.folder('/var/www', 'www-data')
    for (const name of Object.keys(folders)) machine.write(`/var/www/${name}/index.html`, 'let in', 0o644)
    for (const name of Object.keys(folders)) machine.folder(`/var/www/${name}`, 'www-data')
    machine.write('/etc/httpd.conf', config(port, url))
    await machine.serve({
      command: ['apache2', '-f', '/etc/httpd.conf', '-D', 'FOREGROUND'],
      ready: async () => {
        await status('valid')
      },
    })
  })

  afterAll(() => world?.close())

  /** What a folder answers to a user's name and password. */
  function status(
    folder: string,
    user?: { readonly uid: string; readonly password: string },
  ): Promise<number> {
    return new Promise((resolve, reject) => {
      const auth = user && { auth: `${user.uid}:${user.password}` }
      const asked = request(
        { host: HOST, port, path: `/${folder}/index.html`, agent: false, ...auth },
        (answer) => {
          answer.resume()
          resolve(answer.statusCode ?? 0)
        },
      )
      asked.on('error', reject)
      asked.end()
    })
  }

  /** Who of all is let in. */
  async function letIn(folder: string): Promise<readonly string[]> {
    const all = [ada, grace, locked, jurgen, obrien]
    const statuses = await Promise.all(all.map((one) => status(folder, one)))
    return all.filter((_, i) => statuses[i] === 200).map((one) => one.uid)
  }

  it('is told what the page on it shows', () => {
    const required = ['user', 'dn', 'group', 'attribute', 'member', 'filter'].flatMap((name) => folders[name])
    expect(required.filter((line) => line !== undefined && !isShown(line))).toEqual([])
  })

  it('lets in who has the right password, unless disabled', async () => {
    expect(await status('valid')).toBe(401)
    expect(await letIn('valid')).toEqual(['ada', 'grace', 'jurgen', "o'brien"])
    expect(await status('valid', { uid: 'ada', password: 'wrong' })).toBe(401)
    expect(await status('valid', { uid: 'ada', password: '' })).toBe(401)
    expect(await status('valid', { uid: '*', password: ada.password })).toBe(401)
    expect(await status('valid', { uid: 'ada)(uid=*', password: ada.password })).toBe(401)
  })

  it.each([
    ['user', ['ada', "o'brien"]],
    ['dn', ['grace']],
    ['group', ['ada', 'grace', "o'brien"]],
    ['spaced', ['ada', 'jurgen']],
    ['login', ['ada', 'grace', "o'brien"]],
    ['attribute', ['ada']],
    ['member', ['ada', 'grace', "o'brien"]],
    ['filter', ['grace', "o'brien"]],
  ])('lets in by %s whom it should', async (folder, expected) => {
    expect(await letIn(folder)).toEqual(expected)
  })
})
