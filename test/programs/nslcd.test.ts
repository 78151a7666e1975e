/** nslcd with libnss-ldapd and libpam-ldapd: a host whose accounts, groups and logins come from the gateway. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Run } from '../servers/machine.js'
import { shown } from './page.js'
import { tellProgram, versionOf } from './told.js'
import { gidNumber, persons, startWorld, uidNumber, type World } from './world.js'

describe('nslcd', () => {
  let world: World
  let told = ''
  tellProgram('nslcd', () => told)

  beforeAll(async () => {
    world = await startWorld()
    const { machine, url } = world
    told = await versionOf(machine, 'nslcd', '--version')
    machine.folder('/run/nslcd', 'nslcd')
    // Small pages, so that there are several.
    machine.write('/etc/nslcd.conf', shown('/etc/nslcd.conf', url).replace('pagesize 500', 'pagesize 2'))
    machine.write('/etc/nsswitch.conf', 'passwd: files ldap\ngroup: files ldap\nshadow: files ldap\n', 0o644)
    const pam = (type: string) => `${type} required pam_ldap.so\n`
    machine.write('/etc/pam.d/example', pam('auth') + pam('account'), 0o644)
    await machine.serve({
      command: ['nslcd', '--nofork'],
      ready: async () => {
        if ((await getent('passwd', 'ada')).code !== 0) throw new Error('not yet')
      },
    })
  })

  afterAll(() => world?.close())

  const getent = (...args: readonly string[]): Promise<Run> =>
    world.machine.run('getent', ['-s', 'ldap', ...args])
  const lines = ({ stdout }: Run) => stdout.split('\n').filter((line) => line !== '')
  const line = (uid: string, cn: string) => `${uid}:*:${uidNumber(uid)}:80001:${cn}:/home/${uid}:/bin/sh`
  const login = (user: string, password: string) =>
    world.machine.run('pamtester', ['example', user, 'authenticate', 'acct_mgmt'], { input: `${password}\n` })

  it('looks accounts up by name and by number', async () => {
    const { ada, jurgen, obrien } = persons
    expect(lines(await getent('passwd', 'ada'))).toEqual([line('ada', ada.cn)])
    expect(lines(await getent('passwd', "o'brien"))).toEqual([line("o'brien", obrien.cn)])
    expect(lines(await getent('passwd', String(uidNumber('jurgen'))))).toEqual([line('jurgen', jurgen.cn)])
    expect(await getent('passwd', 'nobody-at-all')).toMatchObject({ code: 2, stdout: '' })
    expect(await getent('passwd', '*')).toMatchObject({ code: 2, stdout: '' })
    expect(await getent('passwd', '(ada*)')).toMatchObject({ code: 2, stdout: '' })
  })

  it('lists accounts and groups, page by page', async () => {
    expect(lines(await getent('passwd'))).toEqual(Object.values(persons).map(({ uid, cn }) => line(uid, cn)))
    expect(lines(await getent('group')).map((one) => one.split(':')[0])).toEqual([
      'engineers',
      'web (beta) *',
      'empty',
    ])
  })

  it('looks groups up by name, by number and by member', async () => {
    const [name, , gid, members = ''] = lines(await getent('group', 'engineers'))[0]?.split(':') ?? []
    expect([name, gid]).toEqual(['engineers', String(gidNumber('engineers'))])
    expect(members.split(',').sort()).toEqual(['ada', 'grace', "o'brien"])
    const [spaced = ''] = lines(await getent('group', String(gidNumber('web (beta) *'))))
    expect(spaced.split(':')[0]).toBe('web (beta) *')
    const ids = (await getent('initgroups', 'ada')).stdout.trim().split(/\s+/).slice(1).map(Number)
    expect(ids.sort()).toEqual([gidNumber('engineers'), gidNumber('web (beta) *')])
    const id = await world.machine.run('id', ['-G', 'jurgen'])
    expect(id.stdout.trim().split(' ').map(Number).sort()).toEqual([80_001, gidNumber('web (beta) *')])
  })

  it('lets log in with the right password, unless disabled', async () => {
    const { ada, locked, obrien } = persons
    expect(await login('ada', ada.password)).toMatchObject({ code: 0 })
    expect(await login("o'brien", obrien.password)).toMatchObject({ code: 0 })
    expect((await login('ada', 'wrong')).code).toBe(1)
    expect((await login('ada', '')).code).toBe(1)
    expect((await login('locked', locked.password)).code).toBe(1)
    expect((await login('nobody-at-all', 'x')).code).toBe(1)
  })
})
