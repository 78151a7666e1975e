/** Assertions, pre-read, post-read and no-op with what is written: the same to the gateway over each database and to slapd. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayInput } from '../../src/index.js'
import {
  assertionControl,
  type Control,
  controlType,
  findControl,
  LdapClient,
  LdapError,
  noOpControl,
  parseFilter,
  parseReadResponse,
  postReadControl,
  preReadControl,
  type ResultMessage,
  treeDeleteControl,
} from '../../src/ldap/index.js'
import { type Slapd, startSlapd } from '../servers/slapd.js'
import { databases, runSql, type Serving, serve } from './serving.js'
import { admin, classes, crewDn, personDn, staffConfig, staffLdif, staffSql, suffix } from './staff.js'
import { directoryConfig, staffDirectory } from './staff-directory.js'

type Work = (client: LdapClient, controls: readonly Control[]) => Promise<ResultMessage>

const retitle =
  (login: string, title: string): Work =>
  (client, controls) =>
    client.modify(personDn(login), [{ operation: 'replace', type: 'title', values: [title] }], { controls })
const hire =
  (login: string): Work =>
  (client, controls) =>
    client.add(
      personDn(login),
      [
        { type: 'objectClass', values: classes.filter((name) => name !== 'top') },
        { type: 'uid', values: [login] },
        { type: 'cn', values: [`New ${login}`] },
        { type: 'sn', values: ['New'] },
        { type: 'uidNumber', values: ['2000'] },
        { type: 'gidNumber', values: ['100'] },
        { type: 'homeDirectory', values: [`/home/${login}`] },
      ],
      { controls },
    )
const dismiss =
  (login: string): Work =>
  (client, controls) =>
    client.delete(personDn(login), { controls })
const rename =
  (login: string, to: string): Work =>
  (client, controls) =>
    client.modifyDn(personDn(login), `uid=${to}`, { deleteOldRdn: true, controls })
const enlist =
  (crew: string, login: string): Work =>
  (client, controls) =>
    client.modify(crewDn(crew), [{ operation: 'add', type: 'member', values: [personDn(login)] }], {
      controls,
    })

const when = (filter: string) => assertionControl(parseFilter(filter))
const was = (...attributes: string[]) => preReadControl(attributes, true)
const is = (...attributes: string[]) => postReadControl(attributes, true)
const bare = (type: string, critical = true, value?: string): Control => ({
  type,
  critical,
  ...(value !== undefined && { value: Buffer.from(value, 'hex') }),
})
const people = personDn('').slice('uid=,'.length)

/** One after the other, each on what the last one left. */
const steps: readonly (readonly [string, Work, readonly Control[], about?: string])[] = [
  ['an assertion that holds', retitle('ann', 'A1'), [when('(uid=ann)')]],
  ['one that does not', retitle('ann', 'A2'), [when('(title=Chief)')]],
  ['one about what is about to change', retitle('ann', 'A3'), [when('(title=A1)')]],
  ['one about classes', retitle('ann', 'A4'), [when('(&(objectClass=person)(!(objectClass=groupOfNames)))')]],
  ['one about nothing known', retitle('ann', 'A5'), [when('(nosuch=x)')]],
  ['its negation', retitle('ann', 'A6'), [when('(!(nosuch=x))')]],
  ['one about what is absent', retitle('bob', 'B1'), [when('(!(title=*))')]],
  ['one that need not be followed', retitle('bob', 'B2'), [{ ...when('(title=none)'), critical: false }]],
  ['one about several values', retitle('cid', 'C1'), [when('(&(mail=C@example.org)(mail=cid@*))')]],
  ['one about a boss', retitle('bob', 'B3'), [when(`(manager=${personDn('ann')})`)]],
  ['one about another boss', retitle('bob', 'B4'), [when(`(manager=${personDn('eve')})`)]],
  ['one of a group', enlist('red', 'eve'), [when(`(member=${personDn('bob')})`)], crewDn('red')],
  [
    'one of a group that is no longer so',
    enlist('red', 'cid'),
    [when(`(!(member=${personDn('eve')}))`)],
    crewDn('red'),
  ],
  ['of an entry that is not there', retitle('nobody', 'N'), [when('(uid=nobody)')], people],
  ['without a filter', retitle('ann', 'A8'), [bare(controlType.assertion)]],
  ['twice', retitle('ann', 'A9'), [when('(uid=ann)'), when('(uid=ann)')]],
  ['before and after', retitle('ann', 'A10'), [was('title', 'uid'), is('title')]],
  ['before, all', retitle('cid', 'C2'), [was('*')]],
  ['after, nothing', retitle('cid', 'C3'), [is('1.1')]],
  ['after, by supertype', retitle('cid', 'C4'), [is('name')]],
  ['before, references', retitle('bob', 'B5'), [was('manager')]],
  [
    'of a group, before and after',
    enlist('blue', 'dee'),
    [was('member'), is('member', 'cn')],
    crewDn('blue'),
  ],
  ['of a change that fails', enlist('blue', 'dee'), [was('member')], crewDn('blue')],
  ['of an unknown attribute', retitle('ann', 'A11'), [was('nosuch')]],
  [
    'of an unknown attribute, if there is',
    retitle('ann', 'A12'),
    [{ ...was('nosuch', 'title'), critical: false }],
  ],
  ['without attributes', retitle('ann', 'A13'), [bare(controlType.preRead)]],
  ['with a malformed value', retitle('ann', 'A14'), [bare(controlType.postRead, false, 'ff')]],
  ['tried out', retitle('ann', 'A15'), [noOpControl()]],
  ['tried out, if possible', retitle('ann', 'A16'), [noOpControl(false)]],
  ['tried out with a value', retitle('ann', 'A17'), [bare(controlType.noOp, true, '00')]],
  ['tried out in vain', enlist('blue', 'dee'), [noOpControl()], crewDn('blue')],
  ['tried out with what is not there', retitle('nobody', 'N'), [noOpControl()], people],
  ['tried out with an assertion', retitle('ann', 'A18'), [noOpControl(), when('(uid=bob)')]],
  ['a new entry tried out', hire('fay'), [noOpControl()], people],
  ['a new entry that is there tried out', hire('ann'), [noOpControl()]],
  ['a new entry with an assertion', hire('gus'), [when('(uidNumber=2000)')]],
  ['a new entry with another assertion', hire('hal'), [when('(uidNumber=1)')], people],
  ['a new entry, as it is', hire('ida'), [is('uid', 'cn', 'objectClass')]],
  ['a new entry, as it was', hire('jim'), [was('uid')], people],
  ['a name tried out', rename('ida', 'ilk'), [noOpControl()]],
  ['a name that is taken tried out', rename('ida', 'ann'), [noOpControl()]],
  ['a name, before and after', rename('ida', 'ivy'), [was('uid'), is('uid')], personDn('ivy')],
  ['a name with an assertion', rename('ivy', 'ida'), [when('(sn=Old)')], personDn('ivy')],
  ['deleting tried out', dismiss('ivy'), [noOpControl()], personDn('ivy')],
  ['deleting with an assertion', dismiss('ivy'), [when('(sn=Old)')], personDn('ivy')],
  ['deleting, as it is', dismiss('ivy'), [is('uid')], personDn('ivy')],
  ['deleting, as it was', dismiss('ivy'), [was('uid', 'sn')], people],
  ['deleting what is gone', dismiss('ivy'), [was('uid', 'sn')], people],
  ['pages of a change', retitle('ann', 'A19'), [bare(controlType.pagedResults)]],
  ['pages of a change, if possible', retitle('ann', 'A20'), [bare(controlType.pagedResults, false)]],
]

