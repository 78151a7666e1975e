/** FreeRADIUS with its ldap module: who gets onto the network, and as a member of what. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../servers/scratch.js'
import { HOST } from '../servers/server.js'
import { shown } from './page.js'
import { tellProgram, versionOf } from './told.js'
import { persons, startWorld, type World } from './world.js'

const secret = 'between us'

const config = (world: World, port: number) => `libdir = /usr/lib/freeradius
run_dir = /run/freeradius
logdir = /var/log/freeradius
security {
  user = freerad
  group = freerad
  reject_delay = 0
}
client localhost {
  ipaddr = ${HOST}
  secret = "${secret}"
}
thread pool {
  start_servers = 2
  max_servers = 4
}
modules {
  ${shown('/etc/freeradius/3.0/mods-enabled/ldap', world.url)}
}
server default {
  listen {
    type = auth
    ipaddr = ${HOST}
    port = ${port}
  }
  ${shown('/etc/freeradius/3.0/sites-enabled/default', world.url)}
}
`

describe('FreeRADIUS', () => {
  let world: World
  let told = ''
  let port = 0
  tellProgram('FreeRADIUS', () => told)

  beforeAll(async () => {
    world = await startWorld()
    const { machine } = world
    told = await versionOf(machine, 'freeradius', '-v')
    port = await freePort()
    machine.folder('/run/freeradius', 'freerad')
    machine.folder('/var/log/freeradius', 'freerad')
    machine.write('/etc/freeradius/3.0/example.conf', config(world, port), 0o644)
    await machine.serve({
      command: ['freeradius', '-f', '-l', 'stdout', '-n', 'example', '-d', '/etc/freeradius/3.0'],
      ready: async () => {
        if (!(await ask('ada', persons.ada.password)).includes('Received')) throw new Error('not yet')
      },
    })
  })

  afterAll(() => world?.close())

  /** What radclient prints of the answer. */
  async function ask(user: string, password: string): Promise<string> {
    const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`
    const input = `User-Name = ${quoted(user)}\nUser-Password = ${quoted(password)}\n`
    const options = ['-x', '-r', '1', '-t', '3', `${HOST}:${port}`, 'auth', secret]
    const { stdout, stderr } = await world.machine.run('radclient', options, { input })
    return stdout + stderr
  }

  it('accepts the right password, with what is said of the person', async () => {
    expect(await ask('ada', persons.ada.password)).toMatch(
      /Access-Accept(.|\n)*Reply-Message = "Ada Lovelace"/,
    )
    expect(await ask('grace', persons.grace.password)).toMatch(
      /Access-Accept(.|\n)*Reply-Message = "Grace \(Amazing\) Hopper\*"/,
    )
    expect(await ask("o'brien", persons.obrien.password)).toContain('Access-Accept')
    expect(await ask('jurgen', persons.jurgen.password)).toContain('Access-Accept')
  })

  it.each([
    ['a wrong password', 'ada', 'wrong'],
    ['none', 'ada', ''],
    ['a disabled account', 'locked', persons.locked.password],
    ['a name of no one', 'nobody', 'x'],
    ['a wildcard for a name', 'ad*', persons.ada.password],
    ['a piece of a filter for a name', 'ada)(cn=*', persons.ada.password],
  ])('rejects %s', async (_what, user, password) => {
    expect(await ask(user, password)).toContain('Access-Reject')
  })

  it('knows groups, with special characters in their names', async () => {
    const groupsOf = async (one: { readonly uid: string; readonly password: string }) =>
      [...(await ask(one.uid, one.password)).matchAll(/Filter-Id = "(\w+)"/g)].map(([, name]) => name)
    expect(await groupsOf(persons.ada)).toEqual(['engineers', 'web', 'webByDn'])
    expect(await groupsOf(persons.grace)).toEqual(['engineers'])
    expect(await groupsOf(persons.jurgen)).toEqual(['web', 'webByDn'])
  })
})
