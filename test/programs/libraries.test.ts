/** Client libraries of other languages: each asks the same, in a script of its own, and gets the same. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tellProgram, versionOf } from './told.js'
import { dnOf, persons, reader, startWorld, suffix, type World } from './world.js'

const script = (name: string) => readFileSync(new URL(`./scripts/${name}`, import.meta.url), 'utf8')
const { ada, grace, locked, jurgen, obrien } = persons

/** What each script is given. */
const asked = {
  names: Object.fromEntries([ada, grace, jurgen, obrien].map((one) => [one.uid, one.cn])),
  binds: {
    right: [ada.uid, ada.password],
    odd: [obrien.uid, obrien.password],
    notAscii: [jurgen.uid, jurgen.password],
    wrong: [ada.uid, `${ada.password}x`],
    disabled: [locked.uid, locked.password],
    nobody: ['nobody', 'x'],
  },
}

interface Library {
  readonly name: string
  readonly file: string
  readonly program: readonly [string, ...string[]]
  readonly version: readonly [string, ...string[]]
  /** What the script does besides. */
  readonly own?: object
}

const libraries: readonly Library[] = [
  {
    name: 'python-ldap',
    file: 'ask-python-ldap.py',
    program: ['/usr/bin/python3'],
    version: ['/usr/bin/python3', '-c', 'import ldap; print(ldap.__version__)'],
  },
  {
    name: 'ldap3',
    file: 'ask-ldap3.py',
    program: ['/usr/bin/python3'],
    version: ['/usr/bin/python3', '-c', 'import ldap3; print(ldap3.__version__)'],
    own: { uidNumber: 70_001, equality: ['caseIgnoreIA5Match'], async: 15 },
  },
  {
    name: 'Net::LDAP',
    file: 'ask-net-ldap.pl',
    program: ['/usr/bin/perl'],
    version: ['/usr/bin/perl', '-MNet::LDAP', '-e', 'print Net::LDAP->VERSION'],
    own: { canonical: 1, contexts: [suffix], mail: '0.9.2342.19200300.100.1.3' },
  },
  {
    name: "PHP's ldap",
    file: 'ask-ldap.php',
    program: ['/usr/bin/php8.2', '-n', '-d', 'extension=ldap'],
    version: ['/usr/bin/php8.2', '-v'],
    own: { parallel: [5, 3] },
  },
]

let world: World

beforeAll(async () => {
  world = await startWorld()
})

afterAll(() => world?.close())

describe.each(libraries)('$name', ({ name, file, program, version, own }) => {
  let told = ''
  let said: Readonly<Record<string, unknown>>
  tellProgram(name, () => told)

  beforeAll(async () => {
    const { machine, url } = world
    const [command, ...rest] = version
    told = await versionOf(machine, command, ...rest)
    machine.write(`/run/${file}`, script(file))
    const [interpreter, ...options] = program
    const args = [...options, `/run/${file}`, url, suffix, reader.dn, reader.password]
    const run = await machine.run(interpreter, args, { input: JSON.stringify(asked) })
    expect(run).toMatchObject({ code: 0, stderr: '' })
    said = JSON.parse(run.stdout)
  })

  it('finds people by names with special characters', () => {
    const expected = [ada, grace, jurgen, obrien].map((one) => [
      one.uid,
      [[dnOf(one.uid), one.uid, one.mail]],
    ])
    expect(said.found).toEqual(Object.fromEntries(expected))
  })

  it('binds with the right password, not with a wrong one, nor as who is disabled', () => {
    expect(said.binds).toEqual({
      right: 'success',
      odd: 'success',
      notAscii: 'success',
      wrong: 'invalidCredentials',
      disabled: 'invalidCredentials',
      nobody: 'invalidCredentials',
    })
  })

  it('finds the groups of a person', () => {
    expect(said.groups).toEqual(['engineers', 'web (beta) *'])
  })

  it('pages, compares, and asks who it is', () => {
    expect(said).toMatchObject({
      paged: Object.values(persons)
        .map((one) => one.uid)
        .sort(),
      compare: [true, false],
      whoami: `dn:${reader.dn}`,
      missing: 32,
    })
  })

  if (own !== undefined) {
    it('does what is its own', () => {
      expect(said.own).toMatchObject(own)
    })
  }
})
