/** SSSD: a host whose accounts, groups and logins come from the gateway, through its cache. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Run } from '../servers/machine.js'
import { shown } from './page.js'
import { tellProgram, versionOf } from './told.js'
import { dnOf, gidNumber, persons, reader, startWorld, uidNumber, type World } from './world.js'

/** It sends passwords over TLS only, unless told this. */
const inClear = 'ldap_auth_disable_tls_never_use_in_production = true\n'

describe('SSSD', () => {
  let world: World
  let told = ''
  tellProgram('SSSD', () => told)

  beforeAll(async () => {
    world = await startWorld()
    const { machine, url } = world
    told = await versionOf(machine, 'sssd', '--version')
    machine.write('/etc/sssd/sssd.conf', shown('/etc/sssd/sssd.conf', url) + inClear)
    machine.write('/etc/nsswitch.conf', 'passwd: files sss\ngroup: files sss\n', 0o644)
    const pam = (type: string) => `${type} required pam_sss.so\n`
    machine.write('/etc/pam.d/example', pam('auth') + pam('account'), 0o644)
    await machine.serve({
      command: ['sssd', '-i'],
      ready: async () => {
        if ((await getent('passwd', 'ada')).code !== 0) throw new Error('not yet')
      },
    })
  })

  afterAll(() => world?.close())

  const getent = (...args: readonly string[]): Promise<Run> =>
    world.machine.run('getent', ['-s', 'sss', ...args])
  const line = (uid: string, cn: string) => `${uid}:*:${uidNumber(uid)}:80001:${cn}:/home/${uid}:/bin/sh\n`
  const login = (user: string, password: string) =>
    world.machine.run('pamtester', ['example', user, 'authenticate', 'acct_mgmt'], { input: `${password}\n` })

  it('looks accounts up by name and by number', async () => {
    for (const { uid, cn } of Object.values(persons)) {
      expect((await getent('passwd', uid)).stdout).toBe(line(uid, cn))
      expect((await getent('passwd', String(uidNumber(uid)))).stdout).toBe(line(uid, cn))
    }
    expect(await getent('passwd', 'nobody-at-all')).toMatchObject({ code: 2, stdout: '' })
    expect(await getent('passwd', 'ad*')).toMatchObject({ code: 2, stdout: '' })
    expect(await getent('passwd', 'ada)(uid=*')).toMatchObject({ code: 2, stdout: '' })
  })

  it('looks groups up, and those of a person', async () => {
    const members = async (group: string) => {
      const [, , , names = ''] = (await getent('group', group)).stdout.trim().split(':')
      return names.split(',').sort()
    }
    expect(await members('engineers')).toEqual(['ada', 'grace', "o'brien"])
    expect(await members(String(gidNumber('web (beta) *')))).toEqual(['ada', 'jurgen', 'locked'])
    const ids = (await world.machine.run('id', ['-G', 'ada'])).stdout.trim().split(' ').map(Number)
    expect(ids.sort()).toEqual([gidNumber('engineers'), gidNumber('web (beta) *')])
  })

  it('lets log in with the right password, unless disabled', async () => {
    for (const { uid, password, isEnabled } of Object.values(persons)) {
      expect({ uid, code: (await login(uid, password)).code }).toEqual({ uid, code: isEnabled ? 0 : 1 })
      expect((await login(uid, `${password}x`)).code).toBe(1)
    }
    expect((await login('ada', '')).code).toBe(1)
  })

  it('binds as who logs in', () => {
    const names = world.recorder.requests.flatMap((asked) => (asked.op === 'bindRequest' ? [asked.name] : []))
    expect(names).toContain(reader.dn)
    expect(names).toContain(dnOf("o'brien"))
  })
})
