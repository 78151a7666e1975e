/** OpenLDAP's tools as Debian has them, asking what people ask of them in scripts. What they print is in `test/protocol`. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseLdif } from '../protocol/client-programs.js'
import { tellProgram, versionOf } from './told.js'
import { dnOf, groupDn, groups, people, persons, reader, startWorld, teams, type World } from './world.js'

describe('ldap-utils', () => {
  let world: World
  let told = ''
  tellProgram('ldap-utils', () => told)

  beforeAll(async () => {
    world = await startWorld()
    told = await versionOf(world.machine, 'ldapsearch', '-VV')
  })

  afterAll(() => world?.close())

  const tool = (name: string, user: { dn: string; password: string }, ...args: readonly string[]) =>
    world.machine.run(name, ['-x', '-H', world.url, '-D', user.dn, '-w', user.password, ...args])

  it('ldapsearch finds people by names with special characters', async () => {
    for (const { uid, cn } of Object.values(persons)) {
      const value = cn.replace(/[\\*()]/g, (c) => `\\${c.charCodeAt(0).toString(16)}`)
      const run = await tool('ldapsearch', reader, '-LLL', '-b', people, `(cn=${value})`, 'cn', 'uid')
      expect(parseLdif(run.stdout)).toEqual([{ dn: dnOf(uid), attributes: { cn: [cn], uid: [uid] } }])
    }
  })

  it('ldapwhoami tells who has the right password, and is not disabled', async () => {
    for (const { uid, password, isEnabled } of Object.values(persons)) {
      expect(await tool('ldapwhoami', { dn: dnOf(uid), password })).toMatchObject(
        isEnabled ? { code: 0, stdout: `dn:${dnOf(uid)}\n` } : { code: 49, stdout: '' },
      )
      expect(await tool('ldapwhoami', { dn: dnOf(uid), password: `${password}x` })).toMatchObject({
        code: 49,
      })
    }
  })

  it('ldapsearch lists groups page by page, ldapcompare knows members', async () => {
    const run = await tool('ldapsearch', reader, '-LLL', '-E', 'pr=1/noprompt', '-b', groups, '(cn=*)', 'cn')
    expect(parseLdif(run.stdout).flatMap((entry) => entry.attributes.cn)).toEqual(Object.keys(teams))
    const isIn = (uid: string) =>
      tool('ldapcompare', reader, '-z', groupDn('engineers'), `member:${dnOf(uid)}`)
    expect(await isIn('ada')).toMatchObject({ code: 6 })
    expect(await isIn('jurgen')).toMatchObject({ code: 5 })
  })
})
