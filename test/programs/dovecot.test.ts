/** Dovecot's ldap passdb and userdb: who may fetch mail, by login or address, and where it lies. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shown } from './page.js'
import { tellProgram, versionOf } from './told.js'
import { persons, startWorld, uidNumber, type World } from './world.js'

const config = `protocols =
base_dir = /run/dovecot
log_path = /dev/stderr
ssl = no
mail_location = maildir:~/Maildir
auth_mechanisms = plain login
auth_username_chars =
auth_failure_delay = 0
# It makes whoever fails wait longer every time.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
`

describe('Dovecot', () => {
  let world: World
  let told = ''
  tellProgram('Dovecot', () => told)

  beforeAll(async () => {
    world = await startWorld()
    const { machine, url } = world
    told = await versionOf(machine, 'dovecot', '--version')
    const [auth, ldap] = ['/etc/dovecot/conf.d/auth-ldap.conf.ext', '/etc/dovecot/dovecot-ldap.conf.ext']
    machine.write('/etc/dovecot/dovecot.conf', config + shown(auth, url), 0o644)
    machine.write(ldap, shown(ldap, url))
    await machine.serve({
      command: ['dovecot', '-F'],
      ready: async () => {
        if (!(await accepts('ada', persons.ada.password))) throw new Error('not yet')
      },
    })
  })

  afterAll(() => world?.close())

  const doveadm = (...args: readonly string[]) => world.machine.run('doveadm', args)

  async function accepts(user: string, password: string): Promise<boolean> {
    const { code, stdout, stderr } = await doveadm('auth', 'test', user, password)
    if (code !== 0 && code !== 77) throw new Error(`status ${code}: ${stdout}${stderr}`)
    return code === 0
  }

  it('accepts the right password, by login and by address', async () => {
    for (const { uid, mail, password, isEnabled } of Object.values(persons)) {
      expect(await accepts(uid, password)).toBe(isEnabled)
      expect(await accepts(mail, password)).toBe(isEnabled)
      expect(await accepts(uid, `${password}x`)).toBe(false)
    }
  })

  it('accepts nobody else', async () => {
    expect(await accepts('nobody', 'x')).toBe(false)
    expect(await accepts('*', persons.ada.password)).toBe(false)
    expect(await accepts('ada)(uid=*', persons.ada.password)).toBe(false)
  })

  it('knows where mail lies, and lists who has some', async () => {
    const user = await doveadm('user', "o'brien@example.com")
    expect(Object.fromEntries(user.stdout.split('\n').map((line) => line.split('\t')))).toMatchObject({
      uid: String(uidNumber("o'brien")),
      gid: '80001',
      home: "/home/o'brien",
    })
    const listed = (await doveadm('user', '*')).stdout.trim().split('\n')
    expect(listed.sort()).toEqual(
      Object.values(persons)
        .map(({ uid }) => uid)
        .sort(),
    )
  })
})

describe('Dovecot, where people are no accounts of a host', () => {
  let world: World

  beforeAll(async () => {
    world = await startWorld()
    const { machine, url } = world
    const [auth, ldap] = ['/etc/dovecot/conf.d/auth-vmail.conf.ext', '/etc/dovecot/dovecot-ldap.conf.ext']
    // There is no account for mail here.
    const mail = shown(auth, url).replace('uid=vmail gid=vmail', 'uid=5000 gid=5000')
    machine.write('/etc/dovecot/dovecot.conf', config + mail, 0o644)
    machine.write(ldap, shown(ldap, url).replaceAll('objectClass=posixAccount', 'objectClass=person'))
    await machine.serve({
      command: ['dovecot', '-F'],
      ready: async () => {
        if ((await logIn('ada', persons.ada.password)) !== 0) throw new Error('not yet')
      },
    })
  })

  afterAll(() => world?.close())

  const doveadm = (...args: readonly string[]) => world.machine.run('doveadm', args)
  const logIn = async (user: string, password: string) => (await doveadm('auth', 'test', user, password)).code

  it('lets the same people in, and has their mail where all mail is', async () => {
    for (const { uid, mail, password, isEnabled } of Object.values(persons)) {
      expect(await logIn(uid, password)).toBe(isEnabled ? 0 : 77)
      expect(await logIn(mail, `${password}x`)).toBe(77)
    }
    expect((await doveadm('user', 'ada')).stdout).toMatch(/^home\t\/var\/vmail\/ada$/m)
    expect((await doveadm('user', 'nobody')).code).not.toBe(0)
  })
})