async function resultOf(client: LdapClient, work: Work, controls: readonly Control[], about: string) {
  let done: { code: number; controls: readonly Control[] }
  try {
    done = await work(client, controls)
  } catch (error) {
    if (!(error instanceof LdapError)) throw error
    done = { code: error.code, controls: [] }
  }
  const told = [controlType.preRead, controlType.postRead].map((type) => {
    const found = findControl(done.controls, type)
    return found && plain(parseReadResponse(found))
  })
  const { entries } = await client.searchAll(about, { scope: 'baseObject', attributes: ['*'] })
  return { code: done.code, told, entries: entries.map(plain) }
}

function plain({
  dn,
  attributes,
}: {
  dn: string
  attributes: readonly { type: string; values: readonly Buffer[] }[]
}) {
  return [
    dn,
    ...attributes
      .filter(({ type }) => type !== 'memberOf')
      .map(({ type, values }) => {
        // Which of their superclasses entries tell is their own affair.
        const shown = values.map(String).filter((value) => type !== 'objectClass' || value !== 'top')
        return `${type}: ${shown.sort().join(', ')}`
      })
      .sort(),
  ]
}

let slapd: Slapd
const expected: unknown[] = []

beforeAll(async () => {
  slapd = await startSlapd({ suffix, ldif: staffLdif(), strict: true })
  const oracle = await LdapClient.connect({ host: slapd.host, port: slapd.port })
  await oracle.bind(slapd.rootDn, slapd.rootPassword)
  for (const [, work, controls, about = personDn('ann')] of steps)
    expected.push(await resultOf(oracle, work, controls, about))
  oracle.close()
})
afterAll(() => slapd?.stop())

interface Standing {
  readonly config: GatewayInput
  end(): Promise<unknown> | unknown
}

const standings: readonly (readonly [string, () => Promise<Standing>])[] = [
  ...databases.map(
    ([name, create]) =>
      [
        name,
        async () => {
          const database = await create()
          await runSql(database.url, staffSql(database.url))
          return { config: staffConfig(database.url), end: () => database.remove() }
        },
      ] as const,
  ),
  [
    'a directory',
    async () => {
      const directory = await staffDirectory()
      return { config: directoryConfig(directory), end: () => directory.stop() }
    },
  ],
]

describe.each(standings)('over %s', (_name, stand) => {
  let standing: Standing
  let serving: Serving
  let client: LdapClient

  beforeAll(async () => {
    standing = await stand()
    serving = await serve(standing.config)
    client = await serving.connect(admin.dn, admin.password)
  })
  afterAll(async () => {
    await serving?.close()
    await standing?.end()
  })

  it.each(steps.map(([name, ...step], i) => [`${i + 1}. ${name}`, step, i] as const))(
    '%s',
    async (_told, [work, controls, about = personDn('ann')], i) => {
      expect(await resultOf(client, work, controls, about)).toEqual(expected[i])
    },
  )

  it('of many who change an entry on the same condition, one does', async () => {
    const clients = await Promise.all(
      Array.from({ length: 8 }, () => serving.connect(admin.dn, admin.password)),
    )
    const first = await retitle('dee', 'free')(client, [])
    expect(first.code).toBe(0)
    const codes = await Promise.all(
      clients.map((one, i) =>
        retitle('dee', `taken by ${i}`)(one, [when('(title=free)')]).then(
          ({ code }) => code,
          (error: unknown) => (error instanceof LdapError ? error.code : -1),
        ),
      ),
    )
    expect(codes.filter((code) => code === 0)).toHaveLength(1)
    expect(codes.filter((code) => code === 122)).toHaveLength(7)
  })

  it('a tree is not deleted at once', async () => {
    const controls = [treeDeleteControl()]
    const refusal = client.delete(personDn('dee'), { controls })
    await expect(refusal).rejects.toMatchObject({ code: 12 })
  })
})
