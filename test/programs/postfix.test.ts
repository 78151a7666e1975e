/** Postfix's ldap tables: mailboxes, aliases that are groups, who may send as whom. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shown } from './page.js'
import { tellProgram, versionOf } from './told.js'
import { startWorld, teams, type World } from './world.js'

/** Nobody's mail goes by names; they have special characters. */
const byName = (senders: string) => senders.replace('(mail=%s)', '(cn=%s)').replace('= uid', '= mail')

describe('Postfix', () => {
  let world: World
  let told = ''
  tellProgram('Postfix', () => told)

  beforeAll(async () => {
    world = await startWorld()
    const { machine, url } = world
    told = await versionOf(machine, 'postconf', '-d', 'mail_version')
    machine.write('/etc/postfix/main.cf', 'compatibility_level = 3.6\n', 0o644)
    machine.write('/etc/postfix/dynamicmaps.cf', 'ldap postfix-ldap.so dict_ldap_open\n', 0o644)
    for (const name of ['mailboxes', 'aliases', 'senders']) {
      const file = `/etc/postfix/${name}.cf`
      machine.write(file, shown(file, url))
    }
    machine.write('/etc/postfix/names.cf', byName(shown('/etc/postfix/senders.cf', url)))
  })

  afterAll(() => world?.close())

  /** What a table has for a key: its values, or nothing. */
  async function lookUp(table: string, key: string): Promise<readonly string[]> {
    const run = await world.machine.run('postmap', ['-q', key, `ldap:/etc/postfix/${table}.cf`])
    expect(run).toMatchObject({ code: run.stdout === '' ? 1 : 0, stderr: '' })
    return run.stdout === '' ? [] : run.stdout.trim().split(',').sort()
  }

  it('finds mailboxes and senders by address', async () => {
    expect(await lookUp('mailboxes', 'ada@example.com')).toEqual(['ada/Maildir/'])
    expect(await lookUp('mailboxes', 'ADA@Example.com')).toEqual(['ada/Maildir/'])
    expect(await lookUp('senders', "o'brien@example.com")).toEqual(["o'brien"])
    expect(await lookUp('mailboxes', 'nobody@example.com')).toEqual([])
  })

  it('takes special characters in addresses and names for what they are', async () => {
    expect(await lookUp('mailboxes', '*@example.com')).toEqual([])
    expect(await lookUp('senders', 'x)(uid=ada')).toEqual([])
    expect(await lookUp('names', 'Grace (Amazing) Hopper*')).toEqual(['grace@example.com'])
    expect(await lookUp('names', "Miles O'Brien \\ Chief")).toEqual(["o'brien@example.com"])
    expect(await lookUp('names', 'Jürgen Müller')).toEqual(['jurgen@example.com'])
  })

  it('makes aliases of groups', async () => {
    const addresses = (uids: readonly string[] = []) => uids.map((uid) => `${uid}@example.com`).sort()
    expect(await lookUp('aliases', 'engineers@example.com')).toEqual(addresses(teams.engineers))
    expect(await lookUp('aliases', 'web (beta) *@example.com')).toEqual(addresses(teams['web (beta) *']))
    expect(await lookUp('aliases', 'empty@example.com')).toEqual([])
  })
})
