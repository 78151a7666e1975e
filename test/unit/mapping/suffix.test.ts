/** DNs below another suffix: shown, found and stored by what they are shown as. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Filter } from '../../../src/model/filter.js'
import { directoryTable } from '../../data/memory-directory.js'
import { type Served, served } from '../../data/memory-gateway.js'

const people = directoryTable('people', {
  uid: 'text',
  seeAlso: { kind: 'text', several: true },
  secretary: 'text',
})
const suffix = {
  'dc=corp': 'dc=example,dc=com',
  'OU=Sales, DC=corp': 'o=Sales+l=Oslo,dc=example,dc=com',
}
const mapped = {
  people: {
    from: 'people',
    writable: true,
    attributes: {
      uid: 'uid',
      seeAlso: { column: 'seeAlso', suffix },
      secretary: 'secretary',
    },
    ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['account'] },
  },
}

let gateway: Served
beforeEach(async () => {
  gateway = await served(mapped, (source) =>
    source.add(people, [
      {
        dn: 'uid=ada',
        uid: 'ada',
        seeAlso: ['cn=a\\, b,ou=x,dc=corp', 'cn=c,ou=sales,dc=corp', 'cn=d,dc=elsewhere', 'dc=corp'],
        secretary: 'uid=bob,dc=corp',
      },
      { dn: 'uid=bob', uid: 'bob', seeAlso: ['cn=x,dc=example,dc=com'] },
    ]),
  )
})

const found = (attr: string, value: string) => gateway.ids('people', { op: 'eq', attr, value })

describe('a DN', () => {
  it('is shown below the suffix of the longest that it is below', async () => {
    expect((await gateway.entry('people', 'uid=ada')).get('seeAlso')).toEqual([
      'cn=a\\, b,ou=x,dc=example,dc=com',
      'cn=c,o=Sales+l=Oslo,dc=example,dc=com',
      'cn=d,dc=elsewhere',
      'dc=example,dc=com',
    ])
  })

  it('is found by what is shown, in any spelling, by the source alone', async () => {
    expect(await found('seeAlso', 'CN=A\\2C B, ou=X, dc=Example,dc=com')).toEqual(['uid=ada'])
    expect(await found('seeAlso', 'cn=c,l=oslo+o=sales,dc=example,dc=com')).toEqual(['uid=ada'])
    expect(await found('seeAlso', 'cn=d,dc=elsewhere')).toEqual(['uid=ada'])
    expect(await found('seeAlso', 'cn=x,dc=example,dc=com')).toEqual(['uid=bob'])
    expect(await found('secretary', 'UID=bob, dc=corp')).toEqual(['uid=ada'])
    const filter: Filter = { op: 'eq', attr: 'seeAlso', value: 'cn=x,dc=example,dc=com' }
    expect(await gateway.residual('people', filter)).toBeUndefined()
    expect(await gateway.residual('people', { op: 'not', of: filter })).toBeUndefined()
  })

  it('is not found by what it is kept as', async () => {
    expect(await found('seeAlso', 'cn=c,ou=sales,dc=corp')).toEqual([])
    expect(await found('seeAlso', 'cn=c,ou=sales,dc=example,dc=com')).toEqual([])
    expect(await found('seeAlso', 'dc=corp')).toEqual([])
  })

  it('is stored below the suffix it is kept below', async () => {
    const values = [
      'cn=new,dc=example,dc=com',
      'cn=far,dc=elsewhere',
      'cn=s,o=sales+l=oslo,dc=example,dc=com',
    ]
    await gateway.change('people', 'uid=bob', [{ op: 'replace', attr: 'seeAlso', values }])
    expect(gateway.source.entry('people', 'uid=bob')?.seeAlso).toEqual([
      'cn=new,dc=corp',
      'cn=far,dc=elsewhere',
      'cn=s,OU=Sales,DC=corp',
    ])
    expect((await gateway.entry('people', 'uid=bob')).get('seeAlso')).toEqual([
      'cn=new,dc=example,dc=com',
      'cn=far,dc=elsewhere',
      'cn=s,o=Sales+l=Oslo,dc=example,dc=com',
    ])
  })

  it('that could not be shown as it is, is not stored', async () => {
    const values = ['cn=new,dc=corp']
    await expect(
      gateway.change('people', 'uid=bob', [{ op: 'replace', attr: 'seeAlso', values }]),
    ).rejects.toThrow(/seeAlso cannot be stored/)
  })
})
