/** Clients that others wrote against our server: ldapts and ldapjs. */
import ldapjs from 'ldapjs'
import { Client as TsClient } from 'ldapts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  createLdapServer,
  formatFilter,
  type LdapServer,
  pagedResultsControl,
  parsePagedResults,
} from '../../../src/ldap/index.js'

const PAGED = '1.2.840.113556.1.4.319'
const photo = Buffer.from(Array.from({ length: 256 }, (_, octet) => octet))
let server: LdapServer
let port: number
const seen: string[] = []

beforeAll(async () => {
  server = createLdapServer(
    {
      bind(request) {
        const { authentication } = request
        const right = authentication.mechanism === 'simple' && authentication.password.toString() === 'gehéim'
        return right ? { code: 0 } : { code: 49, message: 'wrong' }
      },
      async search(request, _op, writer) {
        seen.push(formatFilter(request.filter))
        const paged = request.controls.find((control) => control.type === PAGED)
        const { size, cookie } = paged?.value
          ? parsePagedResults(paged)
          : { size: 3, cookie: Buffer.alloc(0) }
        const from = Number(cookie.toString() || '0')
        const to = Math.min(from + size, paged ? 25 : 3)
        for (let i = from; i < to; i++) {
          await writer.entry(`cn=Jürgen\\, ${i},dc=x`, [
            { type: 'cn', values: [`Jürgen, ${i}`] },
            { type: 'objectClass', values: ['top', 'person'] },
            { type: 'jpegPhoto', values: [photo] },
          ])
        }
        if (request.base === 'dc=none') return { code: 32, matchedDN: 'dc=x', message: 'none' }
        if (!paged) return { code: 0 }
        const next = Buffer.from(to < 25 ? `${to}` : '')
        return { code: 0, controls: [pagedResultsControl({ size: 25, cookie: next })] }
      },
      compare: (request) => ({ code: request.value.toString() === 'yes' ? 6 : 5 }),
      add: (request) => ({ code: request.entry === 'cn=taken' ? 68 : 0 }),
      modify: () => ({ code: 0 }),
      delete: () => ({ code: 0 }),
      modifyDn: (request) => ({ code: request.newSuperior === 'dc=y' ? 0 : 53 }),
      extended: () => ({ code: 0, value: Buffer.from('dn:cn=ann') }),
    },
    { supportedControls: [PAGED] },
  )
  port = (await server.listen(0)).port
})

afterAll(() => server.close({ graceMs: 0 }))

describe('ldapts', () => {
  it('binds, searches, pages, writes and is refused', async () => {
    const client = new TsClient({ url: `ldap://127.0.0.1:${port}`, timeout: 5000 })
    await client.bind('cn=ann', 'gehéim')
    const { searchEntries } = await client.search('dc=x', {
      filter: '(&(cn=Jürgen)(|(sn=a*b*c)(!(mail=*))))',
      explicitBufferAttributes: ['jpegPhoto'],
    })
    expect(seen.at(-1)).toBe('(&(cn=Jürgen)(|(sn=a*b*c)(!(mail=*))))')
    expect(searchEntries).toHaveLength(3)
    expect(searchEntries[1]).toMatchObject({
      dn: 'cn=Jürgen\\, 1,dc=x',
      cn: 'Jürgen, 1',
      objectClass: ['top', 'person'],
      jpegPhoto: photo,
    })
    const paged = await client.search('dc=x', { paged: { pageSize: 10 } })
    expect(paged.searchEntries.map((entry) => entry.cn)).toEqual(
      Array.from({ length: 25 }, (_, i) => `Jürgen, ${i}`),
    )
    expect(await client.compare('cn=x', 'a', 'yes')).toBe(true)
    await client.add('cn=new', { cn: 'new' })
    await expect(client.add('cn=taken', { cn: 'taken' })).rejects.toMatchObject({ code: 68 })
    await client.modifyDN('cn=x', 'cn=z,dc=y')
    await client.del('cn=x')
    await expect(client.search('dc=none')).rejects.toMatchObject({ code: 32 })
    await expect(client.bind('cn=ann', 'wrong')).rejects.toMatchObject({ code: 49 })
    await client.unbind()
  })
})

describe('ldapjs', () => {
  it('binds, searches, pages and is refused', async () => {
    const client = ldapjs.createClient({ url: `ldap://127.0.0.1:${port}` })
    const bind = (password: string): Promise<void> =>
      new Promise((resolve, reject) => {
        client.bind('cn=ann', password, (error) => (error ? reject(error) : resolve()))
      })
    const search = (options: ldapjs.SearchOptions): Promise<string[]> =>
      new Promise((resolve, reject) => {
        const names: string[] = []
        client.search('dc=x', options, (error, response) => {
          if (error) return reject(error)
          response.on('searchEntry', (entry) => names.push(entry.pojo.attributes[0]?.values[0] ?? ''))
          response.on('error', reject)
          response.on('end', () => resolve(names))
        })
      })
    await bind('gehéim')
    expect(await search({ filter: '(&(uid=ann)(!(mail=a*)))', scope: 'sub' })).toEqual([
      'Jürgen, 0',
      'Jürgen, 1',
      'Jürgen, 2',
    ])
    expect(seen.at(-1)).toBe('(&(uid=ann)(!(mail=a*)))')
    expect(await search({ paged: { pageSize: 10 }, scope: 'sub' })).toHaveLength(25)
    await expect(bind('wrong')).rejects.toMatchObject({ code: 49 })
    await new Promise<void>((resolve) => client.unbind(() => resolve()))
  })
})
