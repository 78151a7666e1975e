/** On a terminal, what was proposed can be answered otherwise; elsewhere nobody is asked. */
import { PassThrough } from 'node:stream'
import { afterAll, describe, expect, test } from 'vitest'
import { asking } from '../../src/cli/init-questions.js'
import { mappingText } from '../mappings/databases.js'
import { cleanUp, ran, sqliteOf } from './running.js'

afterAll(cleanUp)

const tables = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, login TEXT UNIQUE, nick TEXT UNIQUE, name TEXT, email TEXT, password TEXT);
  CREATE TABLE members (id INTEGER PRIMARY KEY, username TEXT UNIQUE, name TEXT, email TEXT);
  CREATE TABLE teams (id INTEGER PRIMARY KEY, name TEXT);
  CREATE TABLE member_teams (member_id INTEGER, team_id INTEGER);
  INSERT INTO users VALUES (1, 'ada', 'countess', 'Ada', 'ada@example.org', NULL);
  INSERT INTO members VALUES (1, 'emmy', 'Emmy', 'emmy@example.org');`

/** A terminal on which somebody answers each question in turn. */
function terminal(...answers: readonly string[]) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true })
  const stdout = Object.assign(new PassThrough(), { isTTY: true })
  const left = [...answers]
  let shown = ''
  stdout.on('data', (text: Buffer) => {
    shown += text.toString()
    if (/\] $/.test(text.toString())) setImmediate(() => stdin.write(`${left.shift() ?? ''}\n`))
  })
  return { asked: asking({ stdin, stdout }), shown: () => shown, leave: () => stdin.end() }
}

describe('on a terminal', () => {
  test('nothing but the Enter key accepts the proposal', async () => {
    const { asked, shown } = terminal()
    const { code, data } = await ran(sqliteOf(tables), {}, asked)
    expect(shown()).toMatch(
      /Which table holds people\? \[users\] .*log in with\? \[login\].*\[dc=example,dc=com\]/s,
    )
    expect(data('people.yaml').from).toBe('users')
    expect(code).toBe(0)
  })

  test('another table, another column and another suffix are taken, and those that are not there asked for again', async () => {
    const { asked, shown } = terminal('lost', 'users', 'teams', 'none', 'lost', 'nick', '', '', 'o=acme')
    const { code, data } = await ran(sqliteOf(tables), {}, asked)
    expect(shown()).toMatch(/there is no table lost\. There are member_teams, members, teams, users\./)
    expect(shown()).toMatch(/teams is no table of groups that people of users are members of/)
    expect(shown()).toMatch(/There is no column lost; there are id, login, nick/)
    expect(data('people.yaml').attributes).toMatchObject({ uid: 'nick' })
    expect(data('gateway.yaml').suffix).toBe('o=acme')
    expect(code).toBe(0)
  })

  test('who leaves in the middle is told that nothing was written', async () => {
    const { asked, leave } = terminal('users')
    leave()
    await expect(ran(sqliteOf(tables), {}, asked)).rejects.toThrow(/nothing was written/)
  })

  test('a table of people leads to their own groups', async () => {
    const { asked } = terminal('members')
    const { data } = await ran(sqliteOf(tables), {}, asked)
    expect(data('people.yaml').from).toBe('members')
    expect(data('groups.yaml').from).toBe('teams')
  })

  test('a worked mapping can be declined', async () => {
    const { asked, shown } = terminal('no')
    const url = sqliteOf(mappingText('django/schema.sqlite.sql'), mappingText('django/sample.sql'))
    const { printed } = await ran(url, {}, asked)
    expect(shown()).toContain('These are the tables of Django. Use its worked mapping? [yes]')
    expect(printed).not.toContain('recognised')
  })

  test('nobody is asked with --yes, nor with --json, which prints one object', async () => {
    const { asked, shown } = terminal('lost')
    const url = sqliteOf(tables)
    expect((await ran(url, { yes: true }, asked)).code).toBe(0)
    const { printed } = await ran(url, { json: true }, asked)
    expect(JSON.parse(printed)).toMatchObject({
      views: [{ mapping: { view: 'people', from: 'users' } }],
      doubts: expect.arrayContaining([expect.stringMatching(/who may not log in/)]),
      proof: { searches: [{ view: 'people', dn: 'uid=ada,ou=people,dc=example,dc=com' }] },
    })
    expect(shown()).toBe('')
  })
})

test('where there is no terminal, nobody is asked', () => {
  expect(asking({ stdin: new PassThrough(), stdout: new PassThrough() })).toBeUndefined()
})
